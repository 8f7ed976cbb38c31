"""One picture: held dollars by rule, for the run page of the orchestrator."""

import io

import polars as pl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from recon.publish.query import run

# More bars than this do not fit a card; the rest are summed in the workbook.
MOST_BARS = 12


def held_by_code_png(exception: pl.DataFrame) -> bytes:
    """A bar per exception code and currency with open holds, largest first, as PNG.

    The bytes depend on the rows only. Bars are drawn from floating point, as every picture is;
    the numbers beside them are the exact sums.
    """
    bars = run(["held_by_code"], {"exception": exception})["held_by_code"]
    bars = bars.head(MOST_BARS).reverse()  # a bar chart is drawn from below
    figure = Figure(figsize=(7.5, 0.7 + 0.32 * max(bars.height, 1)), dpi=100, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.set_title("Held by rule", loc="left", fontsize=11, fontweight="bold", color="#1F3A5F")
    for side in ("top", "right", "bottom"):
        axes.spines[side].set_visible(False)
    axes.set_xticks([])
    if bars.is_empty():
        axes.set_yticks([])
        axes.text(0.5, 0.5, "Nothing is held.", ha="center", va="center", transform=axes.transAxes)
    else:
        lengths = [float(abs(held)) for held in bars["held"]]
        drawn = axes.barh(range(bars.height), lengths, color="#B45309")
        axes.set_yticks(range(bars.height), bars["code"].to_list(), fontsize=9)
        axes.bar_label(drawn, labels=bars["held_text"].to_list(), padding=4, fontsize=9)
        axes.margins(x=0.2)
    saved = io.BytesIO()
    # No software name and no date in the file: the same picture, the same bytes.
    figure.savefig(saved, format="png", metadata={"Software": None})
    return saved.getvalue()
