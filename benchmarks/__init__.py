"""Measure the speed and the quality of idphoto."""
