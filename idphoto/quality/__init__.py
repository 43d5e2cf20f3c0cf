"""Measure the quality of a portrait: the components of ISO/IEC 29794-5, and measures of our own.

Each file holds one group of measures as pure functions on arrays. Names of components and the mapping from raw values
to scores follow OFIQ, the reference implementation of the standard; see :mod:`idphoto.quality.scores`.
"""
