"""The launch form: what stands in it, what is wrong with it, and what it comes down to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dashboard.launching import editing, texts
from dashboard.launching.blueprints import Blueprint
from dashboard.launching.drawing import within_bounds
from dashboard.launching.entries import Entry, same
from dashboard.launching.json_forms import entry_from_json
from dashboard.launching.posting import is_there, posted
from dashboard.launching.reading import Reading
from dashboard.launching.run_settings import RunSettings
from dashboard.launching.to_json import json_of
from remote_client import RunOptions
from remote_client._values import from_python

FIELDS, JSON = "fields", "json"


@dataclass(frozen=True)
class Start:
    """A form that is right: what to start. Inputs that stay as they were are not among `inputs`."""

    inputs: dict[str, Any]
    options: RunOptions
    overrides: dict[str, Any]
    recovers: bool = False


@dataclass
class LaunchForm:
    """One form under way."""

    blueprint: Blueprint
    entries: list[Entry]
    settings: RunSettings
    view: str = FIELDS
    json_text: str = ""
    json_error: str = ""
    problems: dict[str, str] = field(default_factory=dict)
    focus: str = ""
    notice: str = ""
    is_checked: bool = False

    @classmethod
    def fresh(cls, blueprint: Blueprint) -> LaunchForm:
        """As it is served first."""
        settings = RunSettings(dict(blueprint.settings.texts), dict(blueprint.settings.tables))
        form = cls(blueprint, blueprint.entries(), settings)
        within_bounds(list(blueprint.parts), form.entries)
        return form

    @classmethod
    def posted(cls, blueprint: Blueprint, post: Mapping[str, str]) -> LaunchForm:
        """As a browser sent it back."""
        form = cls.fresh(blueprint)
        form.settings = RunSettings.posted(post)
        form.view = JSON if post.get("view") == JSON else FIELDS
        if form.view == JSON:
            form.json_text = post.get("json", "").replace("\r\n", "\n")
            form.take_json(form.json_text)
            return form
        for number, part in enumerate(blueprint.parts):
            path = f"i.{number}"
            if is_there(post, path):
                form.entries[number] = posted(part, post, path)
        return form

    def take_json(self, text: str) -> None:
        """Put a JSON object of inputs by name into the fields; `json_error` says what is wrong."""
        try:
            values = texts.read_json(text)
        except ValueError as error:
            self.json_error = str(error)
            return
        self.take(values)

    def take(self, values: Any) -> None:
        """Put values by name, as JSON has them, into the fields."""
        names = [part.name for part in self.blueprint.parts]
        if not isinstance(values, dict):
            self.json_error = "An object is wanted: the inputs by name."
            return
        if texts.is_deep(values):
            self.json_error = "This is nested too deep."
            return
        if unknown := [name for name in values if name not in names]:
            takes = ", ".join(names) or "none"
            self.json_error = f"There is no input {unknown[0]!r}. The task takes {takes}."
        for name, value in values.items():
            if name in names:
                number = names.index(name)
                shape = self.blueprint.parts[number].shape
                self.entries[number] = entry_from_json(shape, value)

    def do(self, verb: str, path: str) -> None:
        """What a button asks for, except to launch."""
        if verb == "view":
            self._show(path)
        elif verb == "restore":
            self._restore(path)
        else:
            self.focus = editing.edit(list(self.blueprint.parts), self.entries, verb, path)
        within_bounds(list(self.blueprint.parts), self.entries)

    def _show(self, view: str) -> None:
        if view == JSON:
            self.json_text = texts.escaped_json(self.as_json(), indent=2)
        elif self.json_error:
            return  # what does not read stays where it was typed
        self.view = JSON if view == JSON else FIELDS

    def _restore(self, path: str) -> None:
        """An input as it was in the original."""
        number = path.removeprefix("i.")
        if number.isdecimal() and len(number) < 6 and int(number) < len(self.entries):
            self.entries[int(number)] = self.blueprint.entries()[int(number)]
            self.focus = path

    def as_json(self) -> dict[str, Any]:
        """The inputs by name; what is kept or left out is not among them."""
        pairs = zip(self.blueprint.parts, self.entries, strict=True)
        return {
            part.name: json_of(part.shape, entry)
            for part, entry in pairs
            if entry.given and not entry.kept
        }

    def is_changed(self, number: int) -> bool:
        """Whether an input differs from the original."""
        entry, original = self.entries[number], self.blueprint.originals[number]
        shape = self.blueprint.parts[number].shape
        if original is None:
            return True
        if entry.kept or original.kept or entry.given != original.given:
            return entry.kept != original.kept or entry.given != original.given
        return not same(json_of(shape, entry), json_of(shape, original))

    def check(self) -> Start | None:
        """What to start, or None with `problems`."""
        self.is_checked = True
        self.problems = {}
        inputs = self._inputs()
        options = self.settings.options(is_whole=self.blueprint.is_rerun)
        overrides = {} if self.blueprint.is_rerun else self.settings.overrides()
        if self.problems or self.settings.problems or self.json_error:
            return None
        return Start(inputs, options, overrides, self.settings.recovers)

    def _inputs(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        reading = Reading()
        for number, part in enumerate(self.blueprint.parts):
            entry, path = self.entries[number], f"i.{number}"
            if not entry.given or entry.kept or not self.is_changed(number):
                continue
            value = reading.value(part.shape, entry, path)
            if not any(at == path or at.startswith(f"{path}.") for at in reading.problems):
                found[part.name] = self._literal(number, part.name, value, reading)
        self.problems = reading.problems
        return found

    def _literal(self, number: int, name: str, value: Any, reading: Reading) -> Any:
        """The value in Flyte's own form, which is the last check of this side."""
        try:
            return from_python(value, self.blueprint.types[number], name)
        except (TypeError, ValueError) as error:
            reading.problems[f"i.{number}"] = f"{error}."
            return None
