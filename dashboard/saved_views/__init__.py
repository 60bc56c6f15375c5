"""Saved views: a list's filters under a name, for one person or for a project."""
