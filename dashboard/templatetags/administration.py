"""What the pages of triggers, projects and secrets need beside `board`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dashboard.flyte_apps.pages import AppStatus
from dashboard.templatetags.board import icon

register = template.Library()


@register.filter
def at(table: Mapping[str, Any], key: str) -> Any:
    """The table's value for a key; None for none."""
    return table.get(key)


@register.filter
def words(text: str) -> list[str]:
    """The words of a text, to go through."""
    return text.split()


@register.simple_tag
def app_status(status: AppStatus) -> SafeString:
    """An app's status as icon and word, so that colour is never alone in telling it."""
    return format_html(
        '<span class="phase phase-{}">{}<span class="phase-word">{}</span></span>',
        status.hue,
        icon(status.icon),
        status.label,
    )
