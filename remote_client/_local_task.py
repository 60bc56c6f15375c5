"""A plain Python function that states which secrets it needs, and says so when one is missing."""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, overload

from remote_client._secret_request import Secret, SecretsLike, secrets_of

P = ParamSpec("P")
R = TypeVar("R")


@overload
def task(function: Callable[P, R], /) -> Callable[P, R]: ...
@overload
def task(*, secrets: SecretsLike = ()) -> Callable[[Callable[P, R]], Callable[P, R]]: ...
def task(
    function: Callable[..., Any] | None = None, /, *, secrets: SecretsLike = ()
) -> Callable[..., Any]:
    """Mark a function as a task that needs `secrets`; it runs where it is called.

    A call raises RuntimeError, naming the secret and its variable, when one is not in the
    environment. To register and run tasks on a platform, use the `flyte` SDK.
    """
    needed = secrets_of(secrets)
    if function is None:
        return lambda decorated: _checked(decorated, needed)
    return _checked(function, needed)


def _checked(function: Callable[..., Any], needed: tuple[Secret, ...]) -> Callable[..., Any]:
    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def run(*args: Any, **kwargs: Any) -> Any:
            _require(function.__name__, needed)
            return await function(*args, **kwargs)

    else:

        @functools.wraps(function)
        def run(*args: Any, **kwargs: Any) -> Any:
            _require(function.__name__, needed)
            return function(*args, **kwargs)

    run.secrets = needed  # type: ignore[attr-defined]
    return run


def _require(name: str, needed: tuple[Secret, ...]) -> None:
    for secret in needed:
        if secret.as_env_var and secret.as_env_var not in os.environ:
            raise RuntimeError(
                f"{name} needs the secret {secret.key!r} in the environment variable "
                f"{secret.as_env_var}, which is not set."
            )
