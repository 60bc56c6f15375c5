"""Secrets: one merged view of every scope, and their changes."""
