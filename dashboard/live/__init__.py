"""The live relay: one upstream stream per thing watched, however many people watch it."""
