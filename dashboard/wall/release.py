"""Which edition of the wall this server draws: a screen that shows another loads itself again."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from django.conf import settings
from django.templatetags.static import static

_STATIC = ("js/wall.js", "css/wall.css", "js/core.js")
_TEMPLATES = ("wall/wall.html", "wall/parts.html")


@lru_cache(maxsize=1)
def release() -> str:
    """Files have their content in their names once they are collected."""
    texts = [static(name) for name in _STATIC]
    texts += [(settings.BASE_DIR / "templates" / name).read_text() for name in _TEMPLATES]
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]
