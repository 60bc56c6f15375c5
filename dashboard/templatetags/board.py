"""How templates show phases, icons, moments and durations; `static/js` keeps them current."""

from __future__ import annotations

from datetime import UTC, datetime

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dashboard import headlines
from dashboard.live.protocol import iso
from dashboard.phases import PhaseStyle

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """A symbol of the sprite in `base.html`; the words beside it say the same."""
    return format_html(
        '<svg class="icon icon-{0}" aria-hidden="true" focusable="false">'
        '<use href="#icon-{0}"></use></svg>',
        name,
    )


@register.simple_tag
def phase(style: PhaseStyle) -> SafeString:
    """A phase as icon and word, so that colour is never alone in telling it."""
    return format_html(
        '<span class="phase phase-{}">{}<span class="phase-word">{}</span></span>',
        style.key,
        icon(style.icon),
        style.label,
    )


@register.simple_tag
def duration(start: datetime | None, end: datetime | None) -> SafeString:
    """How long it took, or takes so far; the page ticks it while there is no end."""
    if start is None:
        return SafeString("")
    seconds = ((end or datetime.now(UTC)) - start).total_seconds()
    return format_html(
        '<time class="duration" data-start="{}" data-end="{}">{}</time>',
        iso(start),
        iso(end) or "",
        in_words(seconds),
    )


@register.simple_tag
def moment(at: datetime | None) -> SafeString:
    """A point in time, in UTC until the page puts it into the reader's zone."""
    if at is None:
        return SafeString("")
    utc = at.astimezone(UTC)
    is_today = utc.date() == datetime.now(UTC).date()
    text = f"{utc:%H:%M:%S}" if is_today else f"{utc:%Y-%m-%d %H:%M}"
    return format_html(
        '<time class="moment" datetime="{}" title="{} UTC">{}</time>',
        iso(at),
        f"{utc:%Y-%m-%d %H:%M:%S}",
        text,
    )


@register.filter
def plain(text: object) -> str:
    """Without the escape sequences of a terminal."""
    return headlines.plain(str(text or ""))


def in_words(seconds: float) -> str:
    """A duration in its two largest units: `840ms`, `12.4s`, `4m 12s`, `2h 05m`, `3d 4h`."""
    seconds = max(seconds, 0.0)
    if seconds < 1:
        return f"{int(seconds * 1000)}ms"
    if seconds < 60:
        return f"{int(seconds * 10) / 10:.1f}s"
    whole = int(seconds)
    if whole < 3600:
        return f"{whole // 60}m {whole % 60:02}s"
    if whole < 86400:
        return f"{whole // 3600}h {whole % 3600 // 60:02}m"
    return f"{whole // 86400}d {whole % 86400 // 3600}h"
