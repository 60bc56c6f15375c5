"""A process with the SDK imported, from which the processes of attempts are forked."""
