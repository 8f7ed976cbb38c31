"""An X12 file as text: envelopes, records, defects, checks and gaps, for a person at a terminal.

What belongs here: what is told and how it looks. What does not: finding it.
"""

from collections.abc import Iterable, Mapping

import polars as pl
from rich.console import RenderableType
from rich.tree import Tree

from recon.parse.x12.declare import KEYS
from recon.parse.x12.sets import SETS
from recon.publish.message_text import (
    MOST,
    WIDTH,
    gaps_told,
    plain,
    printed,
    rest_told,
    ruled,
    told_first,
)
from recon.publish.x12_files import File

MANY = 12  # transaction sets of a group that are told one by one
_WIDEST = 30  # of a column on the screen


def file_text(file: File) -> str:
    """What a file holds."""
    parts: list[RenderableType] = [
        _tree(file),
        f"\nRecords: {_counted(file.counts)}",
        *_defects(file),
        *_checks(file),
    ]
    if (gaps := file.gaps) is not None:
        parts.append(f"Bytes outside segments: {gaps_told(gaps)}")
    parts.append("")
    return printed(*parts)


def rows_text(rows: pl.DataFrame, private: Iterable[str]) -> str:
    """The first rows of a table, and of its columns those that fit.

    Args:
        rows: the table.
        private: its columns that identify a person; they are not shown.
    """
    left_out = [*KEYS, *private]
    shown = rows.head(MOST).select(
        pl.col(name).cast(pl.String).fill_null("").str.slice(0, _WIDEST)
        for name in rows.columns
        if name not in left_out and rows[name].null_count() < rows.height
    )
    widths = {name: max(len(name), *shown[name].str.len_chars(), 0) + 2 for name in shown.columns}
    fitting, room = [], WIDTH - 2
    for name, width in widths.items():
        if width > room:
            break
        fitting.append(name)
        room -= width
    table = ruled(*fitting)
    for row in shown.select(fitting).iter_rows():
        table.add_row(*map(plain, row))
    hidden = [name for name in rows.columns if name not in fitting]
    return printed(
        table,
        f"{rows.height:,} rows, {min(rows.height, MOST)} shown. Not shown: {', '.join(hidden)}.",
        "Into a file (recon x12 … > rows.csv) go all rows and columns.",
    )


def _tree(file: File) -> Tree:
    x12 = file.x12
    tree = Tree(f"{plain(file.name)}  {file.size:,} bytes, {x12.encoding}")
    groups = x12.groups.partition_by("interchange_no", as_dict=True)
    sets = x12.transactions.fill_null(0).partition_by("interchange_no", "group_no", as_dict=True)
    for isa in x12.interchanges.head(MOST).to_dicts():
        number = isa["interchange_no"]
        branch = tree.add(
            f"ISA {plain(isa['control_number'])}"
            f"  {plain(isa['sender_qualifier'])} {plain(isa['sender_id'])}"
            f" to {plain(isa['receiver_qualifier'])} {plain(isa['receiver_id'])}"
            f"  {plain(isa['interchange_date'])} {plain(isa['interchange_time'])}"
            f"  {plain(isa['version'])} {plain(isa['usage'])}  delimiters {_delimiters(isa)}"
        )
        inside = groups.get((number,), x12.groups.clear())
        for gs in inside.head(MOST).to_dicts():
            leaf = branch.add(
                f"GS {plain(gs['functional_code'])} {plain(gs['control_number'])}"
                f"  {plain(gs['sender_code'])} to {plain(gs['receiver_code'])}"
                f"  {plain(gs['version'])}"
            )
            _sets(leaf, sets.get((number, gs["group_no"]), x12.transactions.clear()))
        _more(branch, inside.height, "groups")
        if (number, 0) in sets:
            _sets(branch.add("outside any group"), sets[number, 0])
    _more(tree, x12.interchanges.height, "interchanges")
    return tree


def _sets(branch: Tree, sets: pl.DataFrame) -> None:
    """The transaction sets of a group one by one or, where there are many, by their kind."""
    each = sets
    if sets.height > MANY:
        kinds = sets.group_by("set_code", maintain_order=True).agg(
            pl.len().alias("sets"), pl.col("segment_count").sum(), pl.col("accepted").sum()
        )
        for kind in kinds.head(MOST).to_dicts():
            branch.add(
                f"{kind['sets']:,} ST {_titled(kind['set_code'])},"
                f" {kind['segment_count']:,} segments  {kind['accepted']:,} accepted"
            )
        each = sets.filter(~pl.col("accepted"))
    for st in each.head(MOST).to_dicts():
        branch.add(
            f"ST {plain(st['control_number'])} {_titled(st['set_code'])},"
            f" {st['segment_count']:,} segments  {'accepted' if st['accepted'] else 'REFUSED'}"
        )
    _more(branch, each.height, "refused sets")


def _titled(code: str | None) -> str:
    return f"{code} {SETS[code].title}" if code in SETS else f"{plain(code)} (no records declared)"


def _more(branch: Tree, size: int, what: str) -> None:
    if size > MOST:
        branch.add(f"and {size - MOST:,} more {what}")


def _defects(file: File) -> list[RenderableType]:
    defects = file.x12.defects
    if defects.is_empty():
        return ["Defects: none"]
    errors = defects.filter(pl.col("severity") == "error").height
    table = ruled("", "where", "byte", "what", title="Defects")
    of = file.x12.transactions.select(
        "transaction_no", "set_code", "control_number", begins="segment_no"
    )
    told = told_first(defects)
    placed = told.join(of, on="transaction_no", how="left", maintain_order="left")
    for row in placed.to_dicts():
        table.add_row(
            row["severity"], _place(row), f"{row['byte_offset']:,}", plain(row["message"])
        )
    counted = f"Errors: {errors:,}, notes: {defects.height - errors:,}"
    return [table, f"{counted}{rest_told(defects)}\n"]


def _place(row: Mapping[str, object]) -> str:
    """Where a defect is, as the partner would look for it."""
    segment = plain(row["tag"]) + (f"{row['element']:02d}" if row["element"] else "")
    if row["component"]:
        segment += f"-{row['component']}"
    if row["transaction_no"] is not None:
        position = int(str(row["segment_no"])) - int(str(row["begins"])) + 1
        return (
            f"{plain(row['set_code'])} {plain(row['control_number'])},"
            f" segment {position} {segment}".rstrip()
        )
    if row["segment_no"] is not None:
        return f"segment {row['segment_no']} of the file {segment}".rstrip()
    return "interchange" if row["interchange_no"] is not None else "file"


def _checks(file: File) -> list[RenderableType]:
    """Every count and sum compared; where there are many, those that disagree."""
    controls = file.x12.controls
    differ = controls.filter(~pl.col("agrees"))
    told = controls if file.checks <= MOST else differ
    counted = f"Checks: {file.checks:,}, of which {file.checks - differ.height:,} agree"
    if told.is_empty():
        return [counted]
    table = ruled("check", "segment", "declared", "found", "", title="Declared and found")
    for row in told.head(MOST).to_dicts():
        table.add_row(
            *(plain(row[name]) for name in ("control", "source_record", "declared", "found")),
            "agrees" if row["agrees"] else "DIFFERS",
        )
    return [table, f"{counted}{_of_many(told.height)}\n"]


def _of_many(size: int) -> str:
    return f"; the first {MOST} are shown" if size > MOST else ""


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {size:,}" for name, size in counts.items()) or "none"


def _delimiters(isa: Mapping[str, object]) -> str:
    names = ("element_separator", "component_separator", "repetition_separator", "terminator")
    return " ".join(_visible(str(isa[name])) for name in names if isa[name] is not None)


def _visible(mark: str) -> str:
    return mark if mark.isprintable() and mark != " " else " ".join(f"x{ord(c):02X}" for c in mark)
