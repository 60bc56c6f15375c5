"""The board: what changed since a version, drawn once however many ask."""

from __future__ import annotations

import json
from typing import Any

from dashboard.live.board import Board


class Drawing:
    """A draw function that counts how often it drew."""

    def __init__(self, html: str) -> None:
        self.html, self.times = html, 0

    def __call__(self) -> str:
        self.times += 1
        return self.html


def read(board: Board, since: int = 0, limit: int | None = None) -> dict[str, Any]:
    content: dict[str, Any] = json.loads("{" + board.payload(since, limit) + "}")
    return content


def put(board: Board, key: str, value: Any, rank: int = 0) -> Drawing:
    drawing = Drawing(f"<{value}>")
    board.put_row(key, value, drawing, rank=(rank,), order=str(value))
    return drawing


def keys(content: dict[str, Any]) -> list[str]:
    return [row["key"] for row in content["rows"]]


def test_a_new_viewer_gets_everything_in_rank_order() -> None:
    board = Board()
    put(board, "b", 2, rank=2)
    put(board, "a", 1, rank=1)
    board.put_part("header", "h", lambda: "<h>")
    board.set_field("phase", "running")
    board.commit()
    assert read(board) == {
        "parts": {"header": "<h>"},
        "rows": [
            {"key": "a", "order": "1", "html": "<1>"},
            {"key": "b", "order": "2", "html": "<2>"},
        ],
        "phase": "running",
    }


def test_an_update_holds_only_what_changed() -> None:
    board = Board()
    put(board, "a", 1)
    put(board, "b", 2)
    board.commit()
    put(board, "a", 3)
    board.commit()
    assert keys(read(board, since=1)) == ["a"]
    assert "rows" not in read(board, since=2)


def test_the_same_value_is_no_change_and_is_not_drawn_again() -> None:
    board = Board()
    first = put(board, "a", 1)
    board.commit()
    again = put(board, "a", 1)
    assert not board.commit()
    read(board)
    assert (first.times, again.times) == (1, 0)


def test_many_viewers_cost_one_drawing_and_one_serialisation() -> None:
    board = Board()
    drawing = put(board, "a", 1)
    board.commit()
    payloads = [board.payload(0) for _ in range(100)]
    assert drawing.times == 1
    assert all(payload is payloads[0] for payload in payloads)


def test_changes_between_looks_conflate_to_the_newest() -> None:
    board = Board()
    drawings = []
    for value in range(1, 6):
        drawings.append(put(board, "a", value))
        board.commit()
    assert [row["html"] for row in read(board, since=1)["rows"]] == ["<5>"]
    assert [drawing.times for drawing in drawings] == [0, 0, 0, 0, 1]


def test_a_removed_row_is_told_to_those_who_had_it() -> None:
    board = Board()
    put(board, "a", 1)
    board.commit()
    board.remove_row("a")
    board.commit()
    assert read(board, since=1)["removed"] == ["a"]
    assert read(board) == {"rows": []}


def test_a_limit_takes_the_rows_that_rank_first() -> None:
    board = Board()
    for n in range(10):
        put(board, f"r{n}", n, rank=-n)
    board.commit()
    assert keys(read(board, limit=3)) == ["r9", "r8", "r7"]


def test_cursors_of_this_board_resume_and_all_others_start_anew() -> None:
    board = Board()
    put(board, "a", 1)
    board.commit()
    assert board.version_of(board.cursor) == 1
    assert board.version_of(Board().cursor) == 0
    epoch = board.cursor.partition(".")[0]
    for strange in (None, "", "x", f"{epoch}.", f"{epoch}.99", f"{epoch}.-1", "1.1", "..", "٣.٣"):
        assert board.version_of(strange) == 0


def test_any_path_of_updates_leads_to_what_a_snapshot_says() -> None:
    board = Board()
    seen: dict[str, str] = {}
    version = 0
    for step in range(30):
        put(board, f"k{step % 7}", step)
        if step % 5 == 4:
            board.remove_row(f"k{step % 3}")
        board.commit()
        if step % 4 == 3:
            content = read(board, since=version)
            version = board.version
            seen.update((row["key"], row["html"]) for row in content.get("rows", []))
            for key in content.get("removed", []):
                seen.pop(key, None)
    content = read(board, since=version)
    seen.update((row["key"], row["html"]) for row in content.get("rows", []))
    for key in content.get("removed", []):
        seen.pop(key, None)
    assert seen == {row["key"]: row["html"] for row in read(board)["rows"]}
