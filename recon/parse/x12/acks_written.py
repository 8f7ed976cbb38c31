"""Acknowledgements as text: the segments of TA1, 997 and 999, in order.

What belongs here: which element stands where. What does not: what is answered (``acks.py``).
"""

import polars as pl

_MARKS = {
    "element_separator": "*",
    "component_separator": ":",
    "repetition_separator": "U",  # before release 00402 ISA11 names a standard, not a separator
    "terminator": "~",
}
# Of the interchange answered. ISA is read by width, so that these may hold its terminator.
_COPIED = (
    "sender_qualifier",
    "sender_id",
    "receiver_qualifier",
    "receiver_id",
    "interchange_date",
    "interchange_time",
    "version",
    "control_number",
    "usage",
)
# Where a segment stands, from the outside in: 0 opens a level, _END closes it.
_WHERE = ("interchange_no", "group_no", "transaction_no", "place")
_END = 1 << 40


def written(
    interchanges: pl.DataFrame, groups: pl.DataFrame, sets: pl.DataFrame, errors: pl.DataFrame
) -> str:
    """The interchanges that answer, with the delimiters of those they answer.

    Args:
        interchanges: those to answer; ``answer`` is null where no TA1 is given.
        groups: those to answer.
        sets: those to answer.
        errors: the segments in error, each before its elements in error.
    """
    # Of one that cannot be read the terminator is no more than what stands there.
    terminator = pl.when(pl.col("terminator") != pl.col("element_separator")).then("terminator")
    shared = interchanges.with_columns(terminator).select(
        "interchange_no",
        *(pl.col(name).fill_null(mark) for name, mark in _MARKS.items()),
        day=pl.col("moment").dt.strftime("%Y%m%d"),
        time=pl.col("moment").dt.strftime("%H%M"),
    )

    def with_marks(rows: pl.DataFrame) -> pl.DataFrame:
        return rows.drop(_MARKS, strict=False).join(
            shared, on="interchange_no", maintain_order="left"
        )

    groups = with_marks(groups)
    inner = pl.concat(
        [*_responses(groups), *_of_sets(with_marks(sets)), *_of_errors(with_marks(errors))]
    )
    counted = inner.group_by("group_no").agg(segments=pl.len() + 2)
    groups = groups.join(counted, on="group_no", maintain_order="left")
    outer = with_marks(interchanges).with_columns(_unless_cut(name) for name in _COPIED)
    lines = pl.concat([inner, *_around_groups(groups), *_around(outer)])
    return "".join(lines.sort(_WHERE)["text"])


def _around(interchanges: pl.DataFrame) -> list[pl.DataFrame]:
    number = pl.col("ack_interchange").cast(pl.String).str.zfill(9)
    return [
        _segments(
            interchanges,
            (pl.lit(0), pl.lit(0), pl.lit(0)),
            "ISA",
            *(pl.lit("00"), pl.lit(" " * 10)) * 2,
            *(_padded("receiver_qualifier", 2), _padded("receiver_id", 15)),
            *(_padded("sender_qualifier", 2), _padded("sender_id", 15)),
            *(pl.col("day").str.slice(2), pl.col("time")),
            pl.col("repetition_separator"),
            _padded("version", 5),
            number,
            pl.lit("0"),  # an acknowledgement asks for none
            pl.col("usage").fill_null("P"),
            pl.col("component_separator"),
        ),
        _segments(
            interchanges.filter(pl.col("answer").is_not_null()),
            (pl.lit(0), pl.lit(0), pl.lit(1)),
            "TA1",
            "control_number",
            "interchange_date",
            "interchange_time",
            "answer",
            "codes",
        ),
        _segments(
            interchanges,
            (pl.lit(_END), pl.lit(0), pl.lit(0)),
            "IEA",
            "ack_group_count",
            number,
        ),
    ]


def _around_groups(groups: pl.DataFrame) -> list[pl.DataFrame]:
    own, end = pl.col("group_no"), pl.lit(_END)
    number = pl.lit("0001")  # the only transaction set of its group
    return [
        _segments(
            groups,
            (own, pl.lit(0), pl.lit(0)),
            "GS",
            pl.lit("FA"),
            "receiver_code",
            "sender_code",
            "day",
            "time",
            "ack_group",
            pl.lit("X"),  # X12's own standard
            "ack_version",
        ),
        _segments(
            groups, (own, pl.lit(0), pl.lit(1)), "ST", "form", number, _in_999("ack_version")
        ),
        _segments(groups, (own, end, pl.lit(1)), "SE", "segments", number),
        _segments(groups, (own, end, pl.lit(2)), "GE", pl.lit(1), "ack_group"),
    ]


def _responses(groups: pl.DataFrame) -> list[pl.DataFrame]:
    own = pl.col("group_no")
    return [
        _segments(
            groups,
            (own, pl.lit(0), pl.lit(2)),
            "AK1",
            "functional_code",
            "control_number",
            _in_999("version"),
        ),
        _segments(
            groups,
            (own, pl.lit(_END), pl.lit(0)),
            "AK9",
            "answer",
            "declared",
            "received",
            "accepted",
            *_each_code(),
        ),
    ]


def _of_sets(sets: pl.DataFrame) -> list[pl.DataFrame]:
    own = (pl.col("group_no"), pl.col("transaction_no"))
    return [
        _segments(
            sets,
            (*own, pl.lit(0)),
            "AK2",
            "set_code",
            pl.col("control_number"),
            _in_999("implementation"),
        ),
        _segments(sets, (*own, pl.lit(_END)), _tag("K5"), "answer", *_each_code()),
    ]


def _of_errors(errors: pl.DataFrame) -> list[pl.DataFrame]:
    own = (pl.col("group_no"), pl.col("transaction_no"), pl.col("place"))
    numbered = errors.with_row_index("place", 1).with_columns(pl.col("place").cast(pl.Int64))
    of_element = pl.col("element").is_not_null()
    component = pl.format("{}{}", "component_separator", "component").fill_null("")
    return [
        _segments(
            numbered.filter(~of_element),
            own,
            _tag("K3"),
            "tag",
            "position",
            pl.lit(""),  # the loop's name is the guide's, and not known here
            "answer",
        ),
        _segments(
            numbered.filter(of_element),
            own,
            _tag("K4"),
            pl.concat_str(pl.col("element").cast(pl.String), component),
            pl.lit(""),  # the element's number in the dictionary, not known here
            "answer",
            _sendable("copy"),
        ),
    ]


def _segments(
    rows: pl.DataFrame,
    where: tuple[pl.Expr, pl.Expr, pl.Expr],
    tag: str | pl.Expr,
    *elements: str | pl.Expr,
) -> pl.DataFrame:
    """One segment per row: where it stands, and its text with its terminator."""
    separator = pl.col("element_separator")
    parts = [pl.lit(tag) if isinstance(tag, str) else tag]
    for element in elements:
        value = pl.col(element) if isinstance(element, str) else element
        parts += [separator, value.cast(pl.String).fill_null("")]
    text = pl.concat_str(parts).str.strip_chars_end(separator)
    return rows.select(
        "interchange_no",
        *(at.cast(pl.Int64).alias(name) for at, name in zip(where, _WHERE[1:], strict=True)),
        text=pl.concat_str(text, "terminator"),
    )


def _tag(after: str) -> pl.Expr:
    """AK3 is IK3 in a 999, and so on."""
    first = pl.when(pl.col("form") == "999").then(pl.lit("I")).otherwise(pl.lit("A"))
    return pl.concat_str(first, pl.lit(after))


def _in_999(column: str) -> pl.Expr:
    return pl.when(pl.col("form") == "999").then(column)


def _each_code() -> list[pl.Expr]:
    codes = pl.col("codes").str.split(" ")
    return [codes.list.get(n, null_on_oob=True) for n in range(5)]


def _padded(column: str, width: int) -> pl.Expr:
    return pl.col(column).fill_null("").str.pad_end(width)


def _unless_cut(column: str) -> pl.Expr:
    """The value, unless it holds what would end it."""
    value = pl.col(column)
    ends = pl.any_horizontal(
        value.str.contains(pl.col(mark), literal=True)
        for mark in ("element_separator", "terminator")
    )
    return pl.when(~ends).then(value)


def _sendable(column: str) -> pl.Expr:
    """The value, where it can be an element: no delimiter, no control character, 99 at most."""
    value = pl.col(column)
    unfit = value.str.contains(r"[[:cntrl:]]") | pl.any_horizontal(
        value.str.contains(pl.col(mark), literal=True) for mark in _MARKS
    )
    return pl.when(~unfit).then(value.str.slice(0, 99))
