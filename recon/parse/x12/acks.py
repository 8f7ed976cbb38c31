"""Acknowledgements out: the TA1, 997 and 999 that answer a file, in its sender's own delimiters.

What belongs here: what the standard calls each of our defects, and what is answered. What does
not: how that is written (``acks_written.py``), finding anything wrong (``reader.py`` and its
parts), sending the answer, remembering what was sent.

Each level is answered for itself and nothing is called accepted that was not: a transaction set
that is refused with its group is refused. An acknowledgement is never acknowledged.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

import polars as pl

from recon.parse.x12.acks_written import written

if TYPE_CHECKING:
    from recon.parse.x12.reader import X12

# Where the standard has its code for a defect of ours, and which. An interchange is answered with
# one code only: the first of this order.
ANSWERS: dict[str, tuple[str, str]] = {
    # --- TA105, the interchange
    "ISA13_duplicate": ("TA105", "025"),  # control number used before; found by the nightly run
    "isa_delimiters": ("TA105", "004"),  # invalid segment terminator
    "IEA": ("TA105", "023"),  # it ends too early
    "IEA02": ("TA105", "001"),  # control numbers of header and trailer differ
    "IEA01": ("TA105", "021"),  # wrong number of groups
    "GS": ("TA105", "024"),  # content without a group
    "GS01": ("TA105", "024"),  # a group that no 997 can name
    "GS06": ("TA105", "024"),
    "outside_transaction": ("TA105", "022"),  # invalid control structure
    # --- AK905, the functional group
    "GS06_duplicate": ("AK905", "19"),  # control number used before; found by the nightly run
    "GE": ("AK905", "3"),  # no trailer
    "GE02": ("AK905", "4"),  # control numbers of header and trailer differ
    "GE01": ("AK905", "5"),  # wrong number of transaction sets
    # --- AK502 and IK502, the transaction set
    "SE": ("AK502", "2"),  # no trailer
    "SE02": ("AK502", "3"),  # control numbers of header and trailer differ
    "SE01": ("AK502", "4"),  # wrong number of segments
    "ST01": ("AK502", "6"),  # no identifier
    "ST02": ("AK502", "7"),  # no control number
    "ST02_duplicate": ("AK502", "23"),  # already used in the group
    # --- AK304 and IK304, a segment; AK502 is then 5
    "segment_tag": ("AK304", "1"),  # unknown segment
    "misplaced": ("AK304", "2"),  # unexpected segment
    "segment_missing": ("AK304", "3"),
    "loop_repeats": ("AK304", "4"),  # more loops than allowed
    # --- AK403 and IK403, an element; AK304 is then 8
    "required": ("AK403", "1"),  # missing
    "type": ("AK403", "6"),  # a character that cannot stand there
    "date": ("AK403", "8"),  # type, where a date is expected
    "code": ("AK403", "7"),  # not in the code list
    "CTT01": ("AK403", "7"),
    "HL01": ("AK403", "7"),
    "HL02": ("AK403", "7"),
}

Form = Literal["997", "999", "TA1"]

_GUIDE = "005010X231A1"  # what every 999 follows
# Segment of what a defect expects: "NM1 (85)", "BIG02 (invoice_number)".
_NAMED = r"^([A-Z][A-Z0-9]{1,2}?)(?:\d\d)?(?:[- ]|$)"
# What a defect says in place of a value that may be about a person: no copy of it is sent.
_UNQUOTED = r"^a value of \d+ characters$"
_ANSWER = pl.Schema(
    {
        "interchange_no": pl.Int64,
        "group_no": pl.Int64,
        "transaction_no": pl.Int64,
        "form": pl.String,
        "answer": pl.String,
        "codes": pl.String,
        "ack_interchange": pl.Int64,
        "ack_group": pl.Int64,
    }
)


@dataclass(frozen=True, eq=False)
class Acknowledgements:
    """What is to be sent, and what it says.

    Attributes:
        data: one interchange for each that is answered; empty where none is.
        answers: one row per interchange, group and transaction set answered (``level``): its
            numbers in the file, the ``answer`` (A accepted, E accepted with errors, P partly
            accepted, R refused), its ``codes`` (of TA105, AK905 or AK502, with blanks between),
            the ``form`` (TA1, 997 or 999), and the control numbers ``ack_interchange`` and
            ``ack_group`` under which it is sent.
    """

    data: bytes
    answers: pl.DataFrame


def acknowledge(
    x12: "X12",
    *,
    form: Form | None = None,
    moment: datetime | None = None,
    first_control_number: int | None = None,
) -> Acknowledgements:
    """Answer every interchange of a file.

    A TA1 is given where ISA14 asks for one or the interchange itself is in error; a 997 for each
    group below release 005010 and a 999 for each from there on, every one in a group of its own.
    Interchanges and groups that are acknowledgements themselves get none.

    Args:
        x12: the file, read.
        form: answer every group with a 997, or every one with a 999; or no group at all, and
            every interchange with a TA1.
        moment: the date and time to write; by default those of the interchange answered.
        first_control_number: ISA13 of the first interchange written, and GS06 of its first group;
            every further group and interchange takes the next number. By default both begin at
            the ISA13 answered.
    """
    found = _found(x12)
    groups = _groups(x12, form)
    interchanges = _interchanges(x12, found, groups, form)
    interchanges = _numbered(interchanges, groups, moment, first_control_number)
    numbers = interchanges.select("interchange_no", "ack_interchange")
    groups = groups.join(numbers, on="interchange_no", maintain_order="left").with_columns(
        ack_group=pl.col("ack_interchange") + pl.col("nth")
    )
    sets = _sets(x12, found, groups)
    groups = _judged(x12, found, groups, sets)
    # What has no number or no kind can be counted and not be named.
    named = sets.drop_nulls(["set_code", "control_number"])
    text = written(interchanges, groups, named, _errors(found, named))
    return Acknowledgements(text.encode(x12.encoding), _answers(interchanges, groups, sets))


def _found(x12: "X12") -> pl.DataFrame:
    """The defects that the standard has a code for: its ``place``, ``answer`` and ``rank``."""
    codes = pl.DataFrame(
        [(name, *answer, rank) for rank, (name, answer) in enumerate(ANSWERS.items())],
        schema=["kind", "place", "answer", "rank"],
        orient="row",
    )
    kind = pl.col("code").str.extract(r"^(\w+)")
    no_date = (kind == "type") & pl.col("expected").str.starts_with("a date")
    named = pl.col("expected").str.extract(_NAMED)
    no_segment = (kind == "required") & (named != pl.col("tag"))
    # The reader lets it pass, for it tells transaction sets apart by their place.
    repeated = x12.transactions.filter(
        pl.col("group_no").is_not_null(),
        ~pl.struct("group_no", "control_number").is_first_distinct(),
    ).select("interchange_no", "group_no", "transaction_no", code=pl.lit("ST02_duplicate"))
    return (
        pl.concat([x12.defects, repeated], how="diagonal")
        .with_columns(
            kind=pl.when(no_date)
            .then(pl.lit("date"))
            .when(no_segment)
            .then(pl.lit("segment_missing"))
            .otherwise(kind),
        )
        .join(codes, on="kind", maintain_order="left")
        .with_columns(
            tag=pl.when(pl.col("kind") == "segment_missing").then(named).otherwise("tag"),
            expected=pl.when(no_segment).then(named).otherwise("expected"),
        )
    )


def _groups(x12: "X12", form: Form | None) -> pl.DataFrame:
    """The groups to answer, and which of its interchange each is, from 0."""
    groups = x12.groups.clear() if form == "TA1" else x12.groups
    release = pl.col("version").str.extract(r"^(\d{6})").fill_null("004010")
    usual = pl.when(release < "005010").then(pl.lit("997")).otherwise(pl.lit("999"))
    form_ = usual if form is None else pl.lit(form)
    return (
        groups.filter(
            pl.col("functional_code") != "FA",  # nor one that says nothing: see GS01
            pl.col("control_number").is_not_null(),
        )
        .join(_acknowledging(x12), on="group_no", how="anti", maintain_order="left")
        .with_columns(
            nth=pl.int_range(pl.len()).over("interchange_no"),
            form=form_,
            ack_version=pl.when(form_ == "999").then(pl.lit(_GUIDE)).otherwise(release),
        )
    )


def _acknowledging(x12: "X12") -> pl.DataFrame:
    return x12.transactions.filter(pl.col("set_code").is_in(["997", "999"]))


def _interchanges(
    x12: "X12", found: pl.DataFrame, groups: pl.DataFrame, form: Form | None
) -> pl.DataFrame:
    """The interchanges to answer; without ``answer`` where no TA1 is given."""
    number = pl.col("interchange_no")
    of_groups = number.is_in(groups["interchange_no"].implode())
    silent = number.is_in(_only_acknowledging(x12).implode())
    codes = (
        found.filter(pl.col("place") == "TA105")
        .sort("rank", maintain_order=True)
        .group_by("interchange_no", maintain_order=True)
        .agg(codes=pl.first("answer"))
    )
    asked = pl.lit(form == "TA1") | (pl.col("ack_requested") == "1").fill_null(value=False)
    answer = (
        pl.when(number.is_in(_refused(x12, "interchange").implode()))
        .then(pl.lit("R"))
        .when(pl.col("codes").is_not_null())
        .then(pl.lit("E"))
        .when(asked)
        .then(pl.lit("A"))
    )
    return (
        x12.interchanges.filter(~silent)
        .join(codes, on="interchange_no", how="left", maintain_order="left")
        .with_columns(answer=answer, codes=pl.col("codes").fill_null("000"))
        .filter(of_groups | pl.col("answer").is_not_null())
    )


def _only_acknowledging(x12: "X12") -> pl.Series:
    """The interchanges that hold acknowledgements and nothing that could be answered."""
    number = x12.interchanges.select("interchange_no")
    others = _groups(x12, None)
    bare = number.join(x12.groups, on="interchange_no", how="anti")
    # A TA1 stands in an interchange without groups; else it is passed over.
    ta1 = x12.segments.filter(pl.col("tag") == "TA1") if bare.height else bare
    holds = pl.concat(
        [
            x12.groups.filter(pl.col("functional_code") == "FA").select("interchange_no"),
            _acknowledging(x12).select("interchange_no"),
            ta1.join(bare, on="interchange_no", how="semi").select("interchange_no"),
        ]
    )
    return number.join(holds, on="interchange_no", how="semi").join(
        others, on="interchange_no", how="anti"
    )["interchange_no"]


def _refused(x12: "X12", scope: str) -> pl.Series:
    """Numbers of the interchanges or groups that are refused for errors of their own."""
    errors = x12.defects.filter(pl.col("severity") == "error", pl.col("scope") == scope)
    return errors[f"{scope}_no"].drop_nulls()


def _numbered(
    interchanges: pl.DataFrame, groups: pl.DataFrame, moment: datetime | None, first: int | None
) -> pl.DataFrame:
    """The interchanges to answer with ``group_count``, ``ack_interchange`` and ``moment``."""
    counted = groups.group_by("interchange_no").agg(ack_group_count=pl.len())
    takes = pl.max_horizontal("ack_group_count", 1)
    stated = pl.col("control_number").str.strip_chars().cast(pl.Int64, strict=False)
    number = (
        stated.fill_null(pl.col("interchange_no"))
        if first is None
        else first + takes.cum_sum() - takes
    )
    day, time = pl.col("interchange_date"), pl.col("interchange_time").str.slice(0, 4)
    then = pl.coalesce(
        (day + time).str.strptime(pl.Datetime, "%y%m%d%H%M", strict=False),
        day.str.strptime(pl.Datetime, "%y%m%d", strict=False),
        pl.datetime(2000, 1, 1),
    )
    return (
        interchanges.join(counted, on="interchange_no", how="left", maintain_order="left")
        .with_columns(pl.col("ack_group_count").fill_null(0))
        .with_columns(
            ack_interchange=number,
            moment=then if moment is None else pl.lit(moment.replace(tzinfo=None)),
        )
    )


def _sets(x12: "X12", found: pl.DataFrame, groups: pl.DataFrame) -> pl.DataFrame:
    """The transaction sets of the groups to answer, with ``answer`` and ``codes``."""
    of_set = (
        pl.when(pl.col("place") == "AK502")
        .then(pl.col("answer"))
        .when(pl.col("place").is_in(["AK304", "AK403"]))
        .then(pl.lit("5"))
    )
    answer = (
        pl.when(~pl.col("accepted"))
        .then(pl.lit("R"))
        .when(pl.col("codes").is_not_null())
        .then(pl.lit("E"))
        .otherwise(pl.lit("A"))
    )
    of = groups.select("group_no", "form", "ack_interchange", "ack_group")
    return (
        x12.transactions.join(of, on="group_no", maintain_order="left")
        .join(
            _codes(found.with_columns(answer=of_set), "transaction_no"),
            on="transaction_no",
            how="left",
            maintain_order="left",
        )
        .with_columns(answer=answer)
    )


def _judged(
    x12: "X12", found: pl.DataFrame, groups: pl.DataFrame, sets: pl.DataFrame
) -> pl.DataFrame:
    """The groups with ``answer``, ``codes``, and how many sets were received and accepted."""
    counted = sets.group_by("group_no").agg(
        received=pl.len(), accepted=pl.col("accepted").sum(), noted=(pl.col("answer") == "E").any()
    )
    received, accepted = pl.col("received"), pl.col("accepted")
    refused = pl.col("group_no").is_in(_refused(x12, "group").implode()) | pl.col(
        "interchange_no"
    ).is_in(_refused(x12, "interchange").implode())
    answer = (
        pl.when(refused | (received > 0) & (accepted == 0))
        .then(pl.lit("R"))
        .when(accepted < received)
        .then(pl.lit("P"))
        .when(pl.col("noted") | pl.col("codes").is_not_null())
        .then(pl.lit("E"))
        .otherwise(pl.lit("A"))
    )
    own = found.filter(pl.col("place") == "AK905")
    return (
        groups.join(counted, on="group_no", how="left", maintain_order="left")
        .with_columns(
            received.fill_null(0), accepted.fill_null(0), pl.col("noted").fill_null(False)
        )
        .join(_codes(own, "group_no"), on="group_no", how="left", maintain_order="left")
        .with_columns(answer=answer, declared=pl.col("declared_count").fill_null(received))
    )


def _codes(found: pl.DataFrame, key: str) -> pl.DataFrame:
    """Per group or set, the first five of its ``codes``, each once, with blanks between."""
    return (
        found.filter(pl.col(key).is_not_null() & pl.col("answer").is_not_null())
        .select(key, pl.col("answer").cast(pl.Int32))
        .unique()
        .sort(key, "answer")
        .group_by(key, maintain_order=True)
        .agg(codes=pl.col("answer").head(5).cast(pl.String).str.join(" "))
    )


def _errors(found: pl.DataFrame, sets: pl.DataFrame) -> pl.DataFrame:
    """The segments in error, each before its elements in error (where ``element`` is given)."""
    of = sets.select("transaction_no", "form", "segment_count", begins="segment_no")
    at = pl.col("segment_no") - pl.col("begins") + 1
    # A missing segment is missed after the one that begins its loop, and before SE.
    missed = pl.max_horizontal(pl.min_horizontal(at + 1, pl.col("segment_count") - 1), 1)
    is_missing, of_element = pl.col("answer") == "3", pl.col("place") == "AK403"
    numbered = pl.col("code").str.extract(r"^[A-Z]+(\d\d)$").cast(pl.Int64)  # CTT01, HL02
    is_quoted = pl.col("kind").is_in(["type", "date", "code"]) & ~pl.col("found").str.contains(
        _UNQUOTED
    )
    told = (
        found.filter(pl.col("place").is_in(["AK304", "AK403"]))
        .join(of, on="transaction_no")
        .select(
            "interchange_no",
            "group_no",
            "transaction_no",
            "form",
            "answer",
            "component",
            position=pl.when(~of_element & is_missing).then(missed).otherwise(at),
            segment_answer=pl.when(of_element).then(pl.lit("8")).otherwise("answer"),
            tag=pl.col("tag").fill_null("ZZZ"),  # what is no tag may be free text: not sent
            which=pl.when(is_missing).then("expected"),
            element=pl.when(of_element).then(pl.coalesce("element", numbered)),
            copy=pl.when(is_quoted).then("found"),
        )
    )
    segments = told.with_columns(
        answer=pl.col("segment_answer"),
        element=pl.lit(None, pl.Int64),
        component=pl.lit(None, pl.Int64),
        copy=pl.lit(None, pl.String),
    )
    return (
        pl.concat([segments, told.filter(pl.col("element").is_not_null())])
        .unique()
        .sort(
            *("transaction_no", "position", "segment_answer", "tag", "which"),
            *("element", "component", "answer", "copy"),
        )
    )


def _answers(interchanges: pl.DataFrame, groups: pl.DataFrame, sets: pl.DataFrame) -> pl.DataFrame:
    ta1 = interchanges.filter(pl.col("answer").is_not_null())
    told = {
        "interchange": ta1.with_columns(form=pl.lit("TA1")),
        "group": groups,
        "transaction": sets,
    }
    return pl.concat(
        frame.select(
            pl.lit(level).alias("level"),
            *(
                pl.col(name).cast(dtype)
                if name in frame.columns
                else pl.lit(None, dtype).alias(name)
                for name, dtype in _ANSWER.items()
            ),
        )
        for level, frame in told.items()
    ).sort("interchange_no", "group_no", "transaction_no", nulls_last=False)
