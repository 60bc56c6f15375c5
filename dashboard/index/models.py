"""Tables of the run index."""
