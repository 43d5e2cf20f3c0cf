"""Measure the mean face and the skull above it."""
