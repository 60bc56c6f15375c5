"""Who may run now."""

from __future__ import annotations

from local_platform.slots import Slots
from local_platform.store import ActionKey
from tests.unit.local_platform.records import key


def _served(slots: Slots) -> list[str]:
    """The names of all who get a slot now."""
    names = []
    while (found := slots.next()) is not None:
        names.append(found.name)
    return names


def _queue(slots: Slots, *names: str, run: str = "r1", depth: int = 0) -> list[ActionKey]:
    keys = [key(name, run) for name in names]
    for each in keys:
        slots.enqueue(each, depth)
    return keys


def test_it_serves_as_many_as_there_are_slots_in_their_order() -> None:
    slots = Slots(2)
    _queue(slots, "a", "b", "c")
    assert _served(slots) == ["a", "b"]
    assert slots.queued == 1


def test_who_leaves_makes_room() -> None:
    slots = Slots(1)
    first, _ = _queue(slots, "a", "b")
    assert _served(slots) == ["a"]
    slots.leave(first)
    assert _served(slots) == ["b"]


def test_who_leaves_the_queue_is_not_served() -> None:
    slots = Slots(3)
    _, second, _ = _queue(slots, "a", "b", "c")
    slots.leave(second)
    assert _served(slots) == ["a", "c"]


def test_a_parent_gives_its_slot_back_while_a_child_is_open() -> None:
    slots = Slots(1)
    [parent] = _queue(slots, "a0")
    assert _served(slots) == ["a0"]
    _queue(slots, "child", depth=1)
    assert _served(slots) == []
    slots.child_opened(parent)
    assert _served(slots) == ["child"]


def test_nesting_deeper_than_the_slots_goes_on() -> None:
    slots = Slots(1)
    above: ActionKey | None = None
    for depth in range(50):
        [own] = _queue(slots, f"level{depth}", depth=depth)
        if above is not None:
            slots.child_opened(above)
        assert _served(slots) == [own.name]
        above = own


def test_a_parent_counts_again_when_its_children_are_done() -> None:
    slots = Slots(1)
    [parent] = _queue(slots, "a0")
    _served(slots)
    [child] = _queue(slots, "child", depth=1)
    slots.child_opened(parent)
    _served(slots)
    slots.leave(child)
    slots.child_closed(parent)
    _queue(slots, "other", run="r2")
    assert slots.held == 1
    assert _served(slots) == []
    slots.leave(parent)
    assert _served(slots) == ["other"]


def test_runs_take_turns() -> None:
    slots = Slots(4)
    _queue(slots, "a", "b", "c", run="large")
    _queue(slots, "x", run="small")
    assert _served(slots) == ["a", "x", "b", "c"]


def test_the_deepest_action_of_a_run_comes_first() -> None:
    slots = Slots(3)
    _queue(slots, "shallow", depth=1)
    _queue(slots, "deep", depth=5)
    _queue(slots, "middle", depth=3)
    assert _served(slots) == ["deep", "middle", "shallow"]


def test_a_second_time_in_the_queue_changes_nothing() -> None:
    slots = Slots(5)
    _queue(slots, "a", "a", "a")
    assert _served(slots) == ["a"]


def test_it_tells_once_who_is_left_waiting() -> None:
    slots = Slots(1)
    _, second = _queue(slots, "a", "b")
    _served(slots)
    assert slots.left_waiting() == [second]
    assert slots.left_waiting() == []


def test_an_attempt_found_after_a_restart_holds_a_slot() -> None:
    slots = Slots(1)
    slots.resume(key("a0"))
    _queue(slots, "b")
    assert _served(slots) == []
