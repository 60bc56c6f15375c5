"""Apps: what a platform keeps serving."""
