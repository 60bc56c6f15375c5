"""The settings of a run as a form has them: texts as typed, and `RunOptions` out of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, cast

from dashboard.launching import texts
from dashboard.launching.pages import Choice, Pairs, Setting
from remote_client import Resources, RunOptions

Rows = list[tuple[str, str]]

MOST_ROWS = 200
_NAME = re.compile(r"[a-z]([a-z0-9-]{0,28}[a-z0-9])?")
_TEXTS = ("name", "queue", "cluster_pool", "service_account", "raw_data_path", "concurrency")
_PICKS = ("overwrite_cache", "interruptible", "cache_scope", "recover")
OVERRIDES = ("cpu", "memory", "gpu", "disk", "retries", "timeout")
_TABLES = ("labels", "annotations", "env_vars", "context")

_LABELS = {
    "labels": ("Labels", "found and filtered by in the runs list"),
    "annotations": ("Annotations", "notes for tools"),
    "env_vars": ("Environment variables", "set in every container of the run"),
    "context": ("Context", "handed on to the task and its children"),
    "name": ("Run name", "left empty, one is made up"),
    "queue": ("Queue", ""),
    "cluster_pool": ("Cluster pool", ""),
    "service_account": ("Service account", "in Kubernetes, which the run's pods act as"),
    "raw_data_path": ("Raw data prefix", "where files and tables of the run go"),
    "concurrency": ("Most actions at once", "left empty or 0, there is no bound"),
    "overwrite_cache": ("Cache", ""),
    "interruptible": ("Interruptible machines", "which can be taken away while a task runs"),
    "cache_scope": ("Cache is looked up", ""),
    "recover": ("Begin", "the open-source backend begins from the start all the same"),
    "cpu": ("CPU", "1, 500m, or request and limit: 1, 2"),
    "memory": ("Memory", "500Mi, 2Gi, or request and limit: 1Gi, 2Gi"),
    "gpu": ("GPU", "1, or A100:2"),
    "disk": ("Disk", "10Gi"),
    "retries": ("Retries", "of a failed attempt"),
    "timeout": ("Timeout", "of an attempt: 30m, 2h"),
}
_CHOICES: dict[str, tuple[Choice, ...]] = {
    "overwrite_cache": (("", "use what is cached"), ("true", "compute anew and overwrite it")),
    "interruptible": (("", "as the task says"), ("true", "allow"), ("false", "never")),
    "recover": (("", "from the start"), ("true", "with what succeeded in the original")),
    "cache_scope": (
        ("", "as the platform does"),
        ("global", "everywhere"),
        ("project_domain", "in this project and domain"),
    ),
}
_PLACEHOLDERS = {"raw_data_path": "s3://bucket/prefix", "name": "made up"}


@dataclass
class RunSettings:
    """Everything about a run but its inputs; all texts as they were typed."""

    texts: dict[str, str] = field(default_factory=dict)
    tables: dict[str, Rows] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, options: RunOptions) -> RunSettings:
        """The settings that a run was started with."""
        interruptible = {None: "", True: "true", False: "false"}[options.interruptible]
        found = {
            "queue": options.queue or "",
            "cluster_pool": options.cluster_pool or "",
            "service_account": options.service_account or "",
            "raw_data_path": options.raw_data_path or "",
            "concurrency": str(options.max_action_concurrency or ""),
            "overwrite_cache": "true" if options.overwrite_cache else "",
            "interruptible": interruptible,
            "cache_scope": options.cache_scope or "",
        }
        tables = {key: list(getattr(options, key).items()) for key in _TABLES}
        return cls(found, tables)

    @classmethod
    def posted(cls, post: Mapping[str, str]) -> RunSettings:
        found = {key: post.get(f"s.{key}", "") for key in (*_TEXTS, *_PICKS, *OVERRIDES)}
        return cls(found, {key: _rows(post, key) for key in _TABLES})

    def text(self, key: str) -> str:
        return self.texts.get(key, "").strip()

    def options(self, *, is_whole: bool) -> RunOptions:
        """Options of a start by the web. What is wrong is said in `problems`."""
        self.problems = {}
        name = self.text("name")
        if name and not _NAME.fullmatch(name):
            self.problems["name"] = (
                "Take 1 to 30 small letters, digits and hyphens, a letter first and no hyphen last."
            )
        for key in _PICKS:
            if self.text(key) not in [value for value, _ in _CHOICES[key]]:
                self.problems[key] = "Choose one of the list."
        tables: dict[str, Any] = {key: self._table(key) for key in _TABLES}
        given = RunOptions(
            name=name or None,
            queue=self.text("queue") or None,
            cluster_pool=self.text("cluster_pool") or None,
            service_account=self.text("service_account") or None,
            raw_data_path=self.text("raw_data_path") or None,
            max_action_concurrency=self._concurrency(),
            overwrite_cache=True if self.text("overwrite_cache") else None,
            interruptible={"true": True, "false": False}.get(self.text("interruptible")),
            source="web",
            is_whole=is_whole,
            **tables,
        )
        scope = self.text("cache_scope")
        chosen = cast(Literal["global", "project_domain"], scope)
        return replace(given, cache_scope=chosen) if scope else given

    @property
    def recovers(self) -> bool:
        """Whether what succeeded in the original is to be taken over."""
        return self.text("recover") == "true"

    def _concurrency(self) -> int | None:
        text = self.text("concurrency")
        if not text:
            return None
        if not text.isdecimal() or len(text) > 6:
            self.problems["concurrency"] = "A whole number is wanted, 0 for no bound."
            return None
        return int(text) or None

    def _table(self, key: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for name, value in self.tables.get(key, []):
            if name in found:
                self.problems[key] = f"{name!r} is there twice."
            if not name and value:
                self.problems[key] = f"The value {value[:40]!r} has no name."
            if name:
                found[name] = value
        return found

    def overrides(self) -> dict[str, Any]:
        """What `TaskDetails.override` takes; empty when nothing is overridden."""
        wanted: dict[str, Any] = {}
        given = {key: self.text(key) for key in ("cpu", "memory", "gpu", "disk")}
        try:
            if any(given.values()):
                named = {key: _quantity(key, text) for key, text in given.items() if text}
                wanted["resources"] = Resources(**named)
        except (ValueError, TypeError) as error:
            self.problems["cpu" if given["cpu"] else "memory"] = str(error)
        if text := self.text("retries"):
            if text.isdecimal() and len(text) < 5:
                wanted["retries"] = int(text)
            else:
                self.problems["retries"] = "A whole number is wanted, 0 for none."
        if text := self.text("timeout"):
            try:
                wanted["timeout"] = texts.read_duration(text)
            except ValueError as error:
                self.problems["timeout"] = str(error)
        return wanted

    def label(self, key: str) -> str:
        """What a setting is called."""
        return _LABELS[key][0]

    # --- as drawn ---------------------------------------------------------------------------------

    def setting(self, key: str, original: RunSettings) -> Setting:
        label, hint = _LABELS[key]
        before = original.text(key)
        return Setting(
            key=key,
            label=label,
            text=self.texts.get(key, ""),
            hint=hint,
            placeholder=_PLACEHOLDERS.get(key, ""),
            choices=_CHOICES.get(key, ()),
            error=self.problems.get(key, ""),
            is_changed=self.text(key) != before,
            original=_said(key, before),
        )

    def pairs(self, key: str, original: RunSettings) -> Pairs:
        label, hint = _LABELS[key]
        rows = self.tables.get(key, [])
        drawn = [(number, name, value) for number, (name, value) in enumerate([*rows, ("", "")])]
        is_changed = dict(rows) != dict(original.tables.get(key, []))
        return Pairs(
            key=key,
            label=label,
            hint=hint,
            rows=tuple(drawn),
            count=len(drawn),
            error=self.problems.get(key, ""),
            is_changed=is_changed,
            is_open=bool(rows),
        )

    def changes(self, original: RunSettings) -> list[tuple[str, str, str, str]]:
        """(key, label, before, after) of every setting that differs."""
        found = []
        for key in (*_TEXTS, *_PICKS, *OVERRIDES):
            before, after = original.text(key), self.text(key)
            if before != after:
                found.append((key, _LABELS[key][0], _said(key, before), _said(key, after)))
        for key in _TABLES:
            old, new = dict(original.tables.get(key, [])), dict(self.tables.get(key, []))
            for name in sorted(old.keys() | new.keys()):
                if old.get(name) != new.get(name):
                    label = f"{_LABELS[key][0]}: {name}"
                    found.append((key, label, old.get(name, "not set"), new.get(name, "not set")))
        return found


def _said(key: str, text: str) -> str:
    return dict(_CHOICES.get(key, ())).get(text, text or "not set")


def _quantity(key: str, text: str) -> Any:
    """`1`, or a request and a limit: `1, 2`; a GPU is a count or a model."""
    if key == "gpu":
        return int(text) if text.isdecimal() else text
    parts = [part.strip() for part in text.split(",")]
    return parts[0] if len(parts) == 1 else tuple(parts[:2])


def _rows(post: Mapping[str, str], key: str) -> Rows:
    count = post.get(f"s.{key}~n", "0")
    number = min(int(count), MOST_ROWS) if count.isdecimal() and len(count) < 6 else 0
    rows = [(post.get(f"s.{key}.{n}~k", ""), post.get(f"s.{key}.{n}", "")) for n in range(number)]
    # Browsers send every end of line as two characters.
    rows = [(name.strip(), value.replace("\r\n", "\n")) for name, value in rows]
    return [(name, value) for name, value in rows if name or value]
