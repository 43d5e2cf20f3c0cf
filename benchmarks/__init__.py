"""What idphoto costs and how good it is, measured."""
