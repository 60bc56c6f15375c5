"""Serves the style sheets, scripts and images, with hashed names once they are collected."""

from __future__ import annotations

import asyncio
import posixpath
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

from asgiref.sync import markcoroutinefunction
from django.conf import settings
from django.core.files.base import ContentFile
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.storage import CompressedManifestStaticFilesStorage

from dashboard import bundles


class HashedFiles(CompressedManifestStaticFilesStorage):
    """Names files by their content, which lets browsers keep them for ever.

    A file that was not collected (in tests, or added since) keeps its plain name, which serves too.
    """

    # `import "./x.js"` inside a module must name the hashed file too.
    support_js_module_import_aggregation = True
    # A name is settled one import deeper at each pass; the longest chain of ours has six.
    max_post_process_passes = 12

    def post_process(
        self, paths: dict[str, Any], dry_run: bool = False, **options: Any
    ) -> Iterator[Any]:
        """Writes the bundles over the collected files first, so that their names are hashed too."""
        if not dry_run:
            # What was written here is read from here, not from the source tree.
            paths = {**paths, **{name: (self, name) for name in self._bundle(paths)}}
        yield from super().post_process(paths, dry_run, **options)

    def _bundle(self, paths: dict[str, Any]) -> list[str]:
        def read(name: str) -> str:
            storage, path = paths[name]
            with storage.open(path) as file:
                return str(file.read().decode())

        parts = bundles.core_parts(read)
        texts = {
            name: bundles.importing_core(read(name), parts)
            for name in paths
            if name.startswith("js/") and posixpath.basename(name) not in parts
        }
        texts[bundles.CORE] = bundles.joined_core(read)
        texts[bundles.STYLE] = bundles.joined_style(bundles.STYLE, read)
        for name, text in texts.items():
            self._overwrite(name, text)
        return list(texts)

    def _overwrite(self, name: str, text: str) -> None:
        self.delete(name)
        self.save(name, ContentFile(text.encode()))

    def stored_name(self, name: str) -> str:
        try:
            stored: str = super().stored_name(name)
        except ValueError:
            return name
        return stored


class StaticFiles(WhiteNoiseMiddleware):
    """WhiteNoise on the server's own loop: a page that waits for the platform holds no thread."""

    async_capable = True
    sync_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], Awaitable[HttpResponseBase]]) -> None:
        # WhiteNoise warns of a folder that is not there, as before the first `collectstatic`.
        Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
        super().__init__(get_response)
        markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        find = self.find_file if self.autorefresh else self.files.get
        static_file = find(request.path_info)
        if static_file is None:
            response: HttpResponseBase = await self.get_response(request)
            return response
        return await asyncio.to_thread(_read, static_file, request)


def _read(static_file: Any, request: HttpRequest) -> HttpResponse:
    """The whole file as one response: the largest is far smaller than a page's budget."""
    found = static_file.get_response(request.method, request.META)
    content = b""
    if found.file is not None:
        with found.file:
            content = found.file.read()
    response = HttpResponse(content, status=int(found.status))
    del response["content-type"]
    for key, value in found.headers:
        response[key] = value
    return response
