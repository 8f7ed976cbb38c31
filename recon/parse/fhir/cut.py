"""A JSON file of FHIR cut into its resources, each with its place: Bundle, array, or NDJSON.

What belongs here: where a resource begins and ends, by brackets outside of strings. What does not:
what stands in it (``reading``).
"""

import re
from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa

from recon.errors import SenderError
from recon.parse.encoding import Offsets, decode

# What may stand between two resources of a list.
_BETWEEN = np.isin(np.arange(256), list(b" \t\r\n,"))
_BRACKETS = np.isin(np.arange(256), list(b"{}[]"))
_OPENING = np.isin(np.arange(256), list(b"{["))


@dataclass(frozen=True)
class Cut:
    """The resources of a file, in order.

    Attributes:
        resources: ``source_record`` from 1, ``byte_offset``, ``byte_length``, ``text``, and
            ``rule`` and ``reason`` where it is refused already.
        in_entries: each text is an entry of a Bundle and holds its resource.
        encoding: how the bytes were read as text.
    """

    resources: pl.DataFrame
    in_entries: bool
    encoding: str


def cut(data: bytes) -> Cut:
    """Find the resources.

    A Bundle, an array and one resource alone are told from NDJSON by their brackets.

    Raises:
        SenderError: it begins like none of them.
    """
    text = decode(data, "utf-8")
    utf8 = text.utf8
    start = len(utf8) - len(utf8.lstrip())
    first = utf8[start : start + 1]
    if first not in (b"", b"{", b"["):
        raise SenderError(
            "this is not FHIR in JSON: it should begin with { or [. Ask the sender for a Bundle, "
            "an array of resources, or NDJSON."
        )
    brackets = _Brackets(utf8)
    entries = brackets.entries() if first == b"{" else None
    tail: tuple[int, int] | None = None
    if first == b"[":
        starts, ends, tail = brackets.elements(start)
    elif entries is not None:
        starts, ends, tail = brackets.elements(entries) if entries >= 0 else brackets.none()
    elif brackets.alone():
        starts, ends = np.array([start]), np.array([len(utf8)])
    else:
        starts, ends = _lines(utf8)
    faults: dict[int, tuple[str, str]] = {}
    if tail is not None:
        faults[starts.size] = (
            "unclosed",
            "the file ends before its list of resources does: ask the sender to send it again",
        )
        starts, ends = np.append(starts, tail[0]), np.append(ends, tail[1])
    bad = text.undecodable
    for owner in np.unique(np.searchsorted(starts, bad, side="right") - 1).tolist():
        faults[owner] = ("encoding", "it holds bytes that are not text in UTF-8")
    offsets = text.original(starts)
    resources = pl.DataFrame(
        {
            "source_record": np.arange(1, starts.size + 1),
            "byte_offset": offsets,
            "byte_length": text.original(ends) - offsets,
            "text": _texts(utf8, starts, ends),
        },
        schema_overrides={"source_record": pl.Int64, "byte_offset": pl.Int64},
    )
    said = pl.DataFrame(
        [(at + 1, *fault) for at, fault in faults.items()],
        schema={"source_record": pl.Int64, "rule": pl.String, "reason": pl.String},
        orient="row",
    )
    resources = resources.join(said, on="source_record", how="left", maintain_order="left")
    page = brackets.next_page() if entries is not None else None
    if page is not None:
        start, end = text.original(np.array(page)).tolist()
        resources.extend(_missing_pages(starts.size + 1, start, end))
    return Cut(resources, entries is not None, text.encoding)


class _Brackets:
    """Brackets outside of strings, and how deep each leaves the text."""

    def __init__(self, utf8: bytes) -> None:
        self.utf8 = utf8
        self.bytes = np.frombuffer(utf8, np.uint8)
        self.quotes = _quotes(self.bytes)
        places = np.flatnonzero(_BRACKETS[self.bytes])
        self.at = places[np.searchsorted(self.quotes, places) % 2 == 0]
        self.opens = _OPENING[self.bytes[self.at]]
        self.depth = np.cumsum(np.where(self.opens, 1, -1))

    def alone(self) -> bool:
        """Whether the text is one value from its first bracket to its last byte."""
        closed = np.flatnonzero(self.depth == 0)
        rest = self.utf8[int(self.at[closed[0]]) + 1 :] if closed.size else b"?"
        return not rest.strip()

    def entries(self) -> int | None:
        """Where the list of a Bundle's entries opens; -1 where it has none, None if no Bundle."""
        if self._key(rb'"resourceType"\s*:\s*"Bundle"') is None or not self._first_is_all():
            return None
        found = self._key(rb'"entry"\s*:\s*\[')
        return -1 if found is None else found.end() - 1

    def next_page(self) -> tuple[int, int] | None:
        """Where a Bundle links to the page after it, which is in another file or in none."""
        links = self._key(rb'"link"\s*:\s*\[')
        if links is None:
            return None
        opening = links.end() - 1
        after = int(np.searchsorted(self.at, opening)) + 1
        closing = self.at[after:][self.depth[after:] == 1][:1]
        if not closing.size:
            return None
        end = int(closing[0]) + 1
        is_next = re.search(rb'"relation"\s*:\s*"next"', self.utf8[opening:end])
        return (opening, end) if is_next else None

    def elements(self, opening: int) -> tuple[Offsets, Offsets, tuple[int, int] | None]:
        """Beginnings and ends of what stands in the list that opens there.

        What stands between two elements and is neither comma nor blank is an element too, that
        nothing can be read from. The last is the rest of a file that ends before its list.
        """
        index = int(np.searchsorted(self.at, opening))
        depth = int(self.depth[index])
        at, after, opens = self.at[index + 1 :], self.depth[index + 1 :], self.opens[index + 1 :]
        closing = np.flatnonzero(after < depth)
        size = len(self.utf8)
        end = int(at[closing[0]]) if closing.size else size
        inside = at < end
        starts = at[inside & opens & (after == depth + 1)]
        ends = at[inside & ~opens & (after == depth)] + 1
        in_the_middle = ends.size < starts.size  # the file ends within an element
        if in_the_middle:
            ends = np.append(ends, size)
        # What stands between, before the first and behind the last.
        left, right = np.append(opening + 1, ends), np.append(starts, end)
        solid = np.flatnonzero(~_BETWEEN[self.bytes])
        lo, hi = np.searchsorted(solid, left), np.searchsorted(solid, right)
        stray = hi > lo
        starts = np.append(starts, solid[lo[stray]])
        ends = np.append(ends, solid[hi[stray] - 1] + 1)
        order = np.argsort(starts, kind="stable")
        starts, ends = starts[order], ends[order]
        unclosed = not closing.size and not in_the_middle
        last = int(ends[-1]) if ends.size else opening + 1
        return starts, ends, (last, size) if unclosed else None

    def none(self) -> tuple[Offsets, Offsets, tuple[int, int] | None]:
        """A Bundle without a list of entries."""
        nothing = np.array([], np.int64)
        return nothing, nothing, None if self.alone() else (0, len(self.utf8))

    def _first_is_all(self) -> bool:
        """The first object is the last: a Bundle, perhaps cut short, not lines of resources."""
        return self.alone() or not (self.depth == 0).any()

    def _key(self, pattern: bytes) -> re.Match[bytes] | None:
        """The first key of the outermost object that matches."""
        for match in re.finditer(pattern, self.utf8):
            before = int(np.searchsorted(self.at, match.start()))
            in_text = np.searchsorted(self.quotes, match.start()) % 2
            if before and self.depth[before - 1] == 1 and not in_text:
                return match
        return None


def _quotes(text: np.ndarray[tuple[int], np.dtype[np.uint8]]) -> Offsets:
    """Quotes that begin or end a string: those without an odd run of backslashes before them."""
    quotes = np.flatnonzero(text == ord('"'))
    slashes = np.flatnonzero(text == ord("\\"))
    if not slashes.size:
        return quotes
    begins = np.flatnonzero(np.diff(slashes, prepend=-2) != 1)
    run_end = slashes[np.append(begins[1:] - 1, slashes.size - 1)]
    length = run_end - slashes[begins] + 1
    run = np.searchsorted(run_end, quotes - 1)
    near = np.minimum(run, run_end.size - 1)
    escaped = (run_end[near] == quotes - 1) & (length[near] % 2 == 1)
    bare: Offsets = quotes[~escaped]
    return bare


def _missing_pages(source_record: int, start: int, end: int) -> pl.DataFrame:
    """What follows a page, as a resource that is refused."""
    reason = (
        "the Bundle is one page of several and names the next (link), whose resources are not in "
        "this file: ask the sender for all pages, or for a bulk export"
    )
    return pl.DataFrame(
        [(source_record, start, end - start, "{}", "next_page", reason)],
        schema={
            "source_record": pl.Int64,
            "byte_offset": pl.Int64,
            "byte_length": pl.Int64,
            "text": pl.String,
            "rule": pl.String,
            "reason": pl.String,
        },
        orient="row",
    )


def _lines(utf8: bytes) -> tuple[Offsets, Offsets]:
    """Beginnings and ends of the lines that are not blank."""
    text = np.frombuffer(utf8, np.uint8)
    breaks = np.flatnonzero(text == ord("\n"))
    starts, ends = np.append(0, breaks + 1), np.append(breaks, len(utf8))
    solid = np.flatnonzero(~np.isin(text, list(b" \t\r\n")))
    filled = np.searchsorted(solid, ends) > np.searchsorted(solid, starts)
    return starts[filled], ends[filled]


def _texts(utf8: bytes, starts: Offsets, ends: Offsets) -> pl.Series:
    """The text of each piece."""
    # Pieces and what stands between them, in turn: every value ends where the next begins.
    edges = np.column_stack([starts, ends]).ravel().astype(np.int64)
    if not edges.size:
        return pl.Series(dtype=pl.String)
    pieces = pa.LargeStringArray.from_buffers(
        edges.size - 1, pa.py_buffer(edges), pa.py_buffer(utf8)
    )
    return pl.Series(pieces)[::2]
