"""Tables of wall."""
