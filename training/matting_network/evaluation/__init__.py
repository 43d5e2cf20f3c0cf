"""Measure how good mattes are, and show what is wrong with them."""
