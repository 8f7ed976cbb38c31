"""ACK: what a sender is told of each message: AA accepted, AE error in it, AR refused unread.

A master file (MFN) is answered by an MFK, with a code for each of its records (HL7 2.5.1 8.4.2).

The answer is in the message's own delimiters, its sender and receiver changed about. It has no
clock and no counter: MSH-10 is that of the message, MSH-7 too unless a moment is given, so that the
same message has the same answer. What belongs here: writing it. What does not: what is refused.
"""

from typing import TYPE_CHECKING

import polars as pl

from recon.parse.hl7 import refuse
from recon.parse.hl7.charset import CHARSETS
from recon.parse.hl7.defects import KINDS
from recon.parse.hl7.tokenise import CR

if TYPE_CHECKING:
    from recon.parse.hl7.reader import Hl7

# What is wrong with the envelope, so that the message itself was not looked at.
_REFUSED_UNREAD = ("delimiters", "frame", "MSH09", "BTS", "BTS01", "FTS", "FTS01")


def acknowledge(hl7: "Hl7", moment: str | None) -> bytes:
    """The answers, in the order of the messages; b"" where none is wanted."""
    reasons = {
        number: (code, told)
        for number, code, told in refuse.reasons(hl7.messages, hl7.defects).iter_rows()
    }
    segments = hl7.segments
    nth = segments.select(
        "segment_no", nth=pl.int_range(1, pl.len() + 1).over("message_no", "segment")
    )
    errors_of = hl7.defects.filter(
        pl.col("severity") == "error", pl.col("message_no").is_not_null()
    )
    own = {
        number[0]: rows.to_dicts()
        for number, rows in errors_of.join(nth, on="segment_no", how="left", maintain_order="left")
        .partition_by("message_no", as_dict=True, maintain_order=True)
        .items()
    }
    heads = segments.filter(pl.col("segment") == "MSH")["fields"].to_list()
    files = {
        number[0]: list(zip(rows["segment"], rows["fields"], strict=True))
        for number, rows in segments.filter(pl.col("segment").is_in(["MFI", "MFE"]))
        .partition_by("message_no", as_dict=True, maintain_order=True)
        .items()
    }
    out = []
    for message, head in zip(hl7.messages.to_dicts(), heads, strict=True):
        number = message["message_no"]
        errors = own.get(number, [])
        why = reasons.get(number)
        code = "AA" if not errors and why is None else "AE"
        if why is not None and why[0] in _REFUSED_UNREAD:
            code = "AR"
        if _wanted(message, code):
            records = files.get(number, []) if message["message_type"] == "MFN" else []
            out.append(_ack(message, head, code, why, errors, records, moment))
    return b"".join(out)


def _wanted(message: dict[str, object], code: str) -> bool:
    """MSH-16 (enhanced mode): NE never, ER on error, SU on success; else always."""
    match message["application_ack"]:
        case "NE":
            return False
        case "ER":
            return code != "AA"
        case "SU":
            return code == "AA"
    return True


def _ack(
    message: dict[str, object],
    head: list[str],
    code: str,
    why: tuple[str, str] | None,
    errors: list[dict[str, object]],
    records: list[tuple[str, list[str]]],
    moment: str | None,
) -> bytes:
    marks = str(message["delimiters"])
    usable = len(set(marks)) == 5
    field, component = (marks[0], marks[1]) if usable else ("|", "^")
    # As sent: MSH-2 .. of the message are head[0] ..
    sent = [*head, *([""] * 20)]
    inner = sent[0] if usable else "^~\\&"
    event = str(message["event_code"] or "")
    records = records if usable else []
    answer, form = ("MFK", "MFK_M01") if records else ("ACK", "ACK")
    kind = component.join([answer, event, form] if event else [answer])
    msh = ["MSH", inner, sent[3], sent[4], sent[1], sent[2], moment or sent[5], "", kind]
    msh += [sent[8], sent[9], sent[10]]
    if sent[16]:
        msh += ["", "", "", "", "", sent[16]]  # the character set they read
    text = "" if code == "AA" else _plain(_told(why, errors), marks)
    lines = [msh, ["MSA", code, sent[8], text]]
    told = errors or ([{"code": why[0], "message": why[1]}] if why is not None else [])
    lines += [_err(error, component, marks) for error in told]
    lines += _file(records, component, taken=code == "AA")
    written = "".join(field.join(line).rstrip(field) + chr(CR) for line in lines)
    charset = CHARSETS.get(sent[16].strip().upper()) or "utf-8"
    return written.encode(charset, errors="replace")


def _file(records: list[tuple[str, list[str]]], component: str, *, taken: bool) -> list[list[str]]:
    """MFI as it was sent, and an MFA of each MFE that MFI-6 asks for: NE none, ER errors, SU not.

    A message is taken whole or not at all: its records all have one code, S or U.
    """
    lines: list[list[str]] = []
    asked = ""
    for segment, fields in records:
        sent = [*fields, *([""] * 6)]
        if segment == "MFI":
            asked = sent[5]
            lines.append(["MFI", *fields])
        elif asked not in ("NE", "ER" if taken else "SU"):
            result = component.join(["S" if taken else "U", "", "HL70181"])
            lines.append(["MFA", sent[0], sent[1], "", result, sent[3], sent[4]])
    return lines


def _told(why: tuple[str, str] | None, errors: list[dict[str, object]]) -> str:
    if why is not None:
        return why[1]
    more = f"; and {len(errors) - 1} more" if len(errors) > 1 else ""
    return f"{errors[0]['message']}{more}"


def _err(error: dict[str, object], component: str, marks: str) -> list[str]:
    """ERR-2 place, -3 condition, -4 severity, -8 for a person."""
    place = [str(error.get(key) or "") for key in ("segment", "nth", "field")]
    where = component.join(place).rstrip(component)
    condition = KINDS[str(error["code"])].condition
    named = component.join([condition, "", "HL70357"])
    return ["ERR", "", where, named, "E", "", "", "", _plain(str(error["message"]), marks)]


def _plain(text: str, marks: str) -> str:
    """Without a character that delimits."""
    return "".join(" " if c in marks or c < " " else c for c in text)
