"""Takes the text of a query apart into its pieces, and puts quotes where they are needed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

MAX_CHARS = 2_000
"""A query is typed or clicked together; longer ones are no query of ours."""


class BadQuery(ValueError):
    """A query that can't be understood: what is wrong, where, and what would do."""

    def __init__(self, what: str, at: int = 0, advice: str = "") -> None:
        super().__init__(f"{what} {advice}".strip())
        self.what = what
        self.at = at
        """Offset of the piece in the text, from 0."""
        self.advice = advice


@dataclass(frozen=True)
class Piece:
    """One piece between blanks: `-field:value,value`, or a word when there is no field."""

    at: int
    is_negated: bool
    field: str
    values: tuple[str, ...]


def pieces(text: str) -> Iterator[Piece]:
    """The pieces in order. Raises BadQuery for a quote that isn't closed and for other nonsense."""
    if len(text) > MAX_CHARS:
        raise BadQuery(f"A query has at most {MAX_CHARS:,} characters.", MAX_CHARS)
    if (bad := next((i for i, c in enumerate(text) if not _is_fine(c)), None)) is not None:
        raise BadQuery("There is a control character in the query.", bad, "Leave it out.")
    reader = _Reader(text)
    while reader.skip_blanks():
        yield reader.piece()


def quoted(value: str, *, is_word: bool = False) -> str:
    """The value as it stands in a query."""
    is_plain = value and not any(sign.isspace() or sign in '",\\' for sign in value)
    if is_plain and not (is_word and (":" in value or value.startswith("-"))):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _is_fine(sign: str) -> bool:
    return sign.isprintable() or sign.isspace()


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def skip_blanks(self) -> bool:
        """Whether there is more behind them."""
        while self._at < len(self._text) and self._text[self._at].isspace():
            self._at += 1
        return self._at < len(self._text)

    def piece(self) -> Piece:
        start = self._at
        is_negated = self._take_minus()
        field = self._take_field()
        values = [self._value(is_listed=bool(field))]
        while field and self._peek() == ",":
            self._at += 1
            values.append(self._value(is_listed=True))
        return Piece(start, is_negated, field, tuple(values))

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _take_minus(self) -> bool:
        behind = self._text[self._at + 1 : self._at + 2]
        if self._peek() == "-" and behind and not behind.isspace():
            self._at += 1
            return True
        return False

    def _take_field(self) -> str:
        """The name before a colon, which is taken too; "" when there is none."""
        end = self._at
        while end < len(self._text) and (self._text[end].isalnum() or self._text[end] in "-_"):
            end += 1
        if end == self._at or self._text[end : end + 1] != ":":
            return ""
        field, self._at = self._text[self._at : end].lower(), end + 1
        return field

    def _value(self, *, is_listed: bool) -> str:
        return self._quoted() if self._peek() == '"' else self._bare(is_listed=is_listed)

    def _bare(self, *, is_listed: bool) -> str:
        start = self._at
        while (sign := self._peek()) and not sign.isspace() and not (is_listed and sign == ","):
            self._at += 1
        return self._text[start : self._at]

    def _quoted(self) -> str:
        start, signs = self._at, []
        self._at += 1
        while (sign := self._peek()) and sign != '"':
            if sign == "\\" and self._text[self._at + 1 : self._at + 2] in ('"', "\\"):
                self._at += 1
                sign = self._peek()
            signs.append(sign)
            self._at += 1
        if not sign:
            raise BadQuery("A quote is not closed.", start, 'Put a " at its end.')
        self._at += 1
        return "".join(signs)
