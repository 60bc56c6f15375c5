"""The run index: a read model of every run, for what no list of the platform answers."""
