"""The Summary sheet: where the money stands, whether it ties out, and where to look first.

What belongs here: the order and the words of that one sheet. What does not: its numbers
(``sql/summary_by_*.sql``, ``sql/waterfall.sql``, ``sql/tie_out.sql``).
"""

from collections.abc import Mapping, Sequence

import polars as pl
from openpyxl import Workbook

from recon.publish import style
from recon.publish.blocks import COUNT, MONEY, Shown, section, tie_out
from recon.publish.sheets import new_sheet, protect, styled

WIDTHS = (28, 42, 9, 10, 12, 17, 17, 15, 18)

AMOUNTS: tuple[Shown, ...] = (
    ("Currency", "currency", None),
    ("Exceptions", "exceptions", COUNT),
    ("Held", "held", MONEY),
    ("Warned", "warned", MONEY),
    ("Oldest (days)", "oldest_days", COUNT),
)


def summary_sheet(
    book: Workbook,
    totals: Mapping[str, pl.DataFrame],
    open_exceptions: pl.DataFrame,
    *,
    title: str,
    about: Sequence[str],
    footer: str,
    linked: bool,
) -> None:
    """Write the first sheet.

    Args:
        book: a write-only workbook.
        totals: the frames of ``query.totals``.
        open_exceptions: the rows of the Exceptions sheet, in its order; links lead to the first
            row of a kind there.
        title: the heading.
        about: lines under the heading.
        footer: printed at the left of every page's foot.
        linked: the workbook has an Exceptions sheet to link to.
    """
    sheet = new_sheet(book, "Summary", footer)
    for letter, width in zip("ABCDEFGHI", WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.row_dimensions[1].height = 28
    sheet.append([styled(sheet, title, font=style.TITLE)])
    for line in about:
        sheet.append([styled(sheet, line, font=style.QUIET)])

    where = open_exceptions.with_row_index("row", offset=2)

    def link(column: str) -> dict[object, int]:
        if not linked:
            return {}
        first = where.group_by(column, "currency").agg(pl.col("row").min())
        return {(name, currency): row for name, currency, row in first.iter_rows()}

    totals = _most_used_currency_first(totals)
    section(
        sheet,
        "Where the billed dollars stand",
        (
            ("", "step_name", None),
            ("", None, None),
            ("", None, None),
            ("Currency", "currency", None),
            ("Lines", "line_count", COUNT),
            ("Amount", "amount", MONEY),
            ("% of billed", "share_pct", style.FORMATS["percent"]),
        ),
        totals["waterfall"],
        nothing="No invoice line yet.",
    )
    tie_out(sheet, totals["tie_out"], of_lines=(3,))
    section(
        sheet,
        "Open exceptions by age",
        (("Age (days)", "bucket", None), ("", None, None), ("", None, None), *AMOUNTS),
        totals["summary_by_bucket"],
        links=link("bucket"),
        foot=totals["summary_total"],
    )
    section(
        sheet,
        "Open exceptions by rule",
        (
            ("Rule", "code", None),
            ("What it means", "title", None),
            ("Queue", "queue", None),
            *AMOUNTS,
        ),
        totals["summary_by_code"],
        links=link("code"),
        foot=totals["summary_total"],
    )
    section(
        sheet,
        "Open exceptions by queue",
        (("Queue", "queue", None), ("", None, None), ("", None, None), *AMOUNTS),
        totals["summary_by_queue"],
        links=link("queue"),
        foot=totals["summary_total"],
    )
    section(
        sheet,
        "Open exceptions by supplier",
        (
            ("Supplier no.", "supplier_id", None),
            ("Supplier", "supplier_name", None),
            ("", None, None),
            *AMOUNTS,
        ),
        totals["summary_by_supplier"],
        links=link("supplier_id"),
        foot=totals["summary_total"],
    )
    protect(sheet)


def _most_used_currency_first(totals: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    used = totals["waterfall"].filter(pl.col("line_count").is_not_null())
    order = used.sort("line_count", "currency", descending=[True, False])["currency"].to_list()
    rank = pl.col("currency").replace_strict(
        {currency: place for place, currency in enumerate(order)},
        default=len(order),
        return_dtype=pl.Int32,
    )
    return {name: rows.sort(rank, maintain_order=True) for name, rows in totals.items()}
