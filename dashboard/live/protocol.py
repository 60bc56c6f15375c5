"""The messages between a page and the server, and the only reader of what a browser sends.

docs/live.md is the same contract in prose. Whatever does not fit it is a `BadMessage`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, ClassVar

from dashboard.pages import Scope

MAX_MESSAGE_CHARS = 16 * 1024
MAX_NAME_CHARS = 255
MAX_QUERY_CHARS = 8 * 1024
MAX_ID_CHARS = 64
MAX_ATTEMPT = 100_000
MAX_LINE = 2**53
MOST = {"attempt": MAX_ATTEMPT, "upto": MAX_LINE}
OPTIONAL_NUMBERS = {"upto"}


class BadMessage(Exception):
    """What a browser sent is not part of the protocol; the text tells its author why."""

    def __init__(self, why: str, subscription: str | None = None) -> None:
        super().__init__(why)
        self.subscription = subscription


# --- topics and what names the thing that each is about -------------------------------------------


Query = str
"""The text of a page's query: what a reader has chosen to see of a thing. It may be empty."""


@dataclass(frozen=True)
class RunsArgs:
    """The runs of one project and domain."""

    project: str
    domain: str
    first: bool = True
    """Whether the page may take new runs in: the first page of a list, newest first."""
    query: Query = ""
    """Which runs the page shows: a canonical `RunQuery` with `owner:me` resolved; "" for all."""


@dataclass(frozen=True)
class RunArgs:
    """One run's header, failure and action tree."""

    project: str
    domain: str
    run: str
    view: Query = ""
    """What of the tree is in sight: `tree_views.TreeView`."""


@dataclass(frozen=True)
class ActionArgs:
    """One action's panel."""

    project: str
    domain: str
    run: str
    action: str


@dataclass(frozen=True)
class LogArgs:
    """The log of one attempt of an action."""

    project: str
    domain: str
    run: str
    action: str
    attempt: int
    upto: int = 0
    """The last line that the page wants; of what comes after it only the count. 0 for no end."""
    skips: bool = False
    """A page that follows the end and falls behind gets the newest lines, not all in between."""


@dataclass(frozen=True)
class BulkArgs:
    """One act on many runs of a project, by the number of its results."""

    project: str
    domain: str
    job: str


@dataclass(frozen=True)
class ReportArgs:
    """The report of one attempt of an action."""

    project: str
    domain: str
    run: str
    action: str
    attempt: int


@dataclass(frozen=True)
class TriggersArgs:
    """The triggers of one project and domain."""

    project: str
    domain: str


@dataclass(frozen=True)
class EndsArgs:
    """Which runs of one project and domain have ended."""

    project: str
    domain: str


@dataclass(frozen=True)
class SecretsArgs:
    """The secrets that tasks of one project and domain can ask for."""

    project: str
    domain: str


@dataclass(frozen=True)
class AppsArgs:
    """The apps of one project and domain."""

    project: str
    domain: str


@dataclass(frozen=True)
class WallArgs:
    """The figures of one project and domain, of all domains of a project, or of everything."""

    project: Query = ""
    domain: Query = ""


Args = (
    WallArgs
    | EndsArgs
    | SecretsArgs
    | AppsArgs
    | TriggersArgs
    | BulkArgs
    | RunsArgs
    | RunArgs
    | ActionArgs
    | LogArgs
    | ReportArgs
)

TOPICS: dict[str, type[Args]] = {
    "wall": WallArgs,
    "ends": EndsArgs,
    "bulk": BulkArgs,
    "apps": AppsArgs,
    "secrets": SecretsArgs,
    "triggers": TriggersArgs,
    "runs": RunsArgs,
    "run": RunArgs,
    "action": ActionArgs,
    "log": LogArgs,
    "report": ReportArgs,
}


def scope_of(args: Args) -> Scope:
    return Scope(project=args.project, domain=args.domain)


# --- from the browser -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Subscribe:
    """Asks for a topic. `cursor` is what the page has already; None for nothing."""

    type: ClassVar[str] = "subscribe"
    id: str
    topic: str
    args: Args
    cursor: str | None = None


@dataclass(frozen=True)
class Unsubscribe:
    """Ends a subscription; an unknown id is no error, since the two ends may cross."""

    type: ClassVar[str] = "unsubscribe"
    id: str


@dataclass(frozen=True)
class Ack:
    """The page has worked off every frame up to `seq`."""

    type: ClassVar[str] = "ack"
    seq: int


FromBrowser = Subscribe | Unsubscribe | Ack


def parse(text: str) -> FromBrowser:
    """The message in a text frame. Raises `BadMessage`."""
    if len(text) > MAX_MESSAGE_CHARS:
        raise BadMessage(f"A message has at most {MAX_MESSAGE_CHARS} characters.")
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        raise BadMessage("A message is a JSON object.") from None
    if not isinstance(given, dict):
        raise BadMessage("A message is a JSON object.")
    match given.pop("type", None):
        case "subscribe":
            return _subscribe(given)
        case "unsubscribe":
            _only(given, {"id"}, None)
            return Unsubscribe(id=_id(given))
        case "ack":
            _only(given, {"seq"}, None)
            return Ack(seq=_number(given.get("seq"), "seq", 2**53, None))
    raise BadMessage("The type is one of subscribe, unsubscribe and ack.")


def _subscribe(given: dict[str, Any]) -> Subscribe:
    subscription = _id(given)
    _only(given, {"id", "topic", "args", "cursor"}, subscription)
    topic, cursor = given.get("topic"), given.get("cursor")
    kind = TOPICS.get(topic) if isinstance(topic, str) else None
    if kind is None:
        raise BadMessage(f"The topic is one of {', '.join(TOPICS)}.", subscription)
    if cursor is not None and not (isinstance(cursor, str) and len(cursor) <= MAX_NAME_CHARS):
        raise BadMessage("The cursor is a string that the server gave, or null.", subscription)
    args = _args(kind, given.get("args"), subscription)
    return Subscribe(id=subscription, topic=str(topic), args=args, cursor=cursor or None)


def _args(kind: type[Args], given: object, subscription: str) -> Args:
    if not isinstance(given, dict):
        raise BadMessage("The args are an object.", subscription)
    known = {field.name: field.type for field in fields(kind)}
    _only(given, set(known), subscription)
    values: dict[str, Any] = {}
    for name, wanted in known.items():
        value = given.get(name)
        if wanted == "bool":
            if name in given:
                values[name] = _claim(value, name, subscription)
        elif wanted == "int":
            if name in given or name not in OPTIONAL_NUMBERS:
                values[name] = _number(value, name, MOST[name], subscription)
        elif wanted == "Query":
            values[name] = _query(given.get(name, ""), name, subscription)
        else:
            values[name] = _name(value, name, subscription)
    return kind(**values)


def _id(given: dict[str, Any]) -> str:
    subscription = given.get("id")
    if not isinstance(subscription, str) or not 0 < len(subscription) <= MAX_ID_CHARS:
        raise BadMessage(f"The id is a string of 1 to {MAX_ID_CHARS} characters.")
    return subscription


def _name(value: object, name: str, subscription: str) -> str:
    if (
        not isinstance(value, str)
        or not 0 < len(value) <= MAX_NAME_CHARS
        or not value.isprintable()
    ):
        raise BadMessage(f"{name} is a printable string of 1 to {MAX_NAME_CHARS}.", subscription)
    return value


def _query(value: object, name: str, subscription: str) -> str:
    if not isinstance(value, str) or len(value) > MAX_QUERY_CHARS:
        raise BadMessage(f"{name} is a query of at most {MAX_QUERY_CHARS}.", subscription)
    return value


def _number(value: object, name: str, most: int, subscription: str | None) -> int:
    # A bool is an int in Python, and is not one in JSON.
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise BadMessage(f"{name} is a number from 1 to {most}.", subscription)
    return value


def _claim(value: object, name: str, subscription: str) -> bool:
    if not isinstance(value, bool):
        raise BadMessage(f"{name} is true or false.", subscription)
    return value


def _only(given: dict[str, Any], known: set[str], subscription: str | None) -> None:
    if unknown := sorted(given.keys() - known):
        raise BadMessage(f"Unknown field {unknown[0][:40]!r}.", subscription)


# --- to the browser -------------------------------------------------------------------------------
#
# A message's `body()` is shared by all viewers of the same thing; `framed` puts in front of it what
# differs between sockets. So one rendering and one serialisation serve everybody.


@dataclass(frozen=True)
class Snapshot:
    """The whole thing: replaces what the page shows of it."""

    type: ClassVar[str] = "snapshot"
    cursor: str
    payload: str
    """The topic's own fields as the inside of a JSON object, without braces."""

    def body(self) -> str:
        return _body({"type": self.type, "cursor": self.cursor}, self.payload)


@dataclass(frozen=True)
class Update:
    """What changed: merges into what the page shows."""

    type: ClassVar[str] = "update"
    cursor: str
    payload: str

    def body(self) -> str:
        return _body({"type": self.type, "cursor": self.cursor}, self.payload)


@dataclass(frozen=True)
class State:
    """How the thing's upstream fares: `connecting`, `live`, `reconnecting` or `ended`."""

    type: ClassVar[str] = "state"
    state: str
    since: datetime
    retry_at: datetime | None = None
    message: str = ""

    def body(self) -> str:
        head = {
            "type": self.type,
            "state": self.state,
            "since": iso(self.since),
            "retry_at": iso(self.retry_at),
            "message": self.message,
        }
        return _body(head, "")


@dataclass(frozen=True)
class Error:
    """Why there will be nothing more for a subscription, or what was wrong with a message."""

    type: ClassVar[str] = "error"
    code: str
    """`not_found`, `denied`, `invalid`, `signed_out` or `failed`."""
    message: str

    def body(self) -> str:
        return _body({"type": self.type, "code": self.code, "message": self.message}, "")


@dataclass(frozen=True)
class May:
    """The reader's rights in a subscription's project changed: what they may do there now."""

    type: ClassVar[str] = "may"
    actions: tuple[str, ...]
    """Of the permission table, sorted."""

    def body(self) -> str:
        return _body({"type": self.type, "actions": self.actions}, "")


def _body(head: dict[str, Any], payload: str) -> str:
    text = compact(head)[1:-1]
    return f"{text},{payload}" if payload else text


def framed(seq: int, subscription: str | None, body: str) -> str:
    """The text frame of a body for one socket and one subscription."""
    return f'{{"seq":{seq},"id":{json.dumps(subscription)},{body}}}'


def compact(value: Any) -> str:
    """JSON without blanks, in the characters that the texts have."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def iso(at: datetime | None) -> str | None:
    """A moment as the page reads it: UTC with milliseconds."""
    if at is None:
        return None
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
