"""Where pictures are worked on: processes that speak frames with the server, and nothing else.

A worker has no address, no key, no ledger and no store. It gets a file's bytes and plain data
through a socket, gives bytes and plain data back, and may not write to any file. Whatever a
picture does to its decoder, the server lives on.
"""
