"""Tables of saved views."""
