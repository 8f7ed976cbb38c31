"""What the person who ran the night reads when it is over."""

from datetime import date
from io import StringIO

import polars as pl
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from recon.publish.query import run
from recon.reconcile.engine import Limits
from recon.reconcile.night import limits
from recon.reconcile.rules_kept import rules_of
from recon.site import Site

WIDTH = 118
TABLES = {
    "reconcile": ("invoice_line_result", "exception"),
    "canonical": ("file_control", "quarantine"),
}
HEADS = ("night", "files", "records in", "quarantined", "lines", "matched", "", "supported")


def night_report(site: Site, days: list[date]) -> str:
    """The nights just closed, their exceptions by code, and where their workbooks are."""
    out = StringIO()
    console = Console(file=out, width=WIDTH, highlight=False, no_color=True)
    closed = f"{len(days)} night{'s' if len(days) != 1 else ''} closed"
    table = Table(title=escape(f"{site.config.name}: {closed}"))
    for head in (*HEADS, "tolerated", "held"):
        table.add_column(head, justify="left" if head in ("night", "") else "right")
    nights = {day: found for day in days if (found := _tables(site, day))}
    for day, tables in nights.items():
        total = run(("night_total",), tables, day, limits(site))["night_total"]
        for place, row in enumerate(total.to_dicts()):
            counts = [f"{row[n]:,}" for n in ("documents", "records_in", "quarantined")]
            table.add_row(
                # What holds for the whole night stands on its first currency only.
                *([str(day), *counts] if place == 0 else [""] * 4),
                f"{row['line_count']:,}",
                f"{row['matched']:,}",
                row["currency"] or "",
                *(f"{row[money]:,.2f}" for money in ("supported", "tolerated", "held")),
            )
    console.print(table)
    for day, tables in nights.items():
        console.print(f"\n[bold]{day}[/bold] open exceptions: {_counted(tables['exception'])}")
        charges = site.lake.read("reconcile", "charge_exception", day)
        if charges is not None:
            codes = rules_of(site, day)["exception_code"]
            console.print(_charges(charges, codes, day, limits(site)))
        for path in sorted((site.published / day.isoformat()).glob("*.xlsx")):
            console.print(f"  {path}", soft_wrap=True, markup=False)
    return out.getvalue()


def _charges(exceptions: pl.DataFrame, codes: pl.DataFrame, day: date, within: Limits) -> str:
    """Use against charge: its findings, and what is at stake in them."""
    tables = {"charge_exception": exceptions, "exception_code": codes}
    found = run(("night_charges",), tables, day, within)
    (told,) = found["night_charges"].to_dicts()
    overridden = f", {told['overridden']:,} overridden by an answer" if told["overridden"] else ""
    return (
        f"  use against charge: {told['findings']:,} open finding"
        f"{'' if told['findings'] == 1 else 's'}{overridden}, {told['severe']:,} severe;"
        f"\n  lost or denied {told['lost']:,.2f} USD, "
        f"charged too much {told['overcharged']:,.2f} USD, at risk {told['at_risk']:,.2f} USD"
    )


def _tables(site: Site, day: date) -> dict[str, pl.DataFrame] | None:
    """The tables of a night; None if it was not finished."""
    found = {
        name: site.lake.read(layer, name, day) for layer, names in TABLES.items() for name in names
    }
    whole = {name: rows for name, rows in found.items() if rows is not None}
    return whole if len(whole) == len(found) else None


def _counted(exceptions: pl.DataFrame) -> str:
    open_ = exceptions.filter(pl.col("state") == "OPEN")
    counted = open_.group_by("code").len().sort("len", "code", descending=[True, False])
    closed = exceptions.filter(pl.col("state") == "AUTO_CLOSED").height
    overridden = exceptions.height - open_.height - closed
    told = ", ".join(f"{code} {count}" for code, count in counted.iter_rows()) or "none"
    told += f", and {overridden} overridden by an answer" if overridden else ""
    return told + (f" (and {closed} closed by themselves)" if closed else "")
