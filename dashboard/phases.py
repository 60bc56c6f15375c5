"""How each phase is shown: word, icon and tone. What a phase means is `remote_client`'s."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PhaseStyle:
    """One phase as a page shows it; the icon's shape differs, not only its hue."""

    key: str
    """The phase as `remote_client.ActionPhase` spells it; also the CSS class `phase-<key>`."""
    label: str
    icon: str
    """Id of the symbol in the sprite that `base.html` carries: `<use href="#icon-…">`."""
    is_terminal: bool


_STYLES = (
    PhaseStyle("queued", "Queued", "phase-queued", False),
    PhaseStyle("waiting_for_resources", "Waiting for resources", "phase-waiting", False),
    PhaseStyle("initializing", "Initializing", "phase-initializing", False),
    PhaseStyle("running", "Running", "phase-running", False),
    PhaseStyle("paused", "Paused", "phase-paused", False),
    PhaseStyle("succeeded", "Succeeded", "phase-succeeded", True),
    PhaseStyle("recovered", "Recovered", "phase-recovered", True),
    PhaseStyle("failed", "Failed", "phase-failed", True),
    PhaseStyle("timed_out", "Timed out", "phase-timed-out", True),
    PhaseStyle("aborted", "Aborted", "phase-aborted", True),
)
UNKNOWN = PhaseStyle("unknown", "Unknown", "phase-unknown", False)

PHASES: dict[str, PhaseStyle] = {style.key: style for style in _STYLES}


def style_of(phase: str) -> PhaseStyle:
    """The style of a phase, or `UNKNOWN` for one that a newer platform invented."""
    return PHASES.get(phase, UNKNOWN)
