"""What the pages of triggers, projects and secrets need beside `board`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.filter
def at(table: Mapping[str, Any], key: str) -> Any:
    """The table's value for a key; None for none."""
    return table.get(key)


@register.filter
def words(text: str) -> list[str]:
    """The words of a text, to go through."""
    return text.split()
