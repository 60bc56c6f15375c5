"""The wall: a full-screen operations screen, shown by a read-only link."""
