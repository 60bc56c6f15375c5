"""Settings: those the platform keeps, and those this dashboard was started with."""
