"""What of a file may be shown to whoever looks for the cause of a refusal: an allow-list.

A refused transaction set may hold a name anywhere, its elements shifted and its terminators lost.
So nothing is shown but what says which document it is, and of what a sender counted or numbered,
nothing but figures. All of it is in the raw file, whose place every reject tells.

What belongs here: what may be shown. What does not: what is refused (``refuse.py``), what is stored
as a token (``private.py``).
"""

import re

import polars as pl

CHARACTERS = 200

# Tag -> the elements that may be shown: none behind the last that the standard demands, so that a
# segment that lost its terminator runs into the next one where nothing is shown any more. ISA02 and
# ISA04 are passwords. Every segment that is not here may hold a name, a number of a person, or
# words that somebody wrote.
SHOWN: dict[str, frozenset[int]] = {
    tag: frozenset(elements)
    for tag, elements in {
        "ISA": (1, 3, *range(5, 14), 15),
        "GS": range(1, 9),
        "ST": range(1, 3),
        "BEG": range(1, 6),  # 850
        "BAK": range(1, 5),  # 855
        "BCH": range(1, 7),  # 860
        "BCA": range(1, 7),  # 865
        "BIG": range(1, 3),  # 810
        "BSN": range(1, 5),  # 856
        "BCT": range(1, 2),  # 832
        "BPT": range(1, 4),  # 867
        "BIA": range(1, 5),  # 846
        "BRA": range(1, 4),  # 861
        "BPR": range(1, 5),  # 820, 835; bank accounts from BPR06 on
        "AK1": range(1, 3),  # 997, 999
    }.items()
}

_BEGINS = re.compile(r"\s*([A-Z][A-Z0-9]{1,2})([^A-Za-z0-9\s])")
_ONE_LINE = re.compile(r"[^\x00-\x1f]{0,30}")
# A date or a number of more digits than this counts nothing.
_FIGURE = r"^-?[0-9]{0,12}(?:\.[0-9]{0,6})?$"

_NEARLY = r"^[^A-Za-z]{0,12}[A-Za-z]{0,2}[^A-Za-z]{0,12}$"


def leading(stretch: str, terminators: list[str]) -> str:
    """The segments with which a stretch of a file begins, as far as they may be shown.

    Args:
        stretch: text of the file, where a segment begins.
        terminators: what ends a segment in this file; where there is none, nothing is shown.
    """
    if not terminators:
        return ""
    ends = re.compile("|".join(re.escape(t) for t in sorted(terminators, key=len, reverse=True)))
    shown, at = "", 0
    while (begin := _BEGINS.match(stretch, at)) and (allowed := SHOWN.get(begin[1])):
        end = ends.search(stretch, begin.end())
        if end is None:
            break
        sent = stretch[begin.end() : end.start()].split(begin[2])[: max(allowed)]
        kept = [
            text if n in allowed and _ONE_LINE.fullmatch(text) else ""
            for n, text in enumerate(sent, 1)
        ]
        shown += begin[2].join([begin[1], *kept]).rstrip(begin[2]) + end[0]
        at = end.end()
    return shown[:CHARACTERS].strip()


def nearly(sent: pl.Expr) -> pl.Expr:
    """What should have been a number or a date, where it looks like one that was mistyped.

    Figures with a letter or two among them are shown; words are not.
    """
    long = pl.format("a value of {} characters", sent.str.len_chars())
    return pl.when(sent.str.contains(_NEARLY)).then(sent).when(sent.is_not_null()).then(long)


def figure(sent: pl.Expr) -> pl.Expr:
    """What a sender counted, summed or numbered, where it is a number; else only how long it is."""
    long = pl.format("a value of {} characters", sent.str.len_chars())
    return pl.when(sent.str.contains(_FIGURE)).then(sent).when(sent.is_not_null()).then(long)
