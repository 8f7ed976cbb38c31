"""ACK: what a sender is told of each message: AA accepted, AE error in it, AR refused unread.

A master file (MFN) is answered by an MFK, with a code for each of its records (HL7 2.5.1 8.4.2).

The answer is in the message's own delimiters, its sender and receiver changed about. It has no
clock and no counter: MSH-10 is that of the message, MSH-7 too unless a moment is given, so that the
same message has the same answer. A message that is an answer itself (an ACK, anything with an MSA)
gets none. What belongs here: writing it. What does not: what is refused.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from recon.parse.hl7 import refuse
from recon.parse.hl7.charset import encoding
from recon.parse.hl7.defects import KINDS
from recon.parse.hl7.tokenise import CR

if TYPE_CHECKING:
    from recon.parse.hl7.reader import Hl7

# What is wrong with the envelope, so that the message itself was not looked at.
_REFUSED_UNREAD = ("delimiters", "frame", "MSH09", "message_type", "BTS", "BTS01", "FTS", "FTS01")
# What of MSH comes back, by its place in the fields that follow MSH-1.
_SENT = {
    "marks": 0,
    "application": 1,
    "facility": 2,
    "to_application": 3,
    "to_facility": 4,
    "at": 5,
    "id": 8,
    "processing": 9,
    "version": 10,
    "charset": 16,
}


def acknowledge(hl7: "Hl7", moment: str | None = None, *, in_words: bool = True) -> pl.DataFrame:
    """Answer every message of a file that wants it.

    Args:
        hl7: the file, read.
        moment: MSH-7 of the answers, as HL7 writes it; by default that of the message answered.
        in_words: say the reasons as sentences too (MSA-3, ERR-8), and not as codes alone.

    Returns:
        One row per message answered, in their order: ``message_no``, the ``form`` (ACK or MFK), the
        ``answer`` (AA, AE, AR), its ``codes`` (HL7 table 0357, blanks between) and its ``data``.
    """
    told = _told(hl7, in_words=in_words)
    tags = {"MSH", "MSA", "MFI", "MFE", *told["segment"].drop_nulls()}
    segments = hl7.segments_of(tags)
    answered = _answered(hl7, segments, told)
    lines = [
        _headers(answered, moment),
        _verdicts(answered, told),
        _errors(answered, told, segments),
        _records(answered, segments),
    ]
    texts = (
        pl.concat(lines)
        .sort("message_no", maintain_order=True)
        .group_by("message_no", maintain_order=True)
        .agg(pl.col("line").str.join(""))
    )
    codes = told.group_by("message_no", maintain_order=True).agg(
        codes=pl.col("condition").unique(maintain_order=True).str.join(" ")
    )
    answers = answered.join(texts, on="message_no", maintain_order="left").join(
        codes, on="message_no", how="left", maintain_order="left"
    )
    data = [
        text.encode(encoding(charset) or "utf-8", errors="replace")
        for text, charset in answers.select("line", "charset").iter_rows()
    ]
    return answers.select(
        "message_no", "form", "answer", "codes", data=pl.Series(data, dtype=pl.Binary)
    )


def _told(hl7: "Hl7", *, in_words: bool) -> pl.DataFrame:
    """What each message is told: its own errors, else why its batch or its file is refused.

    Returns:
        One row per error: its place, its ``code`` and ``condition``, in ``message`` its words;
        ``why`` is the rule that condemns the message whole, or null, ``text`` MSA-3 of it.
    """
    why = refuse.reasons(hl7.messages, hl7.defects).select("message_no", why="code", text="message")
    own = hl7.defects.filter(
        pl.col("severity") == "error", pl.col("message_no").is_not_null()
    ).select("message_no", "segment_no", "segment", "code", "message", field_no="field")
    of_others = why.join(own, on="message_no", how="anti").select(
        "message_no", code="why", message="text"
    )
    every = pl.concat([own, of_others], how="diagonal").join(
        why, on="message_no", how="left", maintain_order="left"
    )
    condition = {code: kind.condition for code, kind in KINDS.items()}
    every = every.with_columns(
        condition=pl.col("code").replace_strict(condition, return_dtype=pl.String)
    )
    if not in_words:
        return every.with_columns(message=pl.lit(""), text=pl.lit(""))
    more = pl.len().over("message_no") - 1
    first = pl.first("message").over("message_no")
    counted = pl.when(more > 0).then(pl.format("{}; and {} more", first, more)).otherwise(first)
    marks = hl7.messages.select("message_no", "delimiters")
    told = every.with_columns(text=pl.coalesce("text", counted)).join(
        marks, on="message_no", maintain_order="left"
    )
    return told.drop("delimiters").with_columns(_plain(told, name) for name in ("message", "text"))


def _plain(told: pl.DataFrame, column: str) -> pl.Series:
    """A column without the characters that delimit."""
    texts = [
        "".join(" " if c in marks or c < " " else c for c in text)
        for text, marks in told.select(column, "delimiters").iter_rows()
    ]
    return pl.Series(column, texts, dtype=pl.String)


def _answered(hl7: "Hl7", segments: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """The messages that want an answer: what comes back of their header, and their verdict."""
    heads = segments.filter(pl.col("segment") == "MSH").select(
        "message_no",
        **{
            name: pl.col("fields").list.get(at, null_on_oob=True).fill_null("")
            for name, at in _SENT.items()
        },
    )
    of = pl.col("message_no")
    answers = segments.filter(pl.col("segment") == "MSA")["message_no"].drop_nulls()
    records = segments.filter(pl.col("segment").is_in(["MFI", "MFE"]))["message_no"].drop_nulls()
    unread = told.filter(pl.col("why").is_in(_REFUSED_UNREAD))["message_no"]
    declared = pl.col("delimiters")
    usable = (declared.str.len_chars() == 5) & (declared.str.split("").list.n_unique() == 5)
    answer = (
        pl.when(of.is_in(unread.implode()))
        .then(pl.lit("AR"))
        .when(of.is_in(told["message_no"].implode()))
        .then(pl.lit("AE"))
        .otherwise(pl.lit("AA"))
    )
    is_file = (pl.col("message_type") == "MFN") & of.is_in(records.implode()) & usable
    messages = hl7.messages.select(
        "message_no",
        "delimiters",
        "event_code",
        "application_ack",
        is_answer=pl.col("message_type").is_in(["ACK", "MFK"]).fill_null(value=False)
        | of.is_in(answers.implode()),
        answer=answer,
        form=pl.when(is_file).then(pl.lit("MFK")).otherwise(pl.lit("ACK")),
        field=pl.when(usable).then(declared.str.slice(0, 1)).otherwise(pl.lit("|")),
        component=pl.when(usable).then(declared.str.slice(1, 1)).otherwise(pl.lit("^")),
        usable=usable,
    )
    return (
        messages.join(heads, on="message_no", maintain_order="left")
        .filter(~pl.col("is_answer"), _wanted())
        .with_columns(
            marks=pl.when("usable").then("marks").otherwise(pl.lit("^~\\&")),
        )
    )


def _wanted() -> pl.Expr:
    """MSH-16 (enhanced mode): NE never, ER on error, SU on success; else always."""
    asked, good = pl.col("application_ack").fill_null(""), pl.col("answer") == "AA"
    return ~((asked == "NE") | ((asked == "ER") & good) | ((asked == "SU") & ~good))


def _lines(rows: pl.DataFrame, line: pl.Expr) -> pl.DataFrame:
    """``message_no`` and ``line``; empty fields at the end of a line are cut."""
    ended = pl.concat_str(line.str.strip_chars_end(pl.col("field")), pl.lit(chr(CR)))
    return rows.select("message_no", ended.alias("line"))


def _joined(by: str, parts: Sequence[pl.Expr | str]) -> pl.Expr:
    """Columns and texts (``str``) with the column ``by`` between them."""
    every = [pl.lit(part) if isinstance(part, str) else part.fill_null("") for part in parts]
    return pl.concat_str([each for part in every for each in (pl.col(by), part)][1:])


def _headers(answered: pl.DataFrame, moment: str | None) -> pl.DataFrame:
    """MSH; its last field is the character set that they read."""
    event = pl.col("event_code").fill_null("")
    structure = pl.when(pl.col("form") == "MFK").then(pl.lit("MFK_M01")).otherwise(pl.lit("ACK"))
    whole = _joined("component", [pl.col("form"), event, structure])
    kind = pl.when(event == "").then("form").otherwise(whole)
    sender = map(pl.col, ("marks", "to_application", "to_facility", "application", "facility"))
    at = pl.lit(moment) if moment else pl.col("at")
    rest = map(pl.col, ("id", "processing", "version"))
    line: list[pl.Expr | str] = ["MSH", *sender, at, "", kind, *rest, *[""] * 5, pl.col("charset")]
    return _lines(answered, _joined("field", line))


def _verdicts(answered: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """MSA."""
    first = told.unique("message_no", keep="first", maintain_order=True)
    rows = answered.join(
        first.select("message_no", "text"), on="message_no", how="left", maintain_order="left"
    )
    told_of = map(pl.col, ("answer", "id", "text"))
    return _lines(rows, _joined("field", ["MSA", *told_of]))


def _errors(answered: pl.DataFrame, told: pl.DataFrame, segments: pl.DataFrame) -> pl.DataFrame:
    """ERR-2 place, -3 condition, -4 severity, -5 our rule, -8 for a person."""
    nth = segments.select(
        "segment_no", nth=pl.int_range(1, pl.len() + 1).over("message_no", "segment")
    )
    rows = told.join(nth, on="segment_no", how="left", maintain_order="left").join(
        answered, on="message_no", maintain_order="left"
    )
    numbers = [pl.col(name).cast(pl.String) for name in ("nth", "field_no")]
    place = _joined("component", [pl.col("segment"), *numbers])
    place = place.str.strip_chars_end(pl.col("component"))
    condition = _joined("component", [pl.col("condition"), "", "HL70357"])
    line: list[pl.Expr | str] = [
        "ERR",
        "",
        place,
        condition,
        "E",
        pl.col("code"),
        "",
        "",
        pl.col("message"),
    ]
    return _lines(rows, _joined("field", line))


def _records(answered: pl.DataFrame, segments: pl.DataFrame) -> pl.DataFrame:
    """MFI as it was sent, and an MFA of each MFE that MFI-6 asks for: NE none, ER errors, SU not.

    A message is taken whole or not at all: its records all have one code, S or U.
    """
    rows = segments.filter(pl.col("segment").is_in(["MFI", "MFE"])).join(
        answered.filter(pl.col("form") == "MFK"), on="message_no", maintain_order="left"
    )
    sent = [pl.col("fields").list.get(n, null_on_oob=True).fill_null("") for n in range(6)]
    taken, is_head = pl.col("answer") == "AA", pl.col("segment") == "MFI"
    asked = pl.when(is_head).then(sent[5]).forward_fill().over("message_no").fill_null("")
    unwanted = (asked == "NE") | ((asked == "ER") & taken) | ((asked == "SU") & ~taken)
    code = pl.when(taken).then(pl.lit("S")).otherwise(pl.lit("U"))
    result = _joined("component", [code, "", "HL70181"])
    record = _joined("field", ["MFA", sent[0], sent[1], "", result, sent[3], sent[4]])
    line = pl.when(is_head).then(_joined("field", ["MFI", *sent])).otherwise(record)
    return _lines(rows.filter(is_head | ~unwanted), line)
