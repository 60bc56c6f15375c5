"""The HTTP API for scripts, version 1: JSON, signed in by API tokens and by nothing else."""
