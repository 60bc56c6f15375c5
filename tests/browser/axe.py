"""Asks axe-core whether a page can be used by everybody: no serious or critical violation."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

GRAVE = ("serious", "critical")

RULES: dict[str, Any] = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
}
"""Every rule of WCAG 2.2 up to AA, and what else counts as good practice."""

DENSE = "log-no"
"""Line numbers of a log are links as low as a line: 24 px each would halve what fits a screen, and
a line is also reached by its address, `#L557`."""


async def assert_accessible(page: Page, within: str | None = None) -> None:
    """Fail with each violation's rule, advice and elements. The page should have settled.

    `within` is a selector, for what lies over a page and covers half of it.
    """
    results = await Axe().run(page, context=within, options=RULES)
    found = [_without_dense(each) for each in results.response["violations"]]
    grave = [each for each in found if each["impact"] in GRAVE and each["nodes"]]
    assert not grave, "\n".join(_told(each) for each in grave)


def _without_dense(violation: dict[str, Any]) -> dict[str, Any]:
    if violation["id"] != "target-size":
        return violation
    nodes = [node for node in violation["nodes"] if f'class="{DENSE}"' not in node["html"]]
    return {**violation, "nodes": nodes}


def is_of_axe(text: str) -> bool:
    """A console message that axe-core causes by measuring under our policy for contents."""
    return "inline style" in text


def _told(violation: dict[str, Any]) -> str:
    places = [f"    {node['html'][:160]}\n      {_why(node)}" for node in violation["nodes"][:5]]
    return "\n".join([f"{violation['id']}: {violation['help']}", *places])


def _why(node: dict[str, Any]) -> str:
    checks = [*node["any"], *node["all"], *node["none"]]
    return "; ".join(check["message"] for check in checks)[:240]
