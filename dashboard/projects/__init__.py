"""Projects: list, detail and their changes."""
