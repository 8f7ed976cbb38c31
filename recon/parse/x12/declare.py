"""How a transaction set is declared: its loops, and which element fills which column.

A declaration is read beside the standard and uses its words. A *loop* begins at a segment and
holds what follows, up to a segment that belongs to what is around it. A *record* is a typed table:
one row per transaction set, per loop, per segment, or per repeated part of a segment. Its columns
name their sources as the standard does:

    "BEG03"            element 03 of BEG
    "SVC01-2"          component 2 of that element
    "REF02:CT|VC"      element 02 of the REF whose element 01 is CT, or else VC
    "DTM02@02:011"     as above where the qualifier is not in element 01 but in the one after @
    "PO106+:VN|VC"     PO1 holds pairs of qualifier and value from element 06 on: the value that
                       goes with VN, or else VC, wherever in the segment the pair stands
    "TDS01 N2"         a number of type N2: the last two digits are decimals unless it has a point
    "DTM06:090 RD8"    element 06 of that DTM, if it is a range of days
    "order.PRF01"      the source in the nearest loop ``order`` around the row
    "N1:ST>N401"       the source in the loop that begins, inside the row's own, with N1 whose
                       element 01 is ST

A column takes the first of its sources that holds anything; where several segments qualify, the
first one counts. A DTM that leaves 02 empty has its date in 06, in the form that 05 names: what
reads DTM02 reads that as well. A row reads the segments of its own loop, and the first segment of
each loop inside it; what stands deeper it reads only by ``>``.

What belongs here: the vocabulary. What does not: any transaction set (``sets/``), nor how
declarations are carried out (``loops.py``, ``extract.py``).
"""

import re
from dataclasses import dataclass, replace
from enum import Enum, IntEnum
from functools import cache, cached_property

import polars as pl

from recon.parse.spans import code


class Kind(Enum):
    """What a column holds, and its type."""

    TEXT = pl.String()
    CODE = pl.String(), "a code: of a set about persons, a name or a number in its place is refused"
    QUALIFIER = (
        pl.String(),
        "which list a code is of: as a code, and told otherwise where it is none",
    )
    DATE = pl.Date()
    PERIOD_START = pl.Date(), "a date, or the first day of CCYYMMDD-CCYYMMDD"
    PERIOD_END = pl.Date(), "a date, or the last day of CCYYMMDD-CCYYMMDD"
    COUNT = pl.Int32()
    QUANTITY = pl.Decimal(18, 6)  # also prices and percentages
    MONEY = pl.Decimal(18, 2)
    POINTED = pl.Boolean()  # the number is written with its decimals, none are implied

    @property
    def dtype(self) -> pl.DataType:
        """Type of the column."""
        dtype: pl.DataType = self.value[0] if isinstance(self.value, tuple) else self.value
        return dtype


class Form(IntEnum):
    """How a value is written, where its kind alone does not say."""

    USUAL = 0
    N2 = 1  # without a point, the last two digits are decimals
    DTM06 = 2  # with a time of day, perhaps, or a range of days
    RD8 = 3  # the same, and only a range counts


class Counted(Enum):
    """What the columns of no element hold."""

    ORDINAL = "which one it is, from 1"
    NUMBER_OF = "how many there are"
    TAG = "the segment's own tag"
    LISTED = "the codes of a list, blanks between"


_SOURCE = re.compile(
    r"((?P<loop>[a-z][a-z0-9_]*)\.)?"
    r"((?P<inside>[A-Z][A-Z0-9]{1,2}):(?P<inside_codes>[A-Z0-9|]+)>)?"
    r"(?P<tag>[A-Z][A-Z0-9]{1,2}?)(?P<element>\d\d)(-(?P<component>\d))?(?P<pairs>\+)?"
    r"(@(?P<at>\d\d))?(:(?P<codes>[A-Z0-9|]+))?( (?P<form>N2|RD8))?"
)


@dataclass(frozen=True)
class Source:
    """One place a value may come from; see the module's description for the notation."""

    tag: str
    element: int
    component: int = 0
    codes: tuple[str, ...] = ()
    code_at: int = 1
    pairs: bool = False
    form: Form = Form.USUAL
    loop: str = ""
    inside: str = ""
    inside_codes: tuple[str, ...] = ()

    @cached_property
    def tag_code(self) -> int:
        """The tag as a number, as segments have it."""
        return code(self.tag)

    @classmethod
    def read(cls, written: str) -> "Source":
        """The source that is written so."""
        match = _SOURCE.fullmatch(written)
        if match is None:
            raise ValueError(f"not a source: {written!r}")
        return cls(
            tag=match["tag"],
            element=int(match["element"]),
            component=int(match["component"] or 0),
            codes=_codes(match["codes"]),
            code_at=int(match["at"] or 1),
            pairs=bool(match["pairs"]),
            form=Form[match["form"] or "USUAL"],
            loop=match["loop"] or "",
            inside=match["inside"] or "",
            inside_codes=_codes(match["inside_codes"]),
        )


def _codes(written: str | None) -> tuple[str, ...]:
    return tuple(written.split("|")) if written else ()


_BEGINS = re.compile(r"(?P<tag>[A-Z][A-Z0-9]{1,2}?)((?P<element>\d\d):(?P<codes>[A-Z0-9|]+))?")


@dataclass(frozen=True)
class Loop:
    """A loop of a transaction set.

    Attributes:
        name: what its rows and sources call it.
        tag: the segment it begins with.
        element: that segment's element which tells it from other loops of the same tag; 0: none.
        codes: the codes that element may hold.
        within: names of the loops it may stand in; "" is the transaction set itself.
        holds: the only tags it may hold, besides those that begin it and the loops within it; a
            segment of any other ends it. Empty: any.
        at_most: how many one loop around it may hold; 0: any number.
    """

    name: str
    tag: str
    element: int
    codes: tuple[str, ...]
    within: tuple[str, ...]
    holds: tuple[str, ...]
    at_most: int

    @property
    def is_level(self) -> bool:
        """Whether it is a level of a hierarchy: HL02, not its place, says what it stands in."""
        return self.tag == "HL"


def loop(name: str, begins: str, *, within: str = "", holds: str = "", at_most: int = 0) -> Loop:
    """A loop that begins with ``begins``: ``IT1``, or ``HL03:O|S`` for HL whose element 03 says so.

    Args:
        name: its name, in the field's words.
        begins: tag, or tag, element and its codes.
        within: loops it may stand in, as ``subscriber|patient``; "" is the transaction set.
            For a level of a hierarchy HL02 decides, and ``within`` stays empty.
        holds: the only tags it may hold, with blanks between.
        at_most: as the guide limits it.
    """
    match = _BEGINS.fullmatch(begins)
    if match is None:
        raise ValueError(f"not the beginning of a loop: {begins!r}")
    element = int(match["element"] or 0)
    outer = tuple(within.split("|"))
    return Loop(
        name, match["tag"], element, _codes(match["codes"]), outer, tuple(holds.split()), at_most
    )


@dataclass(frozen=True)
class Column:
    """A column of a typed record.

    Attributes:
        name: its name.
        kind: what it holds.
        sources: where it is read from; see the module's description.
        required: the transaction set is refused without it.
        inherit: where empty it takes the value of the first record's column of the same name.
        beside: another column of the same segment: it is read from the segment that gives that one,
            and from no other though it is empty there (a reason, beside the verdict it is for).
        codes: the only values the standard gives it; another is reported and kept.
        private: what it identifies (account, claim, member, mrn), where that is a person; the
            pipeline writes a keyed token in its place. ``drop``: it may name a person, and the
            pipeline stores nothing of it. Other names of persons, and words, never get a column.
        counted: instead of being read, it is counted.
        loop: for ORDINAL and NUMBER_OF, the loop that is counted; "" is the row itself. For LISTED,
            the repeated part that holds a code, as ``Record.each``.
        within: for ORDINAL, the loop in which counting starts again; "" is the transaction set.
    """

    name: str
    kind: Kind
    sources: tuple[Source, ...] = ()
    required: bool = False
    inherit: bool = False
    beside: str = ""
    codes: tuple[str, ...] = ()
    private: str = ""
    counted: Counted | None = None
    loop: str = ""
    within: str = ""

    @cached_property
    def tags(self) -> frozenset[int]:
        """The tags of its sources, as numbers."""
        return frozenset(source.tag_code for source in self.sources)

    @cached_property
    def around(self) -> str:
        """The loop that all its sources name; "" where there is none."""
        loops = {source.loop for source in self.sources}
        return loops.pop() if len(loops) == 1 else ""

    @cached_property
    def read_as(self) -> str:
        """The same for columns that are read alike, whatever their names."""
        return repr((self.kind, self.sources, self.codes))

    @property
    def written(self) -> str:
        """As the standard names its elements, for messages."""
        names = [
            f"{s.tag}{s.element:02d}" + (f"-{s.component}" if s.component else "")
            for s in self.sources
        ]
        return f"{' or '.join(dict.fromkeys(names))} ({self.name})"


def column(
    name: str,
    kind: Kind,
    *sources: str,
    required: bool = False,
    inherit: bool = False,
    beside: str = "",
    codes: str = "",
    private: str = "",
) -> Column:
    """A column read from elements; ``codes`` as ``F|M|U``."""
    read = tuple(way for s in sources for way in _ways(Source.read(s)))
    return Column(name, kind, read, required, inherit, beside, _codes(codes), private)


def _ways(source: Source) -> tuple[Source, ...]:
    """The source, and where the same segment has the same otherwise."""
    if (source.tag, source.element) != ("DTM", 2):
        return (source,)
    return (source, replace(source, element=6, form=Form.DTM06))


def ordinal(name: str, loop: str = "", *, within: str = "") -> Column:
    """Which ``loop`` the row is or stands in, counted from 1; null where it stands in none."""
    return Column(name, Kind.COUNT, counted=Counted.ORDINAL, loop=loop, within=within)


def number_of(name: str, loop: str) -> Column:
    """How many of ``loop`` the transaction set has."""
    return Column(name, Kind.COUNT, counted=Counted.NUMBER_OF, loop=loop)


def tag(name: str) -> Column:
    """The tag of the row's segment."""
    return Column(name, Kind.TEXT, counted=Counted.TAG)


def listed(name: str, each: str, codes: str) -> Column:
    """Every code of the row's loop that is of the lists ``codes``, in order, blanks between.

    A part ``each`` of a segment holds the list in its first component and the code in its second:
    ``HI01+1`` with ``BE:FD``.
    """
    return Column(name, Kind.TEXT, codes=_codes(codes), counted=Counted.LISTED, loop=each)


# Who sells, makes, pays or stores is an organisation. What is delivered to a home is shipped to,
# billed to and bought by a person, in the very elements that hold a hospital's name otherwise.
_MAY_BE_A_PERSON = {"buyer", "ship_to", "bill_to", "mark_for"}


def party(role: str, codes: str) -> tuple[Column, Column, Column]:
    """Name, qualifier and identification of the party whose N101 is one of ``codes``."""
    private = "drop" if role in _MAY_BE_A_PERSON else ""
    # A bill-only order is marked for its patient, by a number that the hospital gave.
    number = "drop" if role == "mark_for" else ""
    return (
        column(f"{role}_name", Kind.TEXT, f"N102:{codes}", private=private),
        column(f"{role}_qualifier", Kind.TEXT, f"N103:{codes}"),
        column(f"{role}_id", Kind.TEXT, f"N104:{codes}", private=number),
    )


def item_ids(segment_and_first: str, *more: str) -> tuple[Column, ...]:
    """The item identifications of a segment's pairs, by qualifier and never by position.

    Args:
        segment_and_first: segment and element where its pairs begin: ``PO106``.
        *more: others that may hold them: ``LIN02``.
    """
    places = (segment_and_first, *more)

    def ids(name: str, codes: str) -> Column:
        return column(name, Kind.TEXT, *(f"{place}+:{codes}" for place in places))

    return (
        ids("vendor_catalog_no", "VN|VC|VP|F1"),
        ids("buyer_item_no", "IN|BP|CB|PI|SK|SW|FS"),
        ids("manufacturer_part_no", "MG|MF"),
        ids("gtin", "UK|UP|EN|UI|UA|UD"),
        ids("ndc", "N4|ND|N1|N2|N3"),
        ids("hibcc", "HI|UX"),
    )


@dataclass(frozen=True)
class Record:
    """A typed record: its name, what one row is, and its columns.

    Attributes:
        name: record name, as mappings call it.
        columns: its own columns; ``KEYS`` come before them.
        loop: one row per loop of this name; "" with no ``tags``: one per transaction set.
        tags: one row per segment with one of these tags, wherever in the set it stands.
        each: one row per repeated part of those segments: ``CAS02+3`` is each group of three
            elements from 02 on, and sources from element 02 on count from the group's first;
            ``EB03^`` is each repetition of element 03. A part that is empty is no row.
    """

    name: str
    columns: tuple[Column, ...]
    loop: str = ""
    tags: tuple[str, ...] = ()
    each: str = ""

    @cached_property
    def schema(self) -> pl.Schema:
        """Names and types of all its columns."""
        return pl.Schema({**KEYS, **{c.name: c.kind.dtype for c in self.columns}})

    @cached_property
    def empty(self) -> pl.DataFrame:
        """It without a row."""
        return self.schema.to_frame()


_NEED = re.compile(
    r"((?P<loop>[a-z][a-z0-9_]*)\.)?(?P<tag>[A-Z][A-Z0-9]{1,2}?)((?P<at>\d\d):(?P<codes>[A-Z0-9|]+))?"
)


@dataclass(frozen=True)
class Need:
    """A segment that each loop of a kind must hold; see ``TransactionSet.needs``."""

    loop: str
    tag: str
    codes: tuple[str, ...]
    code_at: int

    @classmethod
    @cache
    def read(cls, written: str) -> "Need":
        """The need that is written so."""
        match = _NEED.fullmatch(written)
        if match is None:
            raise ValueError(f"not a need: {written!r}")
        return cls(match["loop"] or "", match["tag"], _codes(match["codes"]), int(match["at"] or 1))

    @property
    def named(self) -> str:
        """For messages."""
        return self.tag + (f" ({' or '.join(self.codes)})" if self.codes else "")


@dataclass(frozen=True, eq=False)
class TransactionSet:
    """A transaction set: its loops, its records, and what a guide demands of it.

    Attributes:
        code: ST01.
        title: what it is called.
        loops: its loops, those that are around others first.
        records: its records; the first has one row per transaction set.
        summary: tags that end every loop.
        needs: segments without which it is refused: ``BHT``, or ``claim.HI`` for one that every
            loop ``claim`` must hold.
        only_in: segments that are read in one loop and nowhere else, as ``item.SN1``: where one
            stands outside it, nothing would be known of it, and the set is refused.
        of_level: segments of which a level has its own, as ``item.REF01:LT``: those of a level
            inside it, a pack or a component of an item, are told; with codes, those of a level
            around it too.
        once: segments of which one loop has one, as ``item.SN1``, or the set, as ``BIG``: of two
            the second would be lost.
        counts: loops any of whose number may be what CTT01 declares; ``HL`` stands for all
            segments HL. Empty: CTT01 is not compared.
        balances: SQL files of ``balance/`` that compare its sums.
        checked: records that are read for their defects and not kept: what must be right and may
            not be stored, as a birth date.
        ignored: tags that are left out on purpose, or with codes, as ``REF01:EV``, those segments
            alone; any other of which nothing is read is told. None: of the set no more than the
            heading is read.
        about_persons: what it holds is never quoted in a defect or a reject.
    """

    code: str
    title: str
    records: tuple[Record, ...]
    loops: tuple[Loop, ...] = ()
    summary: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    only_in: tuple[str, ...] = ()
    of_level: tuple[str, ...] = ()
    once: tuple[str, ...] = ()
    counts: tuple[str, ...] = ()
    balances: tuple[str, ...] = ()
    checked: tuple[Record, ...] = ()
    ignored: str | None = ""
    about_persons: bool = False


# Where a row came from and whose it is; every record begins with these.
KEYS = pl.Schema(
    {
        "source_record": pl.Int64,  # ordinal of its first segment in the file, from 1
        "byte_offset": pl.Int64,  # of that segment, from 0
        "transaction_no": pl.Int64,  # ordinal of its ST in the file, from 1
        "sender_id": pl.String,  # ISA06
        "receiver_id": pl.String,  # ISA08
        "interchange_control_number": pl.String,  # ISA13
        "group_control_number": pl.String,  # GS06
        "transaction_control_number": pl.String,  # ST02
    }
)
