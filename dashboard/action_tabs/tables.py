"""Rows of a table that a task wrote: a page of a parquet file, or the beginning of a CSV file.

Reading blocks, so it happens in a thread, two at a time; only the pieces that are shown are read.
"""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from dashboard.action_tabs import stores
from dashboard.action_tabs.stores import Stored, Unreadable
from dashboard.action_tabs.value_trees import leaf_words, moment_words

T = TypeVar("T")

PAGE_ROWS = 50
MOST_COLUMNS = 60
MOST_CELL_CHARS = 200
MOST_CSV_BYTES = 512 * 1024
MOST_GROUP_BYTES = 256 * 1024 * 1024
"""A row group that is larger unpacked is not opened for fifty rows of it."""

_threads = ThreadPoolExecutor(2, thread_name_prefix="tables")


@dataclass(frozen=True)
class Cell:
    text: str
    is_missing: bool = False
    is_number: bool = False


@dataclass(frozen=True)
class Table:
    """One page of rows."""

    columns: tuple[tuple[str, str], ...]
    """Name and type."""
    rows: tuple[tuple[Cell, ...], ...]
    first: int
    """The first row's number, from 1."""
    total: int | None
    """Rows in all; None when only the beginning was read."""
    hidden_columns: int = 0
    files: int = 1

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1


async def parquet_page(files: list[Stored], page: int) -> Table:
    """Page `page`, from 1, of the rows of one or several parquet files. Raises Unreadable."""
    return await _in_thread(lambda: _parquet_page(files, page))


async def csv_page(stored: Stored, separator: str) -> Table:
    """The first rows of a text file with columns."""
    data = await stores.first_bytes(stored, MOST_CSV_BYTES)
    is_whole = len(data) == stored.size
    return await _in_thread(lambda: _csv_page(data, separator, is_whole))


async def _in_thread(work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(_threads, work)


def _parquet_page(files: list[Stored], page: int) -> Table:
    import pyarrow as pa  # heavy: only who looks at a table pays for it
    import pyarrow.parquet as pq

    try:
        opened = [pq.ParquetFile(stores.reader(file)) for file in files]
        total = sum(each.metadata.num_rows for each in opened)
        page = min(page, max(1, -(-total // PAGE_ROWS)))
        schema = opened[0].schema_arrow
        names = schema.names[:MOST_COLUMNS]
        skip = (page - 1) * PAGE_ROWS
        rows: list[tuple[Cell, ...]] = []
        for batch in _batches(opened, names, skip):
            taken = batch.slice(0, PAGE_ROWS - len(rows))
            rows += [tuple(map(_cell, row.values())) for row in taken.to_pylist()]
            if len(rows) >= PAGE_ROWS:
                break
    except (pa.ArrowException, OSError, ValueError, KeyError, IndexError) as error:
        raise Unreadable(
            f"The file is no readable parquet table ({type(error).__name__})."
        ) from None
    columns = tuple((name, str(schema.field(name).type)) for name in names)
    hidden = len(schema.names) - len(names)
    return Table(columns, tuple(rows), (page - 1) * PAGE_ROWS + 1, total, hidden, len(files))


def _batches(opened: list[Any], names: list[str], skip: int) -> Iterator[Any]:
    """Batches of rows after the first `skip`, row groups before them unread."""
    for file in opened:
        for number in range(file.metadata.num_row_groups):
            group = file.metadata.row_group(number)
            if skip >= group.num_rows:
                skip -= group.num_rows
                continue
            if group.total_byte_size > MOST_GROUP_BYTES:
                raise Unreadable("The table's pieces are too large to look into. Download it.")
            for batch in file.iter_batches(PAGE_ROWS, row_groups=[number], columns=names):
                if skip >= batch.num_rows:
                    skip -= batch.num_rows
                    continue
                yield batch.slice(skip)
                skip = 0


def _cell(value: Any) -> Cell:
    if value is None:
        return Cell("null", is_missing=True)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    text = moment_words(value) if hasattr(value, "hour") and hasattr(value, "year") else ""
    return Cell(_cut(text or leaf_words(value)), is_number=is_number)


def _cut(text: str) -> str:
    return text if len(text) <= MOST_CELL_CHARS else f"{text[:MOST_CELL_CHARS]}…"


def _csv_page(data: bytes, separator: str, is_whole: bool) -> Table:
    text = data.decode("utf-8-sig", "replace")
    lines = list(_csv_lines(text, separator))
    if not is_whole and len(lines) <= PAGE_ROWS:
        lines = lines[:-1]  # the last one may be cut
    head = lines[0] if lines else []
    shown = lines[1 : PAGE_ROWS + 1]
    rows = tuple(tuple(Cell(_cut(field)) for field in line[:MOST_COLUMNS]) for line in shown)
    columns = tuple((name, "") for name in head[:MOST_COLUMNS])
    total = len(lines) - 1 if is_whole and len(lines) <= PAGE_ROWS + 1 else None
    return Table(columns, rows, 1, total, max(0, len(head) - MOST_COLUMNS))


def _csv_lines(text: str, separator: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(io.StringIO(text), delimiter=separator)
    except csv.Error as error:
        raise Unreadable(f"The file is no readable table: {error}.") from None
