"""The patterns page: every component in every state, in both themes, made of the real parts."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboard.patterns.samples import Samples, samples

THEMES = ("light", "dark")


@dataclass(frozen=True)
class Section:
    """A component: its template draws it once for each theme, so nothing in it has an id."""

    key: str
    title: str
    says: str
    """When it is used, in one sentence."""

    @property
    def template(self) -> str:
        return f"patterns/{self.key}.html"


SECTIONS = (
    Section("phases", "Phases", "An icon whose shape differs, the word, then the hue."),
    Section("rows", "Rows of a list", "Phase, what, why, how long, when; 36 px, never higher."),
    Section("tree", "Rows of the tree", "An action, a trace, a condition or a group; 26 px."),
    Section("failure", "Failure", "Stands first on a run's page: root cause, then the detail."),
    Section("buttons", "Buttons and links", "One first button a page; danger is said in words."),
    Section("fields", "Fields", "A real label above; what is wrong is said below, in words."),
    Section("choices", "Choices, tags and keys", "What is chosen is marked by more than its hue."),
    Section("messages", "Messages", "Good news leaves by itself, bad news stays."),
    Section("live", "How fresh a page is", "Live, reconnecting, stale since, as served."),
    Section("states", "Empty, loading, error", "An empty list shows the command that fills it."),
    Section("dialog", "Dialog", "Says what it will do; one deliberate step, never two."),
    Section("code", "Code, values and traces", "Text is text: nothing in it becomes markup."),
    Section("log", "Log lines", "The number is the link; errors tint the gutter."),
    Section("type", "Type and colour", "Five sizes, two families; colour is phase or accent."),
)
"""To show another component: a line here, and its template in templates/patterns/."""


@dataclass(frozen=True)
class PatternsPage:
    sections: tuple[Section, ...]
    themes: tuple[str, ...]
    samples: Samples


@require_safe
async def patterns(request: HttpRequest) -> HttpResponse:
    page = PatternsPage(SECTIONS, THEMES, samples())
    return render(request, "patterns/page.html", {"page": page})
