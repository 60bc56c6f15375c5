"""What the launch form's templates may use."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.pages import Scope

Choice = tuple[str, str]
"""(value, words)."""


@dataclass(frozen=True)
class Field:
    """One field as it is drawn, with the fields inside it."""

    path: str
    kind: str
    label: str
    type_name: str
    text: str = ""
    mode: str = ""
    modes: tuple[Choice, ...] = ()
    choices: tuple[Choice, ...] = ()
    variants: tuple[Choice, ...] = ()
    variant: str = ""
    description: str = ""
    hint: str = ""
    rows: int = 1
    is_required: bool = False
    can_omit: bool = False
    is_given: bool = True
    is_kept: bool = False
    is_json: bool = False
    can_be_json: bool = False
    fields: tuple[Field, ...] = ()
    key: str | None = None
    can_move: bool = False
    is_first: bool = False
    is_last: bool = False
    error: str = ""
    has_focus: bool = False
    is_changed: bool = False
    original: str = ""
    """The original's JSON, shortened, where this one differs."""
    default: str = ""
    """What counts while it is left out, where a schema says so."""

    @property
    def id(self) -> str:
        return "f-" + self.path.replace(".", "-")

    @property
    def takes_file(self) -> bool:
        return self.kind in ("file", "dir", "table", "schema") or (
            self.kind == "pickle" and self.mode == "uri"
        )

    @property
    def is_group(self) -> bool:
        return bool(self.kind in ("list", "map", "tuple", "object", "union")) and not self.is_json


@dataclass(frozen=True)
class Pairs:
    """A setting that is a table of names and values."""

    key: str
    label: str
    hint: str
    rows: tuple[tuple[int, str, str], ...]
    """(number, name, value); the last one is empty, for one more."""
    count: int
    error: str = ""
    is_changed: bool = False
    is_open: bool = False


@dataclass(frozen=True)
class Setting:
    """A setting of the run that is one text or one choice."""

    key: str
    label: str
    text: str
    hint: str = ""
    placeholder: str = ""
    choices: tuple[Choice, ...] = ()
    error: str = ""
    is_changed: bool = False
    original: str = ""


@dataclass(frozen=True)
class Change:
    """A line of the summary: what is different from the original."""

    label: str
    href: str
    before: str
    after: str


@dataclass(frozen=True)
class LaunchPage:
    scope: Scope
    title: str
    action_url: str
    task_name: str
    version: str
    task_url: str
    description: str
    rerun_of: str
    """The run that is run again; empty when a task is launched."""
    rerun_url: str
    action: str
    """The action of that run, when it is not the root."""
    view: str
    json_text: str
    json_error: str
    fields: tuple[Field, ...]
    name: Setting
    settings: tuple[Setting, ...]
    overrides: tuple[Setting, ...]
    pairs: tuple[Pairs, ...]
    problems: tuple[tuple[str, str, str], ...]
    """(link, label, sentence) of everything that is wrong."""
    changes: tuple[Change, ...]
    notice: str
    is_checked: bool
    cli: str
    python: str
    kept_words: str
    """What the rerun keeps that the form does not show."""
    settings_open: bool
    name_is_free: bool = False
