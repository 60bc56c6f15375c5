"""The page of a form: everything drawn, with links to what is wrong and what differs."""

from __future__ import annotations

from dataclasses import replace

from dashboard import links
from dashboard.action_tabs.commands import as_cli, as_python
from dashboard.launching import commands
from dashboard.launching.drawing import Drawing, shortened
from dashboard.launching.form import JSON, LaunchForm
from dashboard.launching.pages import Change, Field, LaunchPage
from dashboard.launching.run_settings import OVERRIDES

_SETTINGS = (
    "interruptible",
    "overwrite_cache",
    "cache_scope",
    "concurrency",
    "queue",
    "cluster_pool",
    "service_account",
    "raw_data_path",
)
_TABLES = ("labels", "env_vars", "annotations", "context")


def page_of(form: LaunchForm, *, action_url: str, is_free: bool = False) -> LaunchPage:
    """The page as it is to be served."""
    blueprint, settings = form.blueprint, form.settings
    scope, original = blueprint.scope, blueprint.settings
    version_url = links.task_url(scope, blueprint.task_name, blueprint.version)
    keys = ("recover", *_SETTINGS) if blueprint.is_rerun else _SETTINGS
    drawn = tuple(settings.setting(key, original) for key in keys)
    overrides = tuple(settings.setting(key, original) for key in OVERRIDES)
    cli, python = _as_code(form)
    verb = "Rerun" if blueprint.is_rerun else "Launch"
    return LaunchPage(
        scope=scope,
        title=f"{verb} {blueprint.task_name or blueprint.run}",
        action_url=action_url,
        task_name=blueprint.task_name,
        version=blueprint.version,
        task_url=version_url if blueprint.task_name and blueprint.version else "",
        description=blueprint.description,
        rerun_of=blueprint.run,
        rerun_url=links.run_url(scope, blueprint.run) if blueprint.is_rerun else "",
        action="" if blueprint.action == "a0" else blueprint.action,
        view=form.view,
        json_text=form.json_text,
        json_error=form.json_error,
        fields=_fields(form),
        name=settings.setting("name", original),
        settings=drawn,
        overrides=() if blueprint.is_rerun else overrides,
        pairs=tuple(settings.pairs(key, original) for key in _TABLES),
        problems=_problems(form),
        changes=_changes(form) if blueprint.is_rerun else (),
        notice=form.notice,
        is_checked=form.is_checked,
        cli=cli,
        python=python,
        kept_words=_kept(form),
        settings_open=any(each.text or each.error for each in (*drawn, *overrides)),
        name_is_free=is_free,
    )


def _fields(form: LaunchForm) -> tuple[Field, ...]:
    drawing = Drawing(form.problems, form.focus)
    found = []
    for number, part in enumerate(form.blueprint.parts):
        field = drawing.field(part, form.entries[number], f"i.{number}")
        original = form.blueprint.originals[number]
        if original is not None and form.is_changed(number):
            before = shortened(part.shape, original)
            field = replace(field, is_changed=True, original=before)
        found.append(replace(field, is_required=part.required and original is None))
    return tuple(found)


def _problems(form: LaunchForm) -> tuple[tuple[str, str, str], ...]:
    """Each problem with a link to its field; in the JSON view all are about the one text."""
    found = []
    if form.json_error:
        found.append(("#f-json", "Inputs", form.json_error))
    for path, sentence in form.problems.items():
        number, *_ = path.removeprefix("i.").split(".")
        name = form.blueprint.parts[int(number)].name
        anchor = "#f-json" if form.view == JSON else f"#f-{path.replace('.', '-')}"
        found.append((anchor, name, sentence))
    for key, sentence in form.settings.problems.items():
        label = form.settings.label(key)
        found.append((f"#s-{key}", label, sentence))
    return tuple(found)


def _changes(form: LaunchForm) -> tuple[Change, ...]:
    found = []
    for number, part in enumerate(form.blueprint.parts):
        original = form.blueprint.originals[number]
        if form.is_changed(number):
            before = shortened(part.shape, original) if original else "not given"
            after = shortened(part.shape, form.entries[number])
            found.append(Change(part.name, f"#f-i-{number}", before, after))
    for key, label, before, after in form.settings.changes(form.blueprint.settings):
        if key != "name":
            found.append(Change(label, f"#s-{key}", before, after))
    return tuple(found)


def _kept(form: LaunchForm) -> str:
    rules = form.blueprint.notification_rules
    if not form.blueprint.is_rerun:
        return ""
    words = f", {rules} notification rule{'s' if rules != 1 else ''}" if rules else ""
    return f"The code{words} and everything else stay as they were."


def _as_code(form: LaunchForm) -> tuple[str, str]:
    """(command, Python). A run may be of a task that was never deployed: it is named itself."""
    blueprint = form.blueprint
    if not blueprint.is_rerun:
        return commands.cli(form), commands.python(form)
    which = (blueprint.scope, blueprint.run, blueprint.action)
    return as_cli(*which), as_python(*which)
