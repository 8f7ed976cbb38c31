"""The data dictionary as Markdown, from the table classes: nothing in it is written by hand."""

from collections.abc import Iterable, Iterator

from recon.canonical import tables
from recon.canonical.describe import (
    ORIGIN,
    canonical_tables,
    explained,
    polars_schema,
    sql_type,
    table_name,
)
from recon.canonical.tables import Table
from recon.publish.tables import PUBLISHED
from recon.reconcile import results
from recon.rules.tables import RULE_TABLES

PREAMBLE = """# Data dictionary

Generated from the table classes in `recon/canonical/`, `recon/reconcile/results.py`,
`recon/rules/tables.py` and `recon/publish/tables.py`; change a description there. A
table has this name in SQL, in the lake, in the asset graph and here.

Every canonical table also has {origin}: the feed, the SHA-256 of the file, the record within it
and where the record starts. A key column is marked **key**; *required* means never empty.
"""


def data_dictionary() -> str:
    """Every table with its columns: type, key or required, unit, source, meaning."""
    origin = ", ".join(f"`{name}`" for name in ORIGIN)
    of_arrival = [tables.FileControl, tables.Quarantine]
    return "\n".join(
        [
            PREAMBLE.format(origin=origin),
            *_chapter("Canonical tables", canonical_tables().values()),
            *_chapter("What arrived", of_arrival),
            *_chapter("Results of the match", results.RESULTS),
            *_chapter("Results of use against charge", results.CHARGE_RESULTS),
            *_chapter("Rule tables", RULE_TABLES),
            *_chapter("The exchange with partners", PUBLISHED),
        ]
    )


def _chapter(title: str, members: Iterable[type[Table]]) -> Iterator[str]:
    yield f"## {title}\n"
    for table in members:
        yield from _table(table)


def _table(table: type[Table]) -> Iterator[str]:
    yield f"### {table_name(table)}\n"
    yield f"{explained(table)}\n"
    yield "| column | type | | unit | source | meaning |"
    yield "|---|---|---|---|---|---|"
    columns = table.to_schema().columns
    for name, dtype in polars_schema(table).items():
        if name in ORIGIN and issubclass(table, tables.Canonical):
            continue
        column, facts = columns[name], columns[name].metadata or {}
        mark = "**key**" if facts.get("key") else "" if column.nullable else "*required*"
        cells = (
            f"`{name}`",
            sql_type(dtype).replace(",", ", "),
            mark,
            facts.get("unit", ""),
            facts.get("source", ""),
        )
        meaning = (column.description or "").replace("|", "\\|")
        yield f"| {' | '.join(map(str, cells))} | {meaning} |"
    yield ""
