"""Files that come with a form: stored on the platform, their address put into the field."""

from __future__ import annotations

import re
import secrets
from typing import Any

from django.http import HttpRequest

from dashboard.access import audit
from dashboard.launching.editing import find
from dashboard.launching.form import LaunchForm
from dashboard.upstream import platform
from remote_client.errors import RemoteError

MOST_FILES = 500
_TAIL = "~f"
_TAKING = ("file", "dir", "table", "schema", "pickle")
_ODD = re.compile(r"[^A-Za-z0-9._-]")


async def take_files(request: HttpRequest, form: LaunchForm) -> None:
    """Upload what was chosen; a file that the platform refuses leaves a problem at its field."""
    for key in request.FILES:
        path = key.removesuffix(_TAIL)
        place = find(list(form.blueprint.parts), form.entries, path)
        files = request.FILES.getlist(key)[:MOST_FILES]
        if place is None or not key.endswith(_TAIL) or not files:
            continue
        if place.shape.kind not in _TAKING or place.entry.as_json:
            continue
        try:
            address = await _upload(form, files, is_folder=place.shape.kind == "dir")
        except RemoteError as error:
            form.problems[path] = error.message
            continue
        place.entry.text, form.focus = address, path
        where = f"{form.blueprint.scope.project}/{form.blueprint.scope.domain}"
        action = "run.rerun" if form.blueprint.is_rerun else "run.launch"
        await audit.record(request, action, where, detail=f"uploaded {len(files)} file(s)")


async def _upload(form: LaunchForm, files: list[Any], *, is_folder: bool) -> str:
    scope = form.blueprint.scope
    if not is_folder:
        address = await platform().upload(scope, files[0].file, safe_name(files[0].name))
        return str(address)
    folder = f"flightboard-{secrets.token_hex(8)}"
    addresses = [
        await platform().upload(scope, each.file, safe_name(each.name), folder) for each in files
    ]
    return str(addresses[-1]).rpartition("/")[0]


def safe_name(name: str) -> str:
    """A file's own name, without what a store could take for a path."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return _ODD.sub("_", last).strip(". ")[:120] or "file"
