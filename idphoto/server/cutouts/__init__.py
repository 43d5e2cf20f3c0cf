"""The cutout API: the contract of the hosted service, whose clients change their base address and nothing else."""

from idphoto.server.cutouts.routes import PATHS, router

__all__ = ["PATHS", "router"]
