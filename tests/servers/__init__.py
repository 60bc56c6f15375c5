"""Real PostgreSQL, Redis and nginx servers for tests, each in a folder of its own."""
