"""The HTTP service: a cutout API and an ID-photo API over the same jobs as the command line.

``docs/service.md`` says what the service guarantees and which tests check it; ``docs/deploy.md`` says how to
run it.

::

    run            start a server from its settings
    app            assemble the routes and the middleware
    studio/        the studio page, which stands in page/, and its requests
    cutouts/       the cutout API, answers in the hosted service's envelope
    photos/        the ID-photo API under /v1, refusals as RFC 9457 problem details
    public         routes without a key: results, health, metrics
    web/           one request: guard, body, billing, repeated requests, delivery of files, end of a connection
    context        everything that the requests of a server share
    connections    number and time of connections
    access         keys, rates, requests at the same time
    observe/       metrics and logs
    ledger/        keys and credits
    results        files that are kept for a day
    sessions       photos that the studio page has open, in memory
    upload_memory  memory of all uploads
    work/          worker processes and their tasks
    request_job    the options of a job that a request may set
    sheet_order    limit and price of the print sheets of a request
    capabilities   prices and limits of what can be requested
    refusals       the reasons for which a request is refused

Imports go from the top of this list to the bottom only; ``pyproject.toml`` enforces it.
"""
