"""What the person who ran the night reads when it is over."""

from datetime import date
from io import StringIO

import polars as pl
from rich.console import Console
from rich.table import Table

from recon.publish.query import run
from recon.site import Site

WIDTH = 118


def night_report(site: Site, days: list[date]) -> str:
    """The nights just closed, their exceptions by code, and where their workbooks are."""
    out = StringIO()
    console = Console(file=out, width=WIDTH, highlight=False, no_color=True)
    table = Table(
        title=f"{site.config.name}: {len(days)} night{'s' if len(days) != 1 else ''} closed"
    )
    for head in (
        "night",
        "files",
        "records in",
        "quarantined",
        "lines",
        "matched",
        "",
        "supported",
        "tolerated",
        "held",
    ):
        table.add_column(head, justify="left" if head in ("night", "") else "right")
    codes: dict[date, pl.DataFrame] = {}
    for day in days:
        tables = {
            name: rows
            for name in ("invoice_line_result", "exception")
            if (rows := site.lake.read("reconcile", name, day)) is not None
        }
        control = site.lake.read("canonical", "file_control", day)
        if len(tables) < 2 or control is None:
            continue
        codes[day] = tables["exception"]
        for index, row in enumerate(
            run(("night_total",), {**tables, "file_control": control}, day)[
                "night_total"
            ].to_dicts()
        ):
            first = index == 0
            table.add_row(
                str(day) if first else "",
                f"{row['documents']:,}" if first else "",
                f"{row['accepted'] + row['quarantined']:,}" if first else "",
                f"{row['quarantined']:,}" if first else "",
                f"{row['line_count']:,}",
                f"{row['matched']:,}",
                row["currency"] or "",
                *(f"{row[money]:,.2f}" for money in ("supported", "tolerated", "held")),
            )
    console.print(table)
    for day, rows in codes.items():
        console.print(f"\n[bold]{day}[/bold] open exceptions: {_counted(rows)}", soft_wrap=False)
        for path in sorted((site.published / day.isoformat()).glob("*.xlsx")):
            console.print(f"  {path}", soft_wrap=True)
    return out.getvalue()


def _counted(exceptions: pl.DataFrame) -> str:
    open_ = exceptions.filter(pl.col("state") == "OPEN")
    counted = open_.group_by("code").len().sort("len", "code", descending=[True, False])
    closed = exceptions.height - open_.height
    told = ", ".join(f"{code} {count}" for code, count in counted.iter_rows()) or "none"
    return f"{told}" + (f" (and {closed} closed by themselves)" if closed else "")
