"""Values that say more than Python does: which variant of a union is meant, and a fresh pickle."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from typing import Any

from remote_client._values.decode import to_python, union_type
from remote_client._values.references import Opaque
from remote_client._values.type_names import is_pickled

_PLAIN = (str, bytes, int, float, complex, bool, type(None))


@dataclass(frozen=True, slots=True)
class Chosen:
    """A union's value with the number of its variant: `1` may be meant as an int or as a float."""

    variant: int
    value: Any


def chosen_value(literal: Any, literal_type: Any) -> Any:
    """As `to_python`, but each union that Flyte's types declare gives `Chosen`."""
    match literal_type.WhichOneof("type"), literal.WhichOneof("value"):
        case "collection_type", "collection":
            of = literal_type.collection_type
            return [chosen_value(item, of) for item in literal.collection.literals]
        case "map_value_type", "map":
            of, entries = literal_type.map_value_type, literal.map.literals
            return {key: chosen_value(entries[key], of) for key in sorted(entries)}
        case "union_type", "scalar" if not is_pickled(literal_type):
            return _chosen(literal, literal_type)
        case _:
            return to_python(literal, literal_type)


def _chosen(literal: Any, literal_type: Any) -> Any:
    variants = list(literal_type.union_type.variants)
    if literal.scalar.WhichOneof("value") != "union":
        return to_python(literal, literal_type)
    union = literal.scalar.union
    stated = union_type(union)
    number = variants.index(stated) if stated in variants else _by_tag(variants, stated)
    if number is None:
        return to_python(literal, literal_type)
    return Chosen(number, chosen_value(union.value, variants[number]))


def _by_tag(variants: list[Any], stated: Any) -> int | None:
    """The variant of the same kind: the type that a value states may carry less than the declared
    one."""
    if stated is None:
        return None
    for number, variant in enumerate(variants):
        same_tag = bool(stated.structure.tag) and stated.structure.tag == variant.structure.tag
        kinds = (stated.WhichOneof("type"), variant.WhichOneof("type"))
        same_kind = kinds[0] == kinds[1] and (
            kinds[0] != "simple" or stated.simple == variant.simple
        )
        if same_kind and (same_tag or not stated.structure.tag):
            return number
    return None


def plain_pickle(value: Any) -> Opaque:
    """A pickle of plain data, for tasks whose types the SDK pickles (bytes, set, Any and so on).

    Writing one is harmless, only opening one runs code. Raises TypeError for other objects.
    """
    _check_plain(value, 0)
    # The oldest Python that runs Flyte 2 reads protocol 4.
    return Opaque(pickle.dumps(value, protocol=4), "")


def _check_plain(value: Any, depth: int) -> None:
    if depth > 100:
        raise TypeError("the value is nested deeper than 100 levels")
    if type(value) in _PLAIN:
        return
    if type(value) in (list, tuple, set, frozenset):
        for member in value:
            _check_plain(member, depth + 1)
    elif type(value) is dict:
        for key, member in value.items():
            _check_plain(key, depth + 1)
            _check_plain(member, depth + 1)
    else:
        raise TypeError(f"{type(value).__name__} is no plain data, so it is not pickled here")
