"""The cutout API. It has the interface of the hosted service, so that its clients need only another base URL."""

from idphoto.server.cutouts.routes import ROUTES, make_router

__all__ = ["ROUTES", "make_router"]
