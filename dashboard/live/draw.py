"""Draws the named partials of the pages' templates: the same that draw a page's first paint."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string


def partial(template: str, name: str, **context: Any) -> str:
    """The HTML of `{% partialdef name %}` in a template; the same for everybody who looks."""
    return render_to_string(f"{template}#{name}", context).strip()


def whole(template: str, **context: Any) -> str:
    """The HTML of a template that is all one part."""
    return render_to_string(template, context).strip()
