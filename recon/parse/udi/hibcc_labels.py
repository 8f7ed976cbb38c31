"""Two HIBCC labels in one scan: whether they can be read as one.

A product may carry its primary and its secondary code on labels of their own. The secondary then
ends with the check character of its primary, which links the two, and with its own.

What belongs here: where one label ends and the next begins, and what the two are to each other.
What does not: what a label says (``hibcc.py``).
"""

import polars as pl

from recon.parse.udi.hibcc_check import checked, total, value_of_last
from recon.parse.udi.verdict import fault

SECONDARY = r"^\+(?:\$|\d{5})"
_PRIMARY = r"^\+[A-Z][0-9A-Z]{3}[0-9A-Z]{1,18}[0-9].$"

# A label begins with a +. Within it one stands behind $ only, or at its end, where it checks or
# links. Between two labels scanners put a mark, or nothing.
_LABEL = r"\+(?:\$\+|[^+])+?"
_SECOND = r"[\s,;|*]*(\+(?:\$\+|[$0-9A-Z])(?:\$\+|[^+])*(?:\+.?)?)$"
_SPLITS = tuple(rf"^({_LABEL}{end}){_SECOND}" for end in ("", r"\+", r"\+[^+]"))


def one_label(texts: pl.DataFrame) -> pl.DataFrame:
    """The texts with two labels as one, where that can be told.

    Nothing says that there are two unless both pass their check.

    Args:
        texts: columns ``row`` and ``text``, which begins with the first label.

    Returns:
        ``text``: a primary and the secondary that is linked to it as one string; null where two
        labels say different things. ``several``: what is doubtful about two, null elsewhere.
    """
    single = texts.with_columns(several=pl.lit(None, pl.String))
    some = texts.filter(pl.col("text").str.contains(r"^\+.*[^$]\+."))
    if some.is_empty():
        return single
    read = pl.concat([_pairs(some, form) for form in _SPLITS]).unique("row", keep="first")
    found = single.join(
        read.select("row", one="text", doubt="several", two=pl.lit(True)), on="row", how="left"
    )
    return found.select(
        *(name for name in texts.columns if name != "text"),
        text=pl.when("two").then("one").otherwise("text"),
        several="doubt",
    ).sort("row")


def _pairs(texts: pl.DataFrame, form: str) -> pl.DataFrame:
    first, second = pl.col("first"), pl.col("second")
    split = (
        texts.select("row", "text", pair=pl.col("text").str.extract_groups(form))
        .select("row", "text", pl.col("pair").struct.rename_fields(["first", "second"]))
        .unnest("pair")
        .filter(_passes(first) & _passes(second))
        # A label with its secondary code is one, if it passes as a whole.
        .filter(~(_passes(pl.col("text")) & first.str.contains("/", literal=True)))
    )
    joined = pl.coalesce(_joined(first, second), _joined(second, first))
    same = first == second
    return split.select(
        "row",
        text=pl.coalesce(joined, pl.when(same).then(first)),
        several=pl.coalesce(
            fault(same, "the same label is in it twice"),
            fault(joined.is_null(), "two labels in it do not belong together"),
        ),
    )


def _joined(primary: pl.Expr, secondary: pl.Expr) -> pl.Expr:
    """The two as one string; null where they are no primary and the secondary linked to it."""
    link, own = secondary.str.slice(-2, 1), primary.str.slice(-1)
    body = pl.concat_str(primary.str.head(-1), pl.lit("/"), secondary.str.slice(1).str.head(-2))
    linked = primary.str.contains(_PRIMARY) & secondary.str.contains(SECONDARY) & (link == own)
    return pl.when(linked).then(checked(body))


def _passes(text: pl.Expr) -> pl.Expr:
    value = value_of_last(text)
    return value == (total(text) - value) % 43
