"""Home: my runs, failures of the day, and what waits for me, across projects."""
