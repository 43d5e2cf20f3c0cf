"""Image quality, measured: the components of ISO/IEC 29794-5 and some of our own.

Pure functions on arrays, a file for each idea. What they are called and how raw values become
scores follows OFIQ, the reference implementation; see :mod:`idphoto.quality.scores`.
"""
