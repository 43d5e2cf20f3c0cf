"""Make the weights and measures that ship with idphoto."""
