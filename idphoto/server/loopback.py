"""Recognise addresses of this machine."""

from __future__ import annotations

import ipaddress
from contextlib import suppress

__all__ = ["is_loopback"]


def is_loopback(host: str) -> bool:
    """Return True for ``localhost`` and for IPv4 or IPv6 addresses of the loopback interface."""
    if host == "localhost":
        return True
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return False
