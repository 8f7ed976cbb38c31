"""The simulator's workbook: what changed rules would have released, tolerated and leaked.

What belongs here: which sheets it has, their order and words, and the two charts. What does not:
its numbers (``recon/reconcile/simulation/*.sql``), its columns (``simulation_columns.py``).
"""

from collections.abc import Mapping, Sequence

import polars as pl
from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.text import RichText, Text
from openpyxl.chart.title import Title
from openpyxl.drawing.text import (
    CharacterProperties,
    Paragraph,
    ParagraphProperties,
    RegularTextRun,
)
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from recon.publish import simulation_columns as columns
from recon.publish import style
from recon.publish.archive import archived
from recon.publish.blocks import COUNT, MONEY, Shown, blocks_sheet, body, head, section, tie_out
from recon.publish.columns import MEANINGS, Column
from recon.publish.sheets import MOST_ROWS, csv_of, data_sheet, new_sheet, protect, styled
from recon.publish.simulation_rules import measure_text, rule_rows
from recon.publish.summary import WIDTHS
from recon.reconcile.simulate import Simulation

# What is more goes into a CSV beside the workbook.
MOST_LINES = MOST_ROWS
# More bars than these cannot be told apart; the sheet has them all.
MOST_BARS = 12
FEW_NIGHTS = 8
# Height of a row of a sheet, by which room is left for a chart.
ROW_CM = 0.53

DATES_DO_NOT_COUNT = (
    "The changed rules count for every invoice of these nights, whatever their valid_from and "
    "valid_to; no other row of their case counts beside them."
)
COUNTED_ONCE = (
    "Every hold is counted once: as it stood on the last night on which the two sets of rules "
    "treat it differently, else on the newest night."
)
LEAK = (
    "Leak is what is paid above the contract price in force: where order and invoice agree on it, "
    "and where a price above it is tolerated. A wider CONTRACT tolerance reports less leak and "
    "pays the same."
)


def simulation_workbook(simulation: Simulation, network: str) -> dict[str, bytes]:
    """File name -> bytes: one workbook, and a CSV of the lines where a sheet cannot hold them.

    Equal simulations give equal bytes.
    """
    stem = file_stem(simulation)
    tables = _main_currency_first(simulation.tables)
    lines = _lines(tables["counted_change"])
    first, last = simulation.days[0].isoformat(), simulation.days[-1].isoformat()
    footer = f"{network} · what if · {first} to {last} · run {simulation.run_id}"
    beside = lines.height > MOST_LINES
    book = Workbook(write_only=True)
    summary = new_sheet(book, "Summary", footer)
    _group_sheet(book, "By category", ("Category", "category"), tables, footer)
    _group_sheet(book, "By supplier", ("Supplier", "supplier_name"), tables, footer)
    _night_sheet(book, tables, footer)
    rows: dict[str, bytes] = {}
    if not beside:
        rows["Lines"] = data_sheet(
            book,
            "Lines",
            columns.LINES,
            lines,
            footer=footer,
            frozen_columns=2,
            printed_columns=18,
            nothing="No line is treated differently.",
        )
    _rules_sheet(book, simulation, footer)
    _dictionary(book, footer)
    about = [
        f"{len(simulation.days)} nights replayed, {first} to {last} · run {simulation.run_id}",
        DATES_DO_NOT_COUNT,
        COUNTED_ONCE,
        LEAK,
    ]
    if beside:
        about.append(f"Too many lines for a sheet: they are in {stem}.csv beside this file.")
    _summary(summary, book["By category"], simulation, tables, network, about)
    title = f"Tolerances, what if: {first} to {last}"
    made = {f"{stem}.xlsx": archived(book, rows, simulation.days[-1], network, title)}
    if beside:
        made[f"{stem}.csv"] = csv_of(columns.LINES, lines)
    return made


def file_stem(simulation: Simulation) -> str:
    """``Tolerance_what_if_<first night>_<last night>_<run>``."""
    first, last = simulation.days[0].isoformat(), simulation.days[-1].isoformat()
    return f"Tolerance_what_if_{first}_{last}_{simulation.run_id}"


def _main_currency_first(tables: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Every table in reading order: the currency with most differences, then the largest."""
    used = tables["change_total"].sort(
        "differing", "holds_before", "currency", descending=[True, True, False]
    )
    place = {currency: place for place, currency in enumerate(used["currency"])}
    rank = pl.col("currency").replace_strict(place, default=len(place), return_dtype=pl.Int32)
    largest = [pl.col("differing") == 0, pl.col("released").abs().neg()]
    within: dict[str, list[str | pl.Expr]] = {
        "change_by_category": [*largest, pl.col("held_before").abs().neg(), "category"],
        "change_by_supplier": [*largest, pl.col("held_before").abs().neg(), "supplier_id"],
        "change_by_supplier_shown": ["place"],
        "change_by_night": ["business_date"],
        "change_measure": ["measure_no"],
        "change_tie_out": ["check_no"],
        "counted_change": [
            pl.col("released").abs().neg(),
            pl.col("leak_added").abs().neg(),
            *("invoice_id", "line_no", "check_name"),
        ],
    }
    return {
        name: rows.sort(rank, *within.get(name, []), nulls_last=True)
        if "currency" in rows.columns
        else rows
        for name, rows in tables.items()
    }


def _lines(counted: pl.DataFrame) -> pl.DataFrame:
    words = pl.when(pl.col("has_contract")).then(pl.lit("yes")).otherwise(pl.lit("no"))
    return counted.filter("is_different").with_columns(
        contract=pl.when(pl.col("has_contract").is_not_null()).then(words),
        supplier_name=pl.coalesce("supplier_name", "supplier_id"),
    )


def _shown(measures: Sequence[Column]) -> tuple[Shown, ...]:
    return tuple((c.heading, c.name, style.FORMATS[c.kind]) for c in measures)


def _sized(sheet: Worksheet, widths: Sequence[int]) -> None:
    for index, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(index)].width = width


def _group_sheet(
    book: Workbook,
    title: str,
    named: tuple[str, str],
    tables: Mapping[str, pl.DataFrame],
    footer: str,
) -> None:
    """One row per category or supplier, and the total of all."""
    sheet = new_sheet(book, title, footer)
    heading, column = named
    _sized(sheet, (30, 10, *(c.width for c in columns.MEASURES)))
    sheet.freeze_panes = "C4"
    rows = tables[f"change_{title.lower().replace(' ', '_')}"]
    if column == "supplier_name":
        rows = rows.with_columns(pl.coalesce("supplier_name", "supplier_id"))
    section(
        sheet,
        f"What changes, {title.lower()}",
        ((heading, column, None), ("Currency", "currency", None), *_shown(columns.MEASURES)),
        rows,
        foot=tables["change_total"],
        nothing="Nothing is held, tolerated or above contract.",
    )
    protect(sheet)


def _night_sheet(book: Workbook, tables: Mapping[str, pl.DataFrame], footer: str) -> None:
    sheet = new_sheet(book, "By night", footer)
    measures = (*columns.MEASURES, columns.PUBLISHED)
    _sized(sheet, (14, 10, *(c.width for c in measures)))
    # As text: it stands to the left, and under the bars of the chart.
    rows = tables["change_by_night"].with_columns(pl.col("business_date").cast(pl.String))
    section(
        sheet,
        "Each night by itself: an open hold is in every night, so do not add the nights up",
        (
            ("Night", "business_date", None),
            ("Currency", "currency", None),
            *_shown(measures),
        ),
        rows,
    )
    main = rows.head(rows.filter(pl.col("currency") == pl.col("currency").first()).height)
    if (main["differing"] > 0).any():
        chart = _chart(sheet, main.height, f"Each night, {main['currency'][0]}", bar=False)
        sheet.add_chart(chart, f"A{rows.height + 6}")
    protect(sheet)


def _chart(sheet: Worksheet, rows: int, title: str, *, bar: bool) -> BarChart:
    """Dollars released and leak added of the first rows of a sheet that ``section`` wrote."""
    chart = BarChart()
    chart.type = "bar" if bar else "col"
    look = CharacterProperties(sz=1200, b=True, solidFill=style.NAVY)
    said = Paragraph(pPr=ParagraphProperties(defRPr=look), r=[RegularTextRun(rPr=look, t=title)])
    chart.title = Title(tx=Text(rich=RichText(p=[said])), overlay=False)
    chart.style = 10
    chart.gapWidth = 60
    names = Reference(sheet, min_col=1, min_row=4, max_row=3 + rows)
    at = {column.name: place for place, column in enumerate(columns.MEASURES, 3)}
    for name, colour in (("released", style.NAVY), ("leak_added", "B45309")):
        figures = Reference(sheet, min_col=at[name], min_row=3, max_row=3 + rows)
        chart.add_data(figures, titles_from_data=True)
        drawn = chart.series[-1]
        drawn.graphicalProperties.solidFill = colour
        if rows <= FEW_NIGHTS or bar:
            drawn.dLbls = DataLabelList(showVal=True, showSerName=False, showCatName=False)
            drawn.dLbls.showLegendKey = False
            drawn.dLbls.numFmt = "#,##0;-#,##0;"
    chart.set_categories(names)
    chart.x_axis.tickLblPos = "low"  # beside the bars that go the other way, not behind them
    chart.y_axis.number_format = "#,##0"
    chart.y_axis.majorGridlines = None
    # openpyxl hides axes unless told not to.
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.legend.position = "b"
    if bar:
        chart.x_axis.scaling.orientation = "maxMin"  # the first row on top
    chart.width, chart.height = 26, (4 + 1.1 * rows if bar else 9)
    return chart


def _summary(
    sheet: Worksheet,
    categories: Worksheet,
    simulation: Simulation,
    tables: Mapping[str, pl.DataFrame],
    network: str,
    about: Sequence[str],
) -> None:
    _sized(sheet, WIDTHS)
    sheet.row_dimensions[1].height = 28
    sheet.append([styled(sheet, f"Tolerances, what if: {network}", font=style.TITLE)])
    for line in about:
        sheet.append([styled(sheet, line, font=style.QUIET)])
    written = 1 + len(about)
    written += _rules_in_short(sheet, simulation)
    about_it = tables["change_total"].filter(pl.col("differing") > 0)["currency"]
    measures = tables["change_measure"]
    if about_it.len():
        measures = measures.filter(pl.col("currency").is_in(about_it.to_list()))
    written += _measures(sheet, measures)
    _category_chart(sheet, categories, tables["change_by_category"], written + 2)
    suppliers = tables["change_by_supplier_shown"]
    others = pl.format("{} others", pl.col("suppliers"))
    section(
        sheet,
        "Suppliers it is about",
        (
            ("Supplier no.", "supplier_id", None),
            ("Supplier", "supplier_name", None),
            ("", None, None),
            ("Currency", "currency", None),
            ("Released", "holds_released", COUNT),
            ("Dollars released", "released", MONEY),
            ("Tolerated added", "tolerated_added", MONEY),
            ("Leak added", "leak_added", MONEY),
        ),
        suppliers.with_columns(
            supplier_name=pl.when(pl.col("supplier_id").is_null())
            .then(others)
            .otherwise(pl.coalesce("supplier_name", "supplier_id"))
        ),
        foot=tables["change_total"].filter(pl.col("differing") > 0),
        nothing="No supplier: nothing is treated differently.",
    )
    tie_out(sheet, tables["change_tie_out"])
    protect(sheet)


def _category_chart(
    sheet: Worksheet, categories: Worksheet, rows: pl.DataFrame, place: int
) -> None:
    """The chart of the main currency's categories, over empty rows of its height."""
    first = rows.filter(pl.col("currency") == pl.col("currency").first())
    bars = min(first.filter(pl.col("differing") > 0).height, MOST_BARS)
    if bars:
        title = f"Dollars released and leak added by category, {first['currency'][0]}"
        chart = _chart(categories, bars, title, bar=True)
        sheet.add_chart(chart, f"A{place}")
        for _ in range(int(chart.height / ROW_CM) + 2):
            sheet.append([])


def _rules_in_short(sheet: Worksheet, simulation: Simulation) -> int:
    """The changed rows side by side; how many sheet rows that takes."""
    rules = rule_rows(simulation)
    section(
        sheet,
        "The change",
        (
            ("Rule", "rule_id", None),
            ("Check", "check", None),
            ("Stands", "stands", None),
            ("Supplier", "supplier_id", None),
            ("Category", "category", None),
            ("Facility", "facility_id", None),
            ("Percent", "pct", None),
            ("Amount", "abs", None),
            ("Mode", "mode", None),
        ),
        rules,
        nothing="No row differs from the rules as they are.",
    )
    return 3 + rules.height if rules.height else 3


def _measures(sheet: Worksheet, measures: pl.DataFrame) -> int:
    """The totals as a list; how many sheet rows that takes."""
    heads = ("", "", "", "Currency", "", "Now", "What if", "Difference")
    sheet.append([])
    sheet.append([styled(sheet, "What changes", font=style.SECTION)])
    sheet.append([head(sheet, text, numeric=place > 4) for place, text in enumerate(heads)])
    for row in measures.iter_rows(named=True):
        form = COUNT if row["is_count"] else MONEY
        font = style.BODY if row["is_part"] else style.BOLD
        sides = ("before", "after", "difference")
        figures = [body(sheet, row[side], form, font=font) for side in sides]
        blank = [body(sheet, None, None) for _ in range(3)]
        name = body(sheet, measure_text(row), None, font=font)
        currency = body(sheet, row["currency"], None)
        sheet.append([name, *blank[:2], currency, blank[2], *figures])
    return 3 + measures.height


def _rules_sheet(book: Workbook, simulation: Simulation, footer: str) -> None:
    blocks_sheet(
        book,
        "Rules",
        footer,
        (DATES_DO_NOT_COUNT,),
        {"The change, now beside what if": (columns.RULES, rule_rows(simulation))},
    )


def _dictionary(book: Workbook, footer: str) -> None:
    sheets = {
        "By category, …": (*columns.MEASURES, columns.PUBLISHED),
        "Lines": columns.LINES,
        "Rules": columns.RULES,
    }
    meanings = [(title, c.heading, c.meaning) for title, shown in sheets.items() for c in shown]
    rows = pl.DataFrame(meanings, schema=["sheet", "heading", "meaning"], orient="row")
    about = (DATES_DO_NOT_COUNT, COUNTED_ONCE, LEAK)
    blocks_sheet(book, "Dictionary", footer, about, {"Columns": (MEANINGS, rows)})
