"""The matting network: data, drawn things, learning, export and evaluation."""
