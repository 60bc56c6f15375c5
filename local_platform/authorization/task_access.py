"""Gives the process of each attempt what it needs to call a platform that asks for tokens.

The SDK's runtime takes an API key, too, but cannot read one for an address with a port. A config
file is the one way by which it takes a token and a CA file at once.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

from local_platform.authorization.tokens import TASK_CLIENT, TokenMaker
from local_platform.layout import AttemptFiles
from local_platform.store.records import ActionRecord


class TaskAccess:
    """`endpoint` is `localhost:<port>`, `authority` the CA file that the platform's TLS follows."""

    def __init__(self, tokens: TokenMaker, endpoint: str, authority: Path) -> None:
        self._tokens = tokens
        self._endpoint = endpoint
        self._authority = authority

    def __call__(self, action: ActionRecord, attempt: int, files: AttemptFiles) -> dict[str, str]:
        """Variables for the attempt's environment; the files that they name are made here."""
        files.folder.mkdir(parents=True, exist_ok=True)
        token, config = files.folder / "token", files.folder / "config.yaml"
        # A file rather than a variable: programs print their environment into their logs.
        subject = action.created_by or TASK_CLIENT
        _write_private(token, self._tokens.for_attempt(subject, action.key, attempt))
        _write_private(config, json.dumps(self._config(token)))  # JSON is YAML
        # The runtime looks at the first before the second.
        return {"UCTL_CONFIG": str(config), "FLYTECTL_CONFIG": str(config)}

    def _config(self, token: Path) -> dict[str, object]:
        admin = {
            "endpoint": f"dns:///{self._endpoint}",
            "caCertFilePath": str(self._authority),
            "authType": "ExternalCommand",
            "command": [shutil.which("cat") or "/bin/cat", str(token)],
            "disableKeyring": True,
        }
        return {"admin": admin, "image": {"builder": "remote"}}


def _write_private(file: Path, text: str) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(text)
