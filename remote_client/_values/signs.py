"""Makes control signs visible: a value must not redraw, reorder or hide the text around it."""

import re

# C0 and C1 controls, direction overrides and isolates, line and paragraph separators, surrogates,
# the byte order mark.
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]"
)


def visible(text: str, keep: str = "\n\t") -> str:
    """Replace control signs other than those in `keep` by their Python escapes."""
    return _INVISIBLE.sub(lambda sign: _escaped(sign.group(), keep), text)


def _escaped(sign: str, keep: str) -> str:
    if sign in keep:
        return sign
    number = ord(sign)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"
