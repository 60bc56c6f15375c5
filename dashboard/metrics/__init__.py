"""What operators' tools ask of a server: its metrics, its health and its readiness."""
