"""Draw people, hair, accessories and backgrounds with exact alpha."""
