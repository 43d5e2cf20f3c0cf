"""The studio page and its requests: ``pages`` serves the page itself, ``routes`` does its work."""

from idphoto.server.studio.routes import make_router

__all__ = ["make_router"]
