"""What the preview of a file needs in its template."""

from __future__ import annotations

from typing import Any

from django import template

register = template.Library()


@register.filter
def entry_rows(preview: Any, urls: Any) -> list[tuple[str, int, str, str]]:
    """Path, size, preview and download of each file of a folder."""
    addresses = urls.files([entry.path for entry in preview.entries])
    return [
        (entry.path, entry.size, shown, kept)
        for entry, (shown, kept) in zip(preview.entries, addresses, strict=True)
    ]


@register.filter
def next_url(urls: Any, page: int) -> str:
    """The rows after this page."""
    return str(urls.page(page + 1))


@register.filter
def back_url(urls: Any, page: int) -> str:
    """The rows before this page."""
    return str(urls.page(page - 1))
