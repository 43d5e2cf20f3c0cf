"""Worker processes, in which pictures are decoded and worked on.

A worker gets the bytes of files and plain data through a socket, and returns the same. It has no network address, no
key, and no access to the ledger or to the results, and it cannot write to files. If a picture crashes its decoder, one
request fails and the server goes on.
"""
