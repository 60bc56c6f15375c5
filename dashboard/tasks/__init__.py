"""Tasks: what a project can run, version by version."""
