"""Small programs for the maintenance of the repository."""
