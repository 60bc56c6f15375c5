"""Tokens from a program of the user's own: whatever it prints is the access token."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress

from remote_client._client.auth.credentials import Credentials
from remote_client._client.auth.errors import AuthenticationError
from remote_client._client.auth.token_authenticator import TokenAuthenticator
from remote_client._client.auth.token_endpoint import clean

__all__ = ["AsyncCommandAuthenticator"]

# Arguments shorter than this are words of the command line, not secrets.
_SHORTEST_SECRET = 6


class AsyncCommandAuthenticator(TokenAuthenticator):
    """Runs `command` of the options and takes what it prints as the token.

    The command is a list, run without a shell and without input, and ended with everything it
    started after `command_timeout_s` seconds. A JWT's own `exp` says when to run it again.
    """

    quiet = True

    def _check_options(self) -> None:
        if not self._command:
            raise AuthenticationError(
                "The external command is empty. Give the program and its arguments as a list."
            )

    async def _sign_in(self) -> Credentials:
        output = await self._output()
        token = output.decode("utf-8", "replace").strip()
        if not token:
            raise AuthenticationError(f"{self._program} printed no token.")
        if len(token.split()) != 1:
            # Not repeated here: a token may be among it.
            raise AuthenticationError(
                f"{self._program} printed more than a token. It must print the token alone."
            )
        return Credentials.from_token(token, now=self._clock.now())

    async def _refresh(self, credentials: Credentials) -> Credentials:
        return await self._sign_in()

    async def _output(self) -> bytes:
        process = await self._start()
        timeout_s = self._options.command_timeout_s
        try:
            async with asyncio.timeout(timeout_s):
                output, errors = await process.communicate()
        except TimeoutError:
            raise AuthenticationError(
                f"{self._program} printed no token within {timeout_s:g} s and was ended."
            ) from None
        finally:
            await _end(process)
        if process.returncode:
            secrets = [word for word in self._command[1:] if len(word) >= _SHORTEST_SECRET]
            said = clean(errors.decode("utf-8", "replace"), secrets)
            raise AuthenticationError(
                f"{self._program} failed with exit code {process.returncode}"
                + (f": {said}" if said else "")
                + "."
            )
        return output

    async def _start(self) -> asyncio.subprocess.Process:
        try:
            return await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                # A group of its own, so that the end reaches what the command started too.
                start_new_session=True,
            )
        except OSError as error:
            raise AuthenticationError(
                f"{self._program} cannot be started: {error.strerror or error}."
            ) from error

    @property
    def _command(self) -> tuple[str, ...]:
        return self._options.command

    @property
    def _program(self) -> str:
        # Only the program: arguments may hold secrets.
        return f"The external command {self._command[0]!r}"


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
