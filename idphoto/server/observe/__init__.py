"""Metrics and logs of a server. Neither contains names, values or pixels that a client sent."""
