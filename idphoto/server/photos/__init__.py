"""The ID-photo API, ``/v1``: the jobs of the command line and the library, over HTTP."""

from idphoto.server.photos.routes import router

__all__ = ["router"]
