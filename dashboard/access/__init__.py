"""Who may do what: roles, grants, the audit log and API tokens."""
