"""How codes and tokens are kept: so that the file does not give them away."""

from __future__ import annotations

import hashlib


def digest(secret: str) -> str:
    """How a code or token is kept. They are random and long, so a plain hash hides them.

    All but the code that a person types, which is short; it is worth nothing after ten minutes.
    """
    return hashlib.sha256(secret.encode()).hexdigest()
