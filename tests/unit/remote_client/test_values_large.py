"""Large values are shown from their beginning, without reading what is not shown."""

import msgpack
import pytest
from flyteidl2.core import literals_pb2

from remote_client import _values as values
from remote_client._values.msgpack_excerpt import WHOLE_BYTES, excerpt
from remote_client._values.text import RenderLimits


def packed(value):
    data = value if isinstance(value, bytes) else msgpack.packb(value)
    return literals_pb2.Literal(scalar={"binary": {"value": data, "tag": "msgpack"}})


def plain(found):
    """An excerpt as the value that it is the beginning of."""
    if not hasattr(found, "keyed"):
        return found
    if found.keyed:
        return {key: plain(value) for key, value in found.members}
    return [plain(member) for member in found.members]


def test_a_small_enough_value_is_excerpted_whole():
    value = {"a": [1, {"b": None}], "c": {"d": [2.5, "x", b"y", True]}, 3: []}

    assert plain(excerpt(msgpack.packb(value), 100, 10)) == value


def test_members_that_are_left_out_do_not_hide_what_follows_them():
    value = [[1, 2, 3], {"a": 1, "b": 2, "c": 3}, "last", "cut"]

    found = excerpt(msgpack.packb(value), 3, 2)

    assert [plain(member) for member in found.members] == [
        [1, 2, 3],
        {"a": 1, "b": 2, "c": 3},
        "last",
    ]
    shallow = excerpt(msgpack.packb([[1, 2], "after"]), 3, 1)
    assert shallow.members[0].members == []
    assert shallow.members[0].total == 2
    assert shallow.members[1] == "after"


def test_a_large_value_reads_as_its_beginning_does():
    value = {f"key{number:06d}": {"n": number, "names": ["a", "b"]} for number in range(20_000)}
    assert len(msgpack.packb(value)) > WHOLE_BYTES

    text = values.render(packed(value), limits=RenderLimits(items=3))

    assert text.splitlines() == [
        "{",
        '  "key000000": {"n": 0, "names": ["a", "b"]},',
        '  "key000001": {"n": 1, "names": ["a", "b"]},',
        '  "key000002": {"n": 2, "names": ["a", "b"]},',
        "  … 19,997 more",
        "}",
    ]


def test_what_cannot_be_reached_in_time_is_said_to_be_there():
    value = {"first": 1, "huge": [0] * 500_000, "after": 2}

    text = values.render(packed(value))

    assert '"first": 1' in text
    assert "… 499,800 more" in text
    assert text.endswith("… 1 more\n}")
    assert '"after"' not in text


@pytest.mark.parametrize(
    "data",
    [
        b"\xdd\xff\xff\xff\xff" + b"\xc1" * 100_000,
        b"\xdf\x00\x01\xff\xff" + b"\x91" * 100_000,
        b"\xc1" * 100_000,
        b"\x92\xdd\x00\x00\xff\xff" + b"\xc0" * 40_000 + b"\xc1" * 60_000,
        b"\xda\xff\xff" + b"\xff" * 70_000,
    ],
)
def test_large_malformed_bytes_do_not_raise(data):
    assert values.render(packed(data)).encode()
