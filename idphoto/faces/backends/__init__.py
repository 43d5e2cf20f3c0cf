"""Backends that detect faces, one file each; the table is in :mod:`idphoto.faces`."""
