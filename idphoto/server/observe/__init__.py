"""What can be seen of a server from outside: figures and logs. Neither holds a name or a pixel."""
