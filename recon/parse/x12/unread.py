"""Segments of which nothing is read: what they say is told, unless it is left out on purpose.

So is the second of which one is read: of two contracts, carriers or terms the first counts.

Some tags are read by qualifier alone (REF, DTM, N1 …): of these a segment is read by its qualifier
and the loop it stands in.

What belongs here: which tags and qualifiers a declaration reads. What does not: the reading
(``extract.py``), nor a segment that is read elsewhere and stands where it may not (``places.py``).
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

import numpy as np

from recon.parse.spans import Codes, Flags, Ints, code, true_at
from recon.parse.values import text
from recon.parse.x12.declare import Need, TransactionSet
from recon.parse.x12.defects import Defects
from recon.parse.x12.loops import Body
from recon.parse.x12.places import LINES

# Of every set: free text and what heads it, addresses, how to reach people, attachments, the marks
# around a run of segments.
_WORDS = "MSG NTE PID MTX N9 PWK N2 N3 N4 NX2 PER LS LE"
_FRAME = "ST SE HL LX CTT"
# Of sets about persons: those without a digit. Three letters more may be a name that a terminator
# within a text has made a segment of.
_OF_CLAIMS = {code(tag) for tag in ("AMT", "CAS", "CTP", "DTM", "DTP", "HCP", "LIN", "QTY", "REF")}
_ANY = "*"  # any loop
# Which qualifiers are named: one of three letters may be a name, in a set about persons any.
_QUALIFIER = re.compile(r"[A-Z0-9]{1,2}|(?=.*\d)[A-Z0-9]{3}")
_OF_PERSONS = re.compile(r"(?=.*\d)[A-Z0-9]{1,3}")


def check_unread(of: Body, declared: TransactionSet, defects: Defects) -> None:
    """Report the segments, once for each transaction set, tag and qualifier."""
    if declared.ignored is None:
        return

    def report(kind: str, places: Ints, names: list[str], which: Ints) -> None:
        key = of.own[of.unit[places]] * len(names) + which
        _, first, count = np.unique(key, return_index=True, return_counts=True)
        found = [str(n) for n in count.tolist()]
        expected = [names[n] for n in which[first].tolist()]
        rows = of.rows[places[first]]
        of.where.report(defects, kind, of.tokens, rows, found=found, expected=expected)

    known = _Known.of(declared)
    for tag in sorted(of.tags - known.whole - known.by_qualifier.keys()):
        if declared.about_persons and _may_be_a_name(tag):
            continue
        places = true_at(of.tag == tag)
        places = places[of.tokens.tagged[of.rows[places]]]  # what is no tag is told as such
        if places.size:
            names = text(of.tokens, of.tokens.tags(of.rows[places[:1]])).to_list()
            report("not_read", places, names, np.zeros(places.size, np.int64))
    for tag in sorted(of.tags & known.by_qualifier.keys()):
        name, picks = known.by_qualifier[tag]
        element = min((element for element, _ in picks if element), default=0)
        found, first = _read(of, name, picks)
        for kind, some, shown in (
            ("not_read", true_at(~found), _OF_PERSONS if declared.about_persons else _QUALIFIER),
            ("repeated", true_at(found & ~first), _declared(picks)),
        ):
            if not some.size or (kind == "not_read" and tag in known.placed):
                continue
            names, which = [name], np.zeros(some.size, np.int64)
            if element:
                names, which = _named(name, of.coded(name, element)[some], shown)
            report(kind, of.tagged(name)[some], names, which)


def _read(of: Body, tag: str, picks: Mapping[tuple[int, str], Codes]) -> tuple[Flags, Flags]:
    """Which segments with that tag stand where one is read, and which are the first there."""
    found, first = np.zeros((2, of.tagged(tag).size), bool)
    for (element, loop), codes in picks.items():
        begins, end = of.units[loop] if loop != _ANY else (0, 0)
        of_unit = np.empty(end - begins, np.int64)
        every = [np.arange(found.size)]
        coded = (true_at(of.coded(tag, element) == wanted) for wanted in codes)
        for at in coded if element else every:
            if loop == _ANY:
                first[at] = True
            else:
                unit = of.readers(loop, tag)[at]
                at, unit = at[unit >= 0], unit[unit >= 0]
                of_unit[unit[::-1]] = at[::-1]  # of repeated indexes the last assignment counts
                first[at] |= of_unit[unit] == at
            found[at] = True
    return found, first


def _named(tag: str, qualifiers: Codes, shown: re.Pattern[str]) -> tuple[list[str], Ints]:
    """How the segments are named, and which name each has; other qualifiers are not shown."""
    distinct, which = np.unique(qualifiers, return_inverse=True)
    written = [_written(number) for number in distinct.tolist()]
    hidden = [f"{tag} with {'another' if q else 'no'} qualifier" for q in written]
    said = [
        f"{tag} ({q})" if shown.fullmatch(q) else h for q, h in zip(written, hidden, strict=True)
    ]
    names = list(dict.fromkeys(said))
    return names, np.array([names.index(name) for name in said])[which]


def _declared(picks: Mapping[tuple[int, str], Codes]) -> re.Pattern[str]:
    return re.compile("|".join(_written(n) for codes in picks.values() for n in codes.tolist()))


def _written(number: int) -> str:
    return number.to_bytes(4, "little").rstrip(b"\0").decode("latin-1")


def _may_be_a_name(tag: int) -> bool:
    return _written(tag).isalpha() and tag not in _OF_CLAIMS


class _Known(NamedTuple):
    """The segments that are read or left out on purpose, by tag as a number.

    Attributes:
        whole: each, whatever qualifier it has.
        by_qualifier: the tag, and which qualifiers are read of which element and in which loop;
            element 0: one of any qualifier is.
        placed: the tags of those that are refused outside of their loop.
    """

    whole: frozenset[int]
    by_qualifier: dict[int, tuple[str, dict[tuple[int, str], Codes]]]
    placed: frozenset[int]

    @classmethod
    @cache
    def of(cls, declared: TransactionSet) -> "_Known":
        """Those of a declaration."""
        records = (*declared.records, *declared.checked)
        sources = [(s, s.loop or r.loop) for r in records for c in r.columns for s in c.sources]
        begun = [(one.tag, one.name) for one in declared.loops]
        left_out = list(map(Need.read, f"{_FRAME} {_WORDS} {declared.ignored}".split()))
        begins = {tag for tag, _ in begun}
        whole = {
            *(need.tag for need in left_out if not need.codes),
            *LINES,
            *(tag for record in records for tag in record.tags),
            # Of pairs each is read, and what begins a loop is read in each.
            *(s.tag for s, _ in sources if s.pairs or (s.tag in begins and not s.codes)),
            # A second one is refused.
            *(Need.read(once).tag for once in declared.once),
        }
        picks = [
            *((need.tag, need.code_at, need.codes, _ANY) for need in left_out),
            *((one.tag, one.element, one.codes, _ANY) for one in declared.loops if one.codes),
            *((s.inside, 1, s.inside_codes, loop) for s, loop in sources if s.inside),
            *(
                (s.tag, s.code_at if s.codes else 0, s.codes, loop)
                for s, around in sources
                for loop in ([n for tag, n in begun if tag == s.inside] if s.inside else [around])
            ),
        ]
        read: dict[str, dict[tuple[int, str], set[str]]] = {}
        for tag, element, codes, loop in picks:
            if tag not in whole:
                read.setdefault(tag, {}).setdefault((element, loop), set()).update(codes)
        by_qualifier = {
            code(tag): (tag, {at: _numbers(codes) for at, codes in by.items()})
            for tag, by in read.items()
        }
        placed = (code(Need.read(one).tag) for one in declared.only_in)
        return cls(frozenset(map(code, whole)), by_qualifier, frozenset(placed))


def _numbers(codes: set[str]) -> Codes:
    return np.array(sorted(map(code, codes)), np.uint32)
