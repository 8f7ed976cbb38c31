"""What a record takes from the record above it: lines of an order that do not name their order.

Hosts and report writers say whose a line is by where it stands. Nothing is guessed: where the
record above was refused, or one in between may have been another of its kind, the line is refused.

What belongs here: whose a record is, in a file of several kinds (``RecordKind.takes``).
"""

from collections.abc import Mapping

import numpy as np
import polars as pl

from recon.parse.encoding import Offsets
from recon.parse.scan import Mask
from recon.site import RecordKind


class Above:
    """Of each record of a file, the last one of each kind above it."""

    def __init__(
        self, kinds: Mapping[str, RecordKind], names: pl.Series, numbers: Offsets, unsure: Mask
    ) -> None:
        """Take in a file's records, in their order.

        Args:
            kinds: the kinds of record that the contract has.
            names: the kind of each record; null where it is of none.
            numbers: ``source_record`` of each, ascending.
            unsure: those that may be, or hold, a record of any kind.
        """
        self._kinds, self._numbers = kinds, numbers
        self._unsure = self._last(unsure)
        self._of_kind = {
            name: self._last((names == name).fill_null(False).to_numpy()) for name in kinds
        }

    def given(
        self, name: str, rows: pl.DataFrame, accepted: Mapping[str, pl.DataFrame]
    ) -> pl.DataFrame:
        """Records of one kind beside the columns that they take.

        Args:
            name: their kind.
            rows: its records; ``source_record`` and columns of their own.
            accepted: the accepted records of the kinds declared before it.

        Returns:
            ``rows`` with the columns taken, and ``unowned``: why a record has none above it, null
            where it has all.
        """
        place = np.searchsorted(self._numbers, rows["source_record"].to_numpy())
        unsure = self._unsure[place]
        found, why = rows, []
        for kind, columns in self._kinds[name].takes.items():
            above = self._of_kind[kind][place]
            outer = [self._of_kind[each][place] for each in self._around(kind)]
            states = pl.DataFrame(
                {
                    "above": self._numbers[above],
                    "between": self._numbers[unsure],
                    "is_none": (above < 0) | (np.max([above, *outer], axis=0) > above),
                    "is_unsure": unsure > above,
                }
            )
            taken = accepted[kind].select(pl.col("source_record").alias("above"), *columns)
            beside = states.join(
                taken.with_columns(is_accepted=True), on="above", how="left", maintain_order="left"
            )
            said = (
                pl.when("is_unsure")
                .then(
                    pl.lit("record ")
                    + pl.col("between").cast(pl.String)
                    + pl.lit(f" above it could not be read and may be, or hold, its '{kind}'")
                )
                .when("is_none")
                .then(pl.lit(f"no record of the kind '{kind}' stands above it"))
                .when(pl.col("is_accepted").is_null())
                .then(
                    pl.lit(f"the '{kind}' above it, record ")
                    + pl.col("above").cast(pl.String)
                    + pl.lit(", was refused")
                )
            )
            why.append(beside.select(said.alias(kind)).to_series())
            found = found.hstack(beside.select(columns))
        return found.with_columns(pl.DataFrame(why).select(pl.coalesce(pl.all()).alias("unowned")))

    def _around(self, kind: str) -> list[str]:
        """The kinds that a kind takes from, and those that they take from."""
        outer = list(self._kinds[kind].takes)
        return outer + [further for each in outer for further in self._around(each)]

    @staticmethod
    def _last(marked: Mask) -> Offsets:
        """Of each record, the place of the last one marked, itself included; -1 where none is."""
        places = np.where(marked, np.arange(marked.size), -1)
        return np.asarray(np.maximum.accumulate(places)) if marked.size else places
