"""Who calls the platform: sign-in with PKCE, the tokens that it gives, and how long they count.

docs/sign-in.md tells how it behaves and why.
"""
