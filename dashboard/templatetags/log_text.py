"""A log's text in a served page: what could not be seen is named, what a terminal does is left out.

`static/js/ansi.js` does the same, in colours.
"""

from __future__ import annotations

import re

from django import template

from dashboard import headlines

register = template.Library()

_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)


@register.filter
def seen(text: str) -> str:
    """The last state of a line that overwrote itself, without escape sequences."""
    states = [headlines.plain(state) for state in re.split(r"[\r\n]+", text)]
    last = next((state for state in reversed(states) if state), "")
    return _UNSEEN.sub(lambda found: name_of(ord(found.group())), last)


def name_of(code: int) -> str:
    """As a program would write it: a control character short, any other by its number."""
    return f"\\x{code:02x}" if code < 0x80 else f"[U+{code:04X}]"


@register.filter
def commas(number: int) -> str:
    """1,204 for 1204."""
    return f"{number:,}"
