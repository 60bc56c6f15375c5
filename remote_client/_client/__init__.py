"""The connection: channels, service stubs, calls."""
