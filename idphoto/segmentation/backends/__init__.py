"""Backends that segment people, one file each; the table is in :mod:`idphoto.segmentation`."""
