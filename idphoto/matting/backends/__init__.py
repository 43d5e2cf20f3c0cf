"""Matting backends, one file each; the table is in :mod:`idphoto.matting`."""
