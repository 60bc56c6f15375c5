"""Reads settings from the environment and refuses values that make no sense.

Every helper raises `ImproperlyConfigured` with the variable's name, its value and what would do.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}


def text(name: str, default: str) -> str:
    """The variable's value without surrounding blanks; an empty one counts as unset."""
    return os.environ.get(name, "").strip() or default


def boolean(name: str, default: bool) -> bool:
    """True for 1/true/yes/on, False for 0/false/no/off, the default when unset."""
    given = text(name, "").lower()
    if not given:
        return default
    if given not in _TRUE | _FALSE:
        raise ImproperlyConfigured(f"{name}={given!r} is neither true nor false. Use 1 or 0.")
    return given in _TRUE


def number(name: str, default: int) -> int:
    """A whole number from 0 on."""
    given = text(name, str(default))
    if not (given.isascii() and given.isdecimal() and len(given) < 10):
        raise ImproperlyConfigured(f"{name}={given!r} is no whole number from 0 on.")
    return int(given)


def log_level(name: str, default: str) -> str:
    """One of logging's level names, in either case."""
    given = text(name, default).upper()
    if given not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise ImproperlyConfigured(
            f"{name}={given!r} is no level. Use DEBUG, INFO, WARNING or ERROR."
        )
    return given


def words(name: str, default: list[str]) -> list[str]:
    """A comma-separated list; blanks and empty items are dropped."""
    return [word.strip() for word in text(name, ",".join(default)).split(",") if word.strip()]


def pairs(name: str) -> dict[str, str]:
    """A comma-separated list of `name=words`; empty when unset."""
    found = {}
    for item in words(name, []):
        key, is_pair, value = item.partition("=")
        if not is_pair or not key.strip():
            raise ImproperlyConfigured(
                f"{name} holds {item!r}. Use name=words, separated by commas."
            )
        found[key.strip()] = value.strip()
    return found


def endpoint(name: str, default: str) -> str:
    """A platform's address: `host:port`, or a URL with a scheme (whose port may be implied)."""
    given = text(name, default)
    try:
        address = _split(given)
        is_address = bool(address.hostname) and (address.port is not None or "://" in given)
    except ValueError:
        is_address = False
    if not is_address or any(char.isspace() for char in given):
        raise ImproperlyConfigured(f"{name}={given!r} is not an address. Use host:port.")
    return given


def is_loopback(address: str) -> bool:
    """Whether an endpoint names this machine itself: `localhost`, 127.0.0.0/8 or ::1."""
    host = _split(address).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def is_plain(address: str) -> bool:
    """Whether an endpoint is meant in plaintext: by its scheme, else when it is on loopback."""
    scheme = address.partition("://")[0] if "://" in address else ""
    if scheme in ("http", "https", "grpc", "grpcs"):
        return not scheme.endswith("s")
    return is_loopback(address)


def _split(address: str) -> SplitResult:
    rest = address.removeprefix("dns:///")
    return urlsplit(rest if "://" in rest else f"//{rest}")


def existing_file(name: str) -> str | None:
    """The path of a file that is there, or None when unset."""
    given = text(name, "")
    if given and not Path(given).is_file():
        raise ImproperlyConfigured(f"{name}={given!r} is not a file.")
    return given or None


def home(name: str, default: Path) -> Path:
    """The data folder, made when missing and readable by its owner alone."""
    folder = Path(text(name, str(default))).expanduser().absolute()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(f"{name}={str(folder)!r} can't be used: {error}.") from error
    return folder


def secret_key(name: str, folder: Path) -> str:
    """The signing key from the environment, else one that is made once and kept in `folder`."""
    given = text(name, "")
    if given:
        if len(given) < 32:
            raise ImproperlyConfigured(f"{name} is shorter than 32 characters.")
        return given
    return kept(folder / "secret_key", lambda: secrets.token_urlsafe(48))


def kept(path: Path, make: Callable[[], str]) -> str:
    """What a private file holds; made at the first time, and the same for ever after."""
    if not path.exists():
        _keep_once(path, make())
    return path.read_text().strip()


def _keep_once(path: Path, content: str) -> None:
    """Write a file that must have one value for ever, even if two processes start at once."""
    mine = path.with_name(f"{path.name}.{os.getpid()}")
    mine.touch(mode=0o600)
    mine.write_text(content)
    try:
        os.link(mine, path)  # fails when the other process was first, and then its key is ours too
    except FileExistsError:
        return
    finally:
        mine.unlink()


def database(name: str, folder: Path) -> dict[str, Any]:
    """Django's settings of the database that the URL names; SQLite in `folder` when unset."""
    url = text(name, f"sqlite:///{folder / 'dashboard.sqlite3'}")
    if url.partition(":")[0] not in environ.Env.DB_SCHEMES:
        raise ImproperlyConfigured(f"{name} has an unknown scheme. Use sqlite:/// or postgres://.")
    config: dict[str, Any] = environ.Env.db_url_config(url)
    if config["ENGINE"].endswith("sqlite3"):
        # WAL lets readers and the writer work at once; IMMEDIATE takes the write lock at the start,
        # so that a transaction waits its turn (`timeout`, in seconds) instead of failing half-way.
        config["OPTIONS"] = {
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            "timeout": 10,
            "transaction_mode": "IMMEDIATE",
        }
    return config
