"""The service: a cutout API and an ID-photo API over the same jobs, and the promises that go with them.

Uploads live in memory only. Results given as addresses live a day. Success costs, failure never
does. Work is done by processes that can be lost without losing the server. ``docs/service.md``
says what is promised and which tests hold it to that, ``docs/deploy.md`` how it is run.

::

    run        settings to a listening server
    app        the faces, assembled: cutouts/ speaks in envelopes, photos/ (/v1) in problems, public needs no key
    orders     what of a job a request may ask for; capabilities: what each thing costs and takes
    web/       how a request comes in: key, room, body in memory, hang-ups, headers
    work/      the pool of worker processes and what they can be asked
    ledger/    keys and credits               results    what was made, for a day
    observe/   metrics and logs
"""
