"""Messages, and the files and batches that hold them: MSH, FHS/BHS, BTS/FTS, frames.

What belongs here: what an envelope says and whether it is whole. What does not: cutting
(``tokenise.py``), what a message holds (``extract.py``).
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from recon.parse import values
from recon.parse.hl7.charset import encoding
from recon.parse.hl7.defects import Defects
from recon.parse.hl7.segments import Segments
from recon.parse.hl7.sets.accounts import SCOPES
from recon.parse.hl7.tokenise import FS, VT
from recon.parse.hl7.values import Moments, instants, moments
from recon.parse.parsed import CONTROL
from recon.parse.spans import Flags, Ints, Spans, code, words_at

MESSAGE = pl.Schema(
    {
        "message_no": pl.Int64(),  # from 1
        "segment_no": pl.Int64(),  # of its MSH, from 1
        "file_segment": pl.Int64(),  # of the FHS it stands under
        "batch_segment": pl.Int64(),  # of the BHS it stands under
        "message_type": pl.String(),  # MSH-9.1
        "event_code": pl.String(),  # MSH-9.2, else EVN-1
        "message_id": pl.String(),  # MSH-10
        "sending_application": pl.String(),
        "sending_facility": pl.String(),
        "receiving_application": pl.String(),
        "receiving_facility": pl.String(),
        "message_at": pl.Datetime("us"),  # MSH-7 in UTC
        "processing_id": pl.String(),
        "version": pl.String(),
        "accept_ack": pl.String(),  # MSH-15
        "application_ack": pl.String(),  # MSH-16
        "character_set": pl.String(),
        "delimiters": pl.String(),  # MSH-1 and MSH-2
        "segment_count": pl.Int64(),
        "byte_offset": pl.Int64(),
        "byte_length": pl.Int64(),
    }
)

# The segments of files and batches.
OUTLINE = pl.Schema(
    {
        "segment_no": pl.Int64(),
        "message_no": pl.Int64(),  # that it stands after
        "segment": pl.String(),  # its tag
        "byte_offset": pl.Int64(),
        "declared": pl.String(),  # field 1: of a trailer how many it closes
    }
)

_HEADERS = ("MSH", "FHS", "BHS")
_FIVE_BYTES = (1 << 40) - 1  # MSH-1 and MSH-2
_OUTER = ("FHS", "BHS", "BTS", "FTS")
# MSH field -> column; of each the first component.
_FIELDS = {
    "sending_application": 3,
    "sending_facility": 4,
    "receiving_application": 5,
    "receiving_facility": 6,
    "message_id": 10,
    "processing_id": 11,
    "version": 12,
    "accept_ack": 15,
    "application_ack": 16,
    "character_set": 18,
}
_TYPE = re.compile(r"[A-Z][A-Z0-9]{2}")
# Message type, its events where not all, and the segment without which it says nothing; of an ADT
# about beds there is none.
_NEEDED = (
    ("DFT", None, "FT1"),
    ("BAR", None, "PID"),
    ("SIU", None, "SCH"),
    ("MFN", None, "MFE"),
    ("ADT", None, "PID"),
    ("ADT", tuple(SCOPES), "MRG"),
)
_OF_BEDS = "A20"
# Segments in which people write, and line breaks slip in; nothing of them is read.
_WRITTEN = [code(tag) for tag in ("NTE", "OBX", "DG1", "GT1", "NK1", "AL1", "TXA")]


def outer(segments: Segments) -> Flags:
    """Segments of files and batches, which belong to no message."""
    found = np.zeros(len(segments), bool)
    for tag in _OUTER:
        found |= segments.tag == code(tag)
    return found


def message_frame(
    segments: Segments, zone: str | None, defects: Defects
) -> tuple[pl.DataFrame, Moments]:
    """One row per MSH, columns of ``MESSAGE``; and what each MSH-7 says."""
    rows = np.flatnonzero(segments.tag == code("MSH"))
    inner = np.flatnonzero(~outer(segments))
    of = segments.message[inner]
    last = inner[np.searchsorted(of, np.arange(rows.size), side="right") - 1]
    first = np.searchsorted(of, np.arange(rows.size))
    count = np.searchsorted(of, np.arange(rows.size), side="right") - first
    view = segments.view(rows, range(2, 18))
    places = {name: (number, 1) for name, number in _FIELDS.items()}
    places |= {"message_type": (9, 1), "event_code": (9, 2)}
    # MSH-1 is no field of the segment: it is the separator.
    spans = [segments.value(view, field - 1, part, 0) for field, part in places.values()]
    told: dict[str, values.Cells] = dict(
        zip(places, values.text_arrays(segments, spans), strict=True)
    )
    event = pl.Series(values=told["event_code"])
    if event.null_count():
        told["event_code"] = event.zip_with(event.is_not_null(), _first_evn(segments, rows))
    moment = moments(segments, segments.value(view, 6, 1, 0))
    begin = segments.offset[rows]
    marks = segments.kind[rows]
    written = pl.Series(["".join(d) for d in segments.delimiters], dtype=pl.String)
    nothing = values.constant(None, rows.size, pl.Int64())
    columns: dict[str, values.Cells] = {
        "message_no": np.arange(1, rows.size + 1),
        "segment_no": rows + 1,
        "file_segment": nothing,  # see `with_batches`
        "batch_segment": nothing,
        **told,
        "message_at": instants(moment, moment.offset, zone),
        "delimiters": written.gather(marks),
        "segment_count": count,
        "byte_offset": begin,
        "byte_length": segments.offset[last] + segments.length[last] - begin,
    }
    frame = values.table((columns[name] for name in MESSAGE), MESSAGE)
    if moment.bad.any():
        odd = moment.bad if moment.run is None else moment.bad[moment.run]
        defects.add("MSH07", rows[odd], field=7)
    _check(segments, rows, frame, defects)
    return frame, moment


class Kinds(NamedTuple):
    """What kind of message each is.

    Attributes:
        told: every type and event that there is, once.
        which: of each message, its place in ``told``.
    """

    told: list[tuple[str | None, str | None]]
    which: Ints

    def among(self, wanted: Sequence[str]) -> Flags:
        """Per message, whether its type, or type and event (``ADT^A01``), is one of these."""
        found = [kind in wanted or f"{kind}^{event or ''}" in wanted for kind, event in self.told]
        return np.array(found, dtype=bool)[self.which]


def kinds(messages: pl.DataFrame) -> Kinds:
    """The kinds of ``messages``."""
    columns = messages[["message_type", "event_code"]]
    told = columns.unique(maintain_order=True)
    if told.height < 2:
        return Kinds(told.rows(), np.zeros(messages.height, np.int64))
    which = columns.join(
        told.with_row_index("which"), on=columns.columns, nulls_equal=True, maintain_order="left"
    )
    return Kinds(told.rows(), which["which"].to_numpy().astype(np.int64))


def check_frames(data: bytes, messages: pl.DataFrame, defects: Defects) -> None:
    """A frame that is opened and not closed."""
    if bytes([VT]) not in data or messages.is_empty():
        return
    begin = messages["byte_offset"].to_numpy()
    raw = np.frombuffer(data, np.uint8)
    opened = (begin > 0) & (raw[begin - 1] == VT)
    closing = np.append(np.flatnonzero(raw == FS), len(data))
    following = np.append(begin[1:], len(data))
    closed = closing[np.searchsorted(closing, begin)] < following
    broken = messages.filter(pl.Series(opened & ~closed))
    defects.add_at("frame", broken.with_columns(segment=pl.lit("MSH")))


def outline(segments: Segments) -> pl.DataFrame:
    """The segments of files and batches, columns of ``OUTLINE``."""
    rows = np.flatnonzero(outer(segments))
    tags = values.text(segments, Spans(segments.start[rows], segments.start[rows] + 3))
    message = segments.message[rows]
    return pl.DataFrame(
        [
            rows + 1,
            values.nullable(message + 1, message >= 0),
            tags,
            segments.offset[rows],
            values.text(segments, segments.value(segments.view(rows), 1, 1, 0)),
        ],
        schema=OUTLINE,
    )


def with_batches(messages: pl.DataFrame, outlined: pl.DataFrame) -> pl.DataFrame:
    """The messages with the file and the batch that each stands under."""
    if outlined.is_empty():
        return messages
    rows, heads = messages["segment_no"].to_numpy(), _heads(outlined)
    return messages.with_columns(
        file_segment=_under(rows, heads["FHS"], heads["FTS"]),
        batch_segment=_under(rows, heads["BHS"], heads["BTS"]),
    )


def _heads(outlined: pl.DataFrame) -> dict[str, Ints]:
    return {
        tag: outlined.filter(pl.col("segment") == tag)["segment_no"].to_numpy() for tag in _OUTER
    }


def check_batches(
    outlined: pl.DataFrame, messages: pl.DataFrame, size: int, defects: Defects
) -> pl.DataFrame:
    """Headers without trailers, and counts: rows of ``CONTROL``.

    Args:
        outlined: see ``outline``.
        messages: see ``message_frame``.
        size: how many segments the file has.
        defects: gets what is wrong.
    """
    if outlined.is_empty():
        return pl.DataFrame(schema=CONTROL)
    heads = _heads(outlined) | {"MSH": messages["segment_no"].to_numpy()}
    number = outlined["segment_no"]

    def add(
        name: str, some: Ints, found: list[str] | None = None, expected: list[str] | None = None
    ) -> None:
        defects.add_at(
            name, outlined.filter(number.is_in(some.tolist())), found=found, expected=expected
        )

    controls = []
    for head, tail, of, name in (
        ("BHS", "BTS", "MSH", "BTS01"),
        ("FHS", "FTS", "BHS", "FTS01"),
    ):
        begins, ends = heads[head], heads[tail]
        bounds = np.append(begins[1:], size + 1)
        at = np.searchsorted(ends, begins)
        closing = np.append(ends, size + 1)[at]
        whole = closing < bounds
        add(tail, begins[~whole])
        alone = np.setdiff1d(ends, closing[whole])
        add("no_header", alone, found=[tail] * alone.size)
        some, stops = begins[whole], closing[whole]
        said_by = dict(outlined.select("segment_no", "declared").iter_rows())
        declared = [said_by[n] for n in stops.tolist()]
        # An FTS counts batches; where a file has none, a batch is what it holds.
        found = np.searchsorted(heads[of], stops) - np.searchsorted(heads[of], some)
        for n, (said, count) in enumerate(zip(declared, found.tolist(), strict=True)):
            if said is None:
                continue
            agrees = said.isdigit() and int(said) == count
            told = said if said.isdigit() else "text"
            controls.append((name, int(stops[n]), told, str(count), agrees))
            if not agrees:
                add(name, some[n : n + 1], found=[str(count)], expected=[told])
    return pl.DataFrame(controls, schema=CONTROL, orient="row")


def is_quiet(outlined: pl.DataFrame, controls: pl.DataFrame) -> bool:
    """Whether a file without messages is whole all the same: its batches say that they hold none.

    Args:
        outlined: see ``outline``.
        controls: see ``check_batches``.
    """
    tags = "".join(outlined["segment"])
    closed = re.fullmatch("FHS(BHSBTS)*FTS|(BHSBTS)+", tags) is not None
    return closed and not controls.is_empty() and bool(controls["agrees"].all())


def check_lines(segments: Segments, fallen: dict[int, str], defects: Defects) -> None:
    """Lines that are no segments, segments outside messages, encodings."""
    outside = (segments.message < 0) & ~outer(segments)
    prose = np.flatnonzero(outside & ~segments.tagged)
    stray = np.flatnonzero(outside & segments.tagged)
    if not stray.size and (segments.message >= 0).any():
        first = words_at(segments.text, segments.start[prose], 4).view("<u4")
        stray = prose[first & np.uint32(0xFFFFFF) == code("ISA")]
    defects.add("stray", stray[:1])
    defects.add(
        "text_outside",
        prose,
        found=[f"{n} bytes" for n in segments.length[prose].tolist()],
    )
    loose = np.flatnonzero((segments.message >= 0) & ~segments.tagged)
    if loose.size:
        proper = np.flatnonzero(segments.tagged)
        before = proper[np.searchsorted(proper, loose) - 1]
        tag = segments.tag[before]
        private = (tag & np.uint32(0xFF)) == ord("Z")
        harmless = np.isin(tag, _WRITTEN) | private
        for name, chosen in (("text_line", harmless), ("segment_tag", ~harmless)):
            at = np.flatnonzero(chosen)
            tags = [
                segments.text[a : a + 3].decode("latin-1")
                for a in segments.start[before[at]].tolist()
            ]
            defects.add(name, loose[at], found=tags)
    joined = np.flatnonzero(segments.joined & segments.tagged)
    tags = [segments.text[a : a + 3].decode() for a in segments.start[joined].tolist()]
    defects.add("joined", joined, found=tags)
    if fallen:
        seen = dict.fromkeys(int(segments.message[n]) for n in fallen)
        at = np.searchsorted(segments.message, list(seen))
        told = {int(segments.message[n]): how for n, how in reversed(fallen.items())}
        defects.add("charset", at, found=[f"it was read as {told[n]}" for n in seen])


def check_headers(segments: Segments, defects: Defects) -> None:
    """A header behind text on one line: what is under it would be taken for the message before."""
    text = segments.text
    marks = sorted({"".join(d).encode() for d in segments.delimiters if all(d)})
    heads = segments.start[np.isin(segments.tag, [code(tag) for tag in _HEADERS])]
    declared = words_at(text, heads + 3, 8).view("<u8") & np.uint64(_FIVE_BYTES)
    at_lines = np.isin(declared, [int.from_bytes(mark, "little") for mark in marks])
    if sum(map(text.count, marks)) == np.count_nonzero(at_lines):
        return
    written = "|".join(_HEADERS).encode(), b"|".join(map(re.escape, marks))
    hits = list(re.finditer(b"(%b)(?:%b)" % written, text))
    at = np.array([hit.start() for hit in hits], np.int64)
    row = np.searchsorted(segments.start, at, side="right") - 1
    inside = np.flatnonzero(segments.start[row] != at)
    around = [text[a : a + 3].decode("latin-1") for a in segments.start[row[inside]].tolist()]
    told = [hits[n][1].decode() for n in inside.tolist()]
    defects.add("header_inside", row[inside], found=around, expected=told)


def check_end(data: bytes, segments: Segments, defects: Defects) -> None:
    """The last segments of ``data``: whether their line is ended."""
    if len(segments) and segments.offset[-1] + segments.length[-1] == len(data):
        final = data[-1:]
        if final not in (b"\r", b"\n"):
            defects.add("no_final_break", np.array([len(segments) - 1]))


def _check(segments: Segments, rows: Ints, frame: pl.DataFrame, defects: Defects) -> None:
    wrong = [n for n, d in enumerate(segments.delimiters) if not d.component or len(set(d)) < 5]
    at = rows[np.isin(segments.kind[rows], wrong)]
    marks = ["".join(segments.delimiters[k][1:]) for k in segments.kind[at].tolist()]
    defects.add("delimiters", at, field=2, found=[repr(m)[1:-1] or "nothing" for m in marks])
    empty = {"MSH09": ("message_type", 9), "MSH10": ("message_id", 10)}
    for name, (column, number) in empty.items():
        if frame[column].null_count():
            defects.add(name, rows[frame[column].is_null().to_numpy()], field=number)
    kind = frame["message_type"]
    sent = kind.unique().drop_nulls().to_list()  # few
    odd = [told for told in sent if not _TYPE.fullmatch(told)]
    if odd:
        which = kind.is_in(odd).fill_null(value=False)
        defects.add("message_type", rows[which.to_numpy()], field=9)
    of_beds = (frame["event_code"] == _OF_BEDS).fill_null(value=False).to_numpy()
    for form, events, tag in _NEEDED:
        if form not in sent:
            continue
        needing = kind == form
        if events:
            needing &= frame["event_code"].is_in(events)
        there = np.zeros(rows.size, bool)
        holding = segments.message[segments.tag == code(tag)]
        there[holding[holding >= 0]] = True
        lacking = rows[needing.fill_null(value=False).to_numpy() & ~there & ~of_beds]
        defects.add(
            "incomplete", lacking, found=[form] * lacking.size, expected=[tag] * lacking.size
        )
    sets = frame["character_set"]
    if sets.null_count() < sets.len():
        odd = [name for name in sets.drop_nulls().unique() if encoding(name) is None]
        unknown = sets.is_in(odd).fill_null(value=False).to_numpy()
        defects.add("charset_unknown", rows[unknown], field=18)


def _first_evn(segments: Segments, rows: Ints) -> pl.Series:
    """EVN-1 of each message: where the event stood before MSH-9 had it."""
    evn = np.flatnonzero(segments.tag == code("EVN"))
    if not evn.size:
        return values.constant(None, rows.size, pl.String())
    at = np.searchsorted(evn, rows, side="right")
    found = evn[np.minimum(at, evn.size - 1)]
    own = (at < evn.size) & (segments.message[found] == segments.message[rows])
    view = segments.view(np.where(own, found, -1))
    return values.text(segments, segments.value(view, 1, 1, 0))


def _under(rows: Ints, begins: Ints, ends: Ints) -> pl.Series:
    """The header each message stands under, its number; null where it is closed before it."""
    if not begins.size:
        return values.constant(None, rows.size, pl.Int64())
    at = np.searchsorted(begins, rows) - 1
    begin = begins[np.maximum(at, 0)]
    closed = np.searchsorted(ends, rows) > np.searchsorted(ends, begin)
    return values.nullable(begin, (at >= 0) & ~closed)
