"""Seals tokens for the database: MultiFernet, whose first key seals and whose every key opens."""

from __future__ import annotations

from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from dashboard import environment


class UnreadableError(Exception):
    """None of the keys opens what was sealed: its key is gone."""


def read_keys(name: str, folder: Path) -> tuple[str, ...]:
    """The keys from the environment, newest first; else one that is made once in `folder`."""
    keys = tuple(environment.words(name, []))
    if not keys:
        keys = (environment.kept(folder / "token_key", lambda: Fernet.generate_key().decode()),)
    try:
        for key in keys:
            Fernet(key)
    except ValueError:
        # Never the key itself: this line ends up in a log.
        raise ImproperlyConfigured(
            f"{name} holds something that is no key. Make one with `python -c 'from cryptography."
            "fernet import Fernet; print(Fernet.generate_key().decode())'`."
        ) from None
    return keys


def seal(text: str) -> str:
    """The text, readable with the keys alone."""
    return _box().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """What was sealed. Raises UnreadableError."""
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise UnreadableError("No key in TOKEN_KEYS opens this.") from None


def _box() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.TOKEN_KEYS])
