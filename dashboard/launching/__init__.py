"""Starting runs: the launch form, from an interface to inputs, and reruns with changes."""
