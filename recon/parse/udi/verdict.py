"""What is wrong with a UDI string, said once: verdict and remark from the faults found."""

from collections.abc import Sequence

import polars as pl

# Of two the first is the verdict.
GRAVITY = ("MALFORMED", "CHECK_FAILED", "AMBIGUOUS")


def judged(faults: Sequence[tuple[str, pl.Expr]]) -> dict[str, pl.Expr]:
    """The columns ``verdict`` and ``remark``.

    Args:
        faults: verdict and its sentence, null where the fault is not there.
    """
    verdict = pl.lit("VALID")
    for name in reversed(GRAVITY):
        there = pl.any_horizontal(
            pl.lit(False), *(said.is_not_null() for verdict_, said in faults if verdict_ == name)
        )
        verdict = pl.when(there).then(pl.lit(name)).otherwise(verdict)
    remark = pl.concat_str([said for _, said in faults], separator="; ", ignore_nulls=True)
    return {"verdict": verdict, "remark": pl.when(remark != "").then(remark)}


def fault(where: pl.Expr, sentence: str) -> pl.Expr:
    """The sentence where the condition holds; null elsewhere."""
    return pl.when(where.fill_null(False)).then(pl.lit(sentence))
