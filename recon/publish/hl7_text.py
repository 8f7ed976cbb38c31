"""An HL7 file as text: messages, records, defects, suggestions, for a person at a terminal.

What belongs here: what is told and how it looks; nothing that is told holds a patient's value. What
does not: finding it.
"""

from collections.abc import Mapping

import polars as pl
from rich.console import RenderableType
from rich.tree import Tree

from recon.parse.hl7 import Hl7
from recon.publish.message_text import MOST, gaps_told, plain, printed, rest_told, ruled, told_first

MANY = 12  # messages that are told one by one; of more each kind is counted


def file_text(name: str, hl7: Hl7) -> str:
    """What a file holds."""
    counts = ", ".join(f"{name} {rows.height:,}" for name, rows in hl7.records.items()) or "none"
    parts: list[RenderableType] = [_tree(name, hl7), f"\nRecords: {counts}", *_defects(hl7)]
    for row in hl7.controls.to_dicts():
        agrees = "agrees" if row["agrees"] else "DIFFERS"
        parts.append(
            f"{row['control']}: {row['declared']} declared, {row['found']} found, {agrees}"
        )
    parts.append(f"Bytes outside segments: {gaps_told(hl7.gaps)}")
    parts += _suggestions(hl7)
    parts.append("")
    return printed(*parts)


def _tree(name: str, hl7: Hl7) -> Tree:
    tree = Tree(f"{plain(name)}  {len(hl7.data):,} bytes, {hl7.encoding}")
    if hl7.messages.height > MANY:
        kinds = hl7.messages.group_by(
            "message_type", "event_code", "version", "sending_application", maintain_order=True
        ).agg(pl.len().alias("messages"), pl.col("accepted").sum(), pl.col("segment_count").sum())
        for kind in kinds.head(MOST).to_dicts():
            tree.add(
                f"{kind['messages']:,} {_type(kind)} {plain(kind['version'])} from "
                f"{plain(kind['sending_application'])}, {kind['segment_count']:,} segments  "
                f"{kind['accepted']:,} accepted"
            )
        return tree
    for row in hl7.messages.join(_parts(hl7), on="message_no", how="left").to_dicts():
        tree.add(
            f"{_type(row)} {plain(row['message_id'])}  {plain(row['sending_application'])} "
            f"{plain(row['sending_facility'])}  {plain(row['version'])}  delimiters "
            f"{plain(row['delimiters'])}, {row['segment_count']} segments  "
            f"{_verdict(row)}"
        )
    return tree


def _parts(hl7: Hl7) -> pl.DataFrame:
    """How many segments of a message are refused while the message is not."""
    parts = hl7.defects.filter((pl.col("severity") == "error") & (pl.col("scope") == "segment"))
    return parts.group_by("message_no").agg(refused=pl.col("segment_no").n_unique())


def _verdict(row: Mapping[str, object]) -> str:
    if not row["accepted"]:
        return "REFUSED"
    return (
        f"accepted, but {row['refused']} of its charges REFUSED" if row["refused"] else "accepted"
    )


def _type(row: Mapping[str, object]) -> str:
    return f"{plain(row['message_type'])}^{plain(row['event_code'])}"


def _defects(hl7: Hl7) -> list[RenderableType]:
    defects = hl7.defects
    if defects.is_empty():
        return ["Defects: none"]
    table = ruled("", "where", "byte", "what", title="Defects")
    placed = told_first(defects).join(
        hl7.messages.select("message_no", "message_id"),
        on="message_no",
        how="left",
        maintain_order="left",
    )
    for row in placed.to_dicts():
        field = f"-{row['field']}" if row["field"] else ""
        where = f"{plain(row['segment'])}{field}" if row["segment"] else "file"
        if row["message_id"] is not None:
            where = f"{plain(row['message_id'])[:24]}, {where}"
        table.add_row(row["severity"], where, f"{row['byte_offset']:,}", plain(row["message"]))
    errors = defects.filter(pl.col("severity") == "error").height
    counted = f"Errors: {errors:,}, notes: {defects.height - errors:,}"
    return [table, f"{counted}{rest_told(defects)}\n"]


def _suggestions(hl7: Hl7) -> list[RenderableType]:
    told: list[RenderableType] = []
    for row in hl7.suggestions.to_dicts():
        sender = f"{plain(row['sending_application'])} {plain(row['sending_facility'])}"
        lines = "".join(f"  {line}\n" for line in row["profile"].splitlines())
        told.append(
            f"\n{row['charges']:,} of {row['quarantined']:,} quarantined charges of {sender} would "
            "be read with this in the feed's YAML; check a few with the sender before you use it:\n"
            f"\nformat:\n  kind: hl7\n{lines}"
        )
    return told
