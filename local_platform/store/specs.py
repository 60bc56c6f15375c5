"""Specs of tasks, traces and conditions, each stored once however often it is used."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from typing import TypeVar, cast

from google.protobuf.message import Message

from local_platform.store.database import Database

_Spec = TypeVar("_Spec", bound=Message)
_KEPT = 256  # watchers of one run read the same few specs again and again; each is a few kB


class Specs:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: OrderedDict[str, Message] = OrderedDict()

    def put(self, spec: Message) -> str:
        """Stores a spec; answers its id, the hash of its bytes."""
        data = spec.SerializeToString(deterministic=True)
        spec_id = hashlib.sha256(data).hexdigest()
        if spec_id not in self._kept:
            self._database.insert("spec", {"id": spec_id, "pb": data}, verb="INSERT OR IGNORE")
        return spec_id

    def get(self, spec_id: str, kind: type[_Spec]) -> _Spec:
        """The spec with this id, read-only for all who share it; an empty one for "" ."""
        if spec_id in self._kept:
            self._kept.move_to_end(spec_id)
            return cast("_Spec", self._kept[spec_id])
        row = self._database.row("SELECT pb FROM spec WHERE id = ?", (spec_id,))
        spec = cast("_Spec", kind.FromString(row["pb"] if row else b""))
        if row is not None:
            self._kept[spec_id] = spec
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return spec
