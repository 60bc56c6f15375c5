"""Names that callers build requests from."""
