"""Search over everything, for the command palette."""
