"""Control numbers of X12, followed from file to file and from night to night.

A sender numbers its interchanges to a receiver (ISA13) and its groups (GS06). The same number with
other bytes is a resend, and may count its documents twice; a number left out is an interchange that
may never have arrived. What came before is known from the ledger: the nights before this one and
nothing else, so that a night that is run again says the same.

* Numbers are followed within a feed, by sender and receiver; those of groups by GS01 as well.
* An interchange or group of which nothing was accepted may come again under its number.
* After 999999999 the numbers begin again.
* A number that arrives late, below the highest, is neither a repetition nor a gap.
* Only ISA13 is looked at for gaps: no group is lost without its interchange, and many senders
  count the groups of all kinds together, so that those of one kind leave numbers out.
* Groups that are numbered from 1 within each interchange are not compared with those of others.
* The groups of an interchange that is repeated itself are not told again.

What belongs here: what the numbers say, and what the policy makes of it. What does not: where they
are kept (``land/ledger.py``), whether headers and trailers agree (``x12/envelope.py``).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from recon.land import Ledger
from recon.land.ledger import Number
from recon.parse.parsed import CONTROL, REJECT, Envelope, Parsed

# Control -> the part of the envelope that is repeated, and what it is called.
REPEATED = {
    "ISA13_duplicate": ("interchange_no", "interchange"),
    "GS06_duplicate": ("group_no", "functional group"),
}
GAP = "ISA13_gap"

# Nine digits; 0 is not used. The numbers began again where one of the last is followed by one of
# the first; anything between is a sender that renumbered.
_RANGE = 1_000_000_000
_FIRST, _LAST = 100_000_000, 900_000_000

_KEY = ["element", "sequence"]
_AT = [*_KEY, "position"]


@dataclass(frozen=True)
class Read:
    """A file of the night: its name, and what reading it gave."""

    file_name: str
    parsed: Parsed


def followed(
    files: Sequence[Read], ledger: Ledger, feed: str, day: date, *, reject: bool
) -> list[Read]:
    """The night's files of a feed, with what their control numbers say.

    Every repetition and gap is a row of ``controls``. The numbers are entered into the ledger.

    Args:
        files: in the order in which they count.
        ledger: knows the numbers of the nights before.
        feed: the feed's name.
        day: the business date.
        reject: the transaction sets of what is repeated go to quarantine.
    """
    of_interchanges = _interchanges(files)
    interchanges = _judged(_placed(of_interchanges, ledger, feed, day), ledger, feed, day)
    again = interchanges.filter("repeated").select("file", "interchange_no")
    of_groups = _groups(files, of_interchanges).join(
        again, on=["file", "interchange_no"], how="anti", maintain_order="left"
    )
    groups = _judged(_placed(of_groups, ledger, feed, day), ledger, feed, day)
    told = pl.concat([_repetitions(interchanges), _repetitions(groups), _gaps(interchanges)])
    numbers = pl.concat([interchanges, groups], how="diagonal")
    ledger.enter_numbers(feed, day, _entered(numbers))
    return [
        replace(read, parsed=_told(read.parsed, told.filter(pl.col("file") == n), reject=reject))
        for n, read in enumerate(files)
    ]


def _interchanges(files: Sequence[Read]) -> pl.DataFrame:
    """One row per ISA of the night: whose number it is, and whether any of its sets was taken."""
    found = [
        envelope.interchanges.join(
            _taken(envelope, "interchange_no"), on="interchange_no", how="left"
        ).select(
            pl.lit(n, pl.Int64).alias("file"),
            pl.lit(file_name).alias("file_name"),
            "interchange_no",
            pl.lit(None, pl.Int64).alias("group_no"),
            "segment_no",
            "byte_offset",
            "control_number",
            pl.lit("ISA13").alias("element"),
            _party("sender") + " > " + _party("receiver"),
            pl.col("is_taken").fill_null(value=False),
        )
        for n, file_name, envelope in _envelopes(files)
    ]
    return pl.concat([pl.DataFrame(schema=_NUMBER), *found])


def _groups(files: Sequence[Read], interchanges: pl.DataFrame) -> pl.DataFrame:
    """One row per GS of the night, less those that are numbered from 1 in their interchange."""
    found = [
        envelope.groups.join(_taken(envelope, "group_no"), on="group_no", how="left").select(
            pl.lit(n, pl.Int64).alias("file"),
            "interchange_no",
            "group_no",
            "segment_no",
            "byte_offset",
            "control_number",
            pl.col("functional_code").fill_null(""),
            pl.col("is_taken").fill_null(value=False),
        )
        for n, _, envelope in _envelopes(files)
    ]
    if not found:
        return interchanges.clear()
    nth = pl.int_range(1, pl.len() + 1)
    counted = (_number() == nth).fill_null(value=False).all()
    owner = interchanges.select("file", "file_name", "interchange_no", outer="sequence")
    return (
        pl.concat(found)
        .filter(~counted.over("file", "interchange_no"))
        .join(owner, on=["file", "interchange_no"], maintain_order="left")
        .with_columns(
            element=pl.lit("GS06"), sequence=pl.col("outer") + " " + pl.col("functional_code")
        )
        .select(_NUMBER.names())
    )


_NUMBER = pl.Schema(
    {
        "file": pl.Int64,  # of the night, from 0
        "file_name": pl.String,
        "interchange_no": pl.Int64,
        "group_no": pl.Int64,
        "segment_no": pl.Int64,
        "byte_offset": pl.Int64,
        "control_number": pl.String,  # as written
        "element": pl.String,
        "sequence": pl.String,
        "is_taken": pl.Boolean,
    }
)


def _envelopes(files: Sequence[Read]) -> list[tuple[int, str, Envelope]]:
    return [
        (n, read.file_name, read.parsed.envelope)
        for n, read in enumerate(files)
        if read.parsed.envelope is not None
    ]


def _taken(envelope: Envelope, part: str) -> pl.DataFrame:
    return envelope.transactions.group_by(part).agg(is_taken=pl.col("accepted").any())


def _party(role: str) -> pl.Expr:
    return pl.concat_str(
        pl.col(f"{role}_qualifier").fill_null(""), pl.col(f"{role}_id").fill_null(""), separator="/"
    ).alias("sequence")


def _number() -> pl.Expr:
    written = pl.col("control_number").str.strip_chars()
    return pl.when(written.str.contains(r"^[0-9]{1,9}$")).then(written).cast(pl.Int64)


def _placed(numbers: pl.DataFrame, ledger: Ledger, feed: str, day: date) -> pl.DataFrame:
    """The numbers that are ones, each with its ``position``: counted on after the last of all."""
    highest = pl.DataFrame(
        ledger.highest_numbers(feed, day),
        schema={"element": pl.String, "sequence": pl.String, "highest": pl.Int64},
        orient="row",
    )
    number, base = pl.col("number"), pl.col("base")
    began_again = (base % _RANGE >= _LAST) & (number < _FIRST)
    from_before = (base % _RANGE < _FIRST) & (number >= _LAST) & (base >= _RANGE)
    turn = base // _RANGE + began_again.cast(pl.Int64) - from_before.cast(pl.Int64)
    return (
        numbers.with_columns(number=_number())
        .filter(number.is_not_null())
        .join(highest, on=_KEY, how="left", maintain_order="left")
        .with_columns(base=pl.coalesce("highest", number.first().over(_KEY)))
        .with_columns(position=number + turn * _RANGE)
        .with_row_index("arrival")
    )


def _judged(numbers: pl.DataFrame, ledger: Ledger, feed: str, day: date) -> pl.DataFrame:
    """With ``repeated``, and where the number was taken first: ``first_file``, ``first_date``."""
    before = pl.DataFrame(
        ledger.numbers_taken(feed, day, numbers.select(_AT).unique().rows()),
        schema={
            "element": pl.String,
            "sequence": pl.String,
            "position": pl.Int64,
            "earlier_file": pl.String,
            "earlier_date": pl.String,
        },
        orient="row",
    )
    taken = pl.when("is_taken")
    tonight = taken.then("arrival").min().over(_AT)
    named = taken.then("file_name").drop_nulls().first().over(_AT, order_by="arrival")
    return numbers.join(before, on=_AT, how="left", maintain_order="left").with_columns(
        repeated=pl.col("earlier_file").is_not_null()
        | (tonight < pl.col("arrival")).fill_null(value=False),
        first_file=pl.coalesce("earlier_file", named),
        first_date=pl.coalesce("earlier_date", pl.lit(day.isoformat())),
    )


_PLACE = pl.Schema({"file": pl.Int64, "interchange_no": pl.Int64, "group_no": pl.Int64})
_TOLD = pl.Schema([*_PLACE.items(), *CONTROL.items()])


def _repetitions(numbers: pl.DataFrame) -> pl.DataFrame:
    return _rows(
        numbers.filter("repeated").with_columns(
            control=pl.col("element") + "_duplicate",
            found=pl.format("came in {} of {} already", "first_file", "first_date"),
        )
    )


def _gaps(numbers: pl.DataFrame) -> pl.DataFrame:
    """Numbers left out between the highest of the nights before and the highest of this one."""
    first_of_each = numbers.unique(_AT, keep="first", maintain_order=True)
    known = numbers.filter(pl.col("highest").is_not_null()).select(*_KEY, position="highest")
    lower, position = pl.col("lower"), pl.col("position")
    # 0 is not used: where the numbers begin again it is not missing.
    past_zero = (position // _RANGE > lower // _RANGE) & (position % _RANGE > 0)
    first, last = (lower + 1) % _RANGE, (position - 1) % _RANGE
    return _rows(
        pl.concat([first_of_each, known.unique()], how="diagonal")
        .sort(*_AT, "arrival", nulls_last=False)
        .with_columns(lower=position.shift(1).over(_KEY))
        .filter(
            pl.col("arrival").is_not_null(),
            lower >= pl.coalesce("highest", "lower"),
        )
        .with_columns(missing=position - lower - 1 - past_zero.cast(pl.Int64))
        .filter(pl.col("missing") > 0)
        .sort("arrival")
        .with_columns(
            control=pl.lit(GAP),
            found=pl.format(
                "{} missing before it: {} to {}",
                "missing",
                _written(pl.when(first == 0).then(1).otherwise(first)),
                _written(pl.when(last == 0).then(_RANGE - 1).otherwise(last)),
            ),
        )
    )


def _written(number: pl.Expr) -> pl.Expr:
    return number.cast(pl.String).str.zfill(9)


def _rows(findings: pl.DataFrame) -> pl.DataFrame:
    return findings.select(
        "file",
        "interchange_no",
        "group_no",
        "control",
        source_record="segment_no",
        declared="control_number",
        found="found",
        agrees=pl.lit(value=False),
    ).cast(_TOLD)


def _entered(numbers: pl.DataFrame) -> list[Number]:
    """One per number: of several files the one that took it, else the first."""
    kept = (
        numbers.sort("is_taken", "arrival", descending=[True, False], maintain_order=True)
        .unique(_AT, keep="first", maintain_order=True)
        .sort(_AT)
    )
    return [Number(*row) for row in kept.select(*_AT, "file_name", "is_taken").iter_rows()]


def _told(parsed: Parsed, told: pl.DataFrame, *, reject: bool) -> Parsed:
    """A file with the findings of its numbers, and without what is refused for them."""
    if told.is_empty():
        return parsed
    controls = pl.concat([parsed.controls, told.select(CONTROL.names())])
    controls = controls.sort("source_record", "control", maintain_order=True)
    if not reject or parsed.envelope is None:
        return replace(parsed, controls=controls)
    refused = _refused(parsed.envelope, told)
    return replace(
        parsed,
        controls=controls,
        records={
            name: rows.join(refused, on="transaction_no", how="anti", maintain_order="left")
            for name, rows in parsed.records.items()
        },
        rejects=pl.concat([parsed.rejects, refused.select(REJECT.names())]).sort(
            "byte_offset", "record", "rule"
        ),
        envelope=replace(
            parsed.envelope,
            transactions=parsed.envelope.transactions.with_columns(
                accepted=pl.col("accepted")
                & ~pl.col("transaction_no").is_in(refused["transaction_no"].implode())
            ),
        ),
    )


def _refused(envelope: Envelope, told: pl.DataFrame) -> pl.DataFrame:
    """The accepted transaction sets of what is repeated: rows of ``REJECT`` and their number."""
    found = [
        envelope.transactions.filter("accepted")
        .join(
            told.filter(pl.col("control") == control).select(part, "control", "declared", "found"),
            on=part,
            maintain_order="left",
        )
        .with_columns(what=pl.lit(what))
        for control, (part, what) in REPEATED.items()
    ]
    return (
        pl.concat(found)
        .with_columns(
            record=pl.lit("transaction"),
            source_record="segment_no",
            records=pl.lit(1, pl.Int64),
            rule="control",
            reason=pl.format(
                "the {} {} {} and is not counted twice: ask the sender which of the two holds; "
                "what is meant to be new must come under a new number",
                "what",
                "declared",
                "found",
            ),
            raw=pl.lit(None, pl.String),
        )
        .unique("transaction_no", keep="first", maintain_order=True)
    )
