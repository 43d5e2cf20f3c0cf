"""How a request comes in: its key, room for it, its body in memory, and its end if the client leaves."""
