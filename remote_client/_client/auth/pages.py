"""The few words that a person's browser shows at the end of a sign-in."""

from __future__ import annotations

import html

__all__ = ["page"]

# Self-contained: this page is served by a socket that closes right after it.
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 15px/1.5 system-ui, sans-serif; }}
main {{ margin: 15vh auto; max-width: 34rem; padding: 0 1rem; }}
h1 {{ font-size: 20px; }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p>{text}</p>
</main>
</body>
</html>
"""


def page(title: str, text: str) -> bytes:
    """A whole HTML page. Both texts may hold anything; they are escaped."""
    return _PAGE.format(title=html.escape(title), text=html.escape(text)).encode()
