"""Every component in every phase on one page."""
