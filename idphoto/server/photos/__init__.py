"""The ID-photo API under ``/v1``: the jobs of the command line and the library over HTTP."""

from idphoto.server.photos.routes import make_router

__all__ = ["make_router"]
