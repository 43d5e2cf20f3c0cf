"""How the numbers and weights that ship with idphoto were made."""
