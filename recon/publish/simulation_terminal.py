"""What the person who asked "what if" reads on the terminal."""

from collections.abc import Mapping
from io import StringIO
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.table import Table

from recon.publish.simulation_rules import ANY, limits, measure_text, rule_rows
from recon.publish.terminal import WIDTH
from recon.reconcile.simulate import Simulation

FIGURES = ("released", "tolerated_added", "leak_added")
HEADS = ("holds released", "new", "dollars released", "tolerated added", "leak added")


def simulation_report(simulation: Simulation, network: str, files: list[Path]) -> str:
    """The change, what it would have done in all, by category and by supplier, and the files."""
    out = StringIO()
    console = Console(file=out, width=WIDTH, highlight=False, no_color=True)
    nights = f"{len(simulation.days)} night{'s' if len(simulation.days) != 1 else ''}"
    console.print(f"{network}: {nights} replayed, {simulation.days[0]} to {simulation.days[-1]}")
    _rules(console, simulation)
    tables = simulation.tables
    for currency in sorted(tables["change_total"].filter(pl.col("differing") > 0)["currency"]):
        _measures(console, tables["change_measure"], currency)
        _group(console, tables, "category", currency)
        _group(console, tables, "supplier", currency)
    if not (tables["change_total"]["differing"] > 0).any():
        console.print("\nNothing would have been treated differently on these nights.")
    console.print()
    for path in files:
        console.print(f"  {path}", soft_wrap=True)
    return out.getvalue()


def _rules(console: Console, simulation: Simulation) -> None:
    for row in rule_rows(simulation).iter_rows(named=True):
        kept = [f"{k[:-3]} {row[k]}" for k in ("supplier_id", "facility_id") if row[k] != ANY]
        kept += [f"category {row['category']}"] if row["category"] != ANY else []
        case = ", ".join(kept) or "all"
        said = (
            f"  {row['stands']:<8} {row['rule_id']:<14} {row['check']:<15} {limits(row):<20} {case}"
        )
        console.print(said, soft_wrap=True)
        if row["stands"] == "what if" and row["decides"] == 0:
            console.print(
                f"  ! {row['rule_id']} decides nothing on these nights: no line of its case differs"
                ", or its supplier, category or facility is spelt otherwise in the masters.",
                soft_wrap=True,
            )
    if simulation.change.stated.height:
        console.print("  The changed rules count for every invoice, whatever their dates.")
    else:
        console.print("  No row differs from the rules as they are.")


def _measures(console: Console, measures: pl.DataFrame, currency: str) -> None:
    table = Table(title=f"What changes, {currency}", title_justify="left")
    for head in ("", "now", "what if", "difference"):
        table.add_column(head, justify="right" if head else "left")
    rows = measures.filter(pl.col("currency") == currency).sort("measure_no")
    for row in rows.iter_rows(named=True):
        if row["is_part"] and not row["difference"]:
            continue
        form = ",.0f" if row["is_count"] else ",.2f"
        told = ("" if row[c] is None else f"{row[c]:{form}}" for c in ("before", "after"))
        sign = "+" if row["difference"] > 0 else ""
        table.add_row(measure_text(row), *told, f"{sign}{row['difference']:{form}}")
    console.print()
    console.print(table)


def _group(console: Console, tables: Mapping[str, pl.DataFrame], name: str, currency: str) -> None:
    """Those that the change is about; what they show adds up to the total."""
    table = Table(title=f"By {name}, {currency}", title_justify="left")
    for head in (name, *HEADS):
        table.add_column(head, justify="left" if head == name else "right")
    if name == "supplier":
        rows = tables["change_by_supplier_shown"].sort("place")
    else:
        rows = tables["change_by_category"].filter(pl.col("differing") > 0)
        rows = rows.sort(pl.col("released").abs(), "category", descending=[True, False])
    for row in rows.filter(pl.col("currency") == currency).iter_rows(named=True):
        table.add_row(_named(row, name), *_figures(row))
    table.add_section()
    total = tables["change_total"].row(by_predicate=pl.col("currency") == currency, named=True)
    table.add_row("Total", *_figures(total))
    console.print()
    console.print(table)


def _named(row: dict[str, object], name: str) -> str:
    if name == "category":
        return str(row["category"])
    if row["supplier_id"] is None:
        return f"{row['suppliers']} others"
    return f"{row['supplier_id']}  {row['supplier_name'] or ''}"


def _figures(row: dict[str, object]) -> list[str]:
    counts = [f"{row[c]:,}" for c in ("holds_released", "holds_added")]
    return [*counts, *(f"{row[c]:,.2f}" for c in FIGURES)]
