"""What the dashboard asks of a platform: one class of calls per noun, joined in `upstream`."""
