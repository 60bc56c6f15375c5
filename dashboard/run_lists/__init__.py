"""Lists of runs: what the address asks for, export, and changes of many at once."""
