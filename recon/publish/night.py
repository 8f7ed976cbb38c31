"""One closed night, as everything that publishes sees it.

What belongs here: what a night is. What does not: where it is read from (``gather.py``) and
how it is shown (the other modules of this folder).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from recon.reconcile.engine import NO_LIMITS, Limits
from recon.site import Facility

# What is of a later day than the night's is not matched: table -> its day, and what a row is.
Dated = Mapping[str, tuple[pl.Expr, str]]
DOCUMENTS: Dated = {
    "invoice": (pl.col("invoice_date"), "invoice"),
    "receipt_line": (pl.col("receipt_date"), "receipt line"),
    "purchase_order": (pl.col("order_date"), "order"),
}
CARE: Dated = {
    "usage_event": (pl.col("used_date"), "use"),
    "charge_event": (pl.coalesce("post_date", "service_date"), "charge"),
}


@dataclass(frozen=True)
class Night:
    """The tables of one business date.

    Attributes:
        day: the business date.
        network: the network's name, for people to read.
        facilities: its hospitals.
        tables: every canonical table as of ``day``, the results (``reconcile/results.py``; those
            of use against charge where the site brings either) and what arrived that day
            (file_control, quarantine, and control_number: how many X12 control numbers came again
            or after a gap).
        rules: rule table name -> rows, as they decided that night.
        fingerprint: hexadecimal hash over inputs and rules.
        missing: feeds that the night cannot do without and that brought no new file.
        limits: what publishing it may take of the machine.
    """

    day: date
    network: str
    facilities: tuple[Facility, ...]
    tables: Mapping[str, pl.DataFrame]
    rules: Mapping[str, pl.DataFrame]
    fingerprint: str
    missing: tuple[str, ...] = ()
    limits: Limits = NO_LIMITS

    @property
    def run_id(self) -> str:
        """The eight digits by which people name this state of the night."""
        return self.fingerprint[:8]

    @property
    def lacks(self) -> list[str]:
        """Lines to say so on a first sheet: what such a feed would have explained is found open."""
        if not self.missing:
            return []
        names = ", ".join(self.missing)
        return [f"No new file came tonight of {names}: what came on nights before stands."]

    def later(self, dated: Dated, facility: str | None = None) -> list[str]:
        """A line for a first sheet on what is of a later day: a mistyped year hides it for years.

        Args:
            dated: which tables. Of care no day is told: SHARE workbooks hold none.
            facility: whose documents; of all hospitals, and of none, by default.
        """
        told = []
        for table, (day, noun) in dated.items():
            rows = self.tables[table]
            if facility is not None:
                if "facility_id" not in rows.columns:
                    continue  # a receipt names its order alone
                rows = rows.filter(pl.col("facility_id") == facility)
            days = rows.select(day.alias("day")).filter(pl.col("day") > self.day)["day"]
            if count := days.len():
                some = f"{count:,} {noun}{'' if count == 1 else 's'}"
                told.append(some if dated is CARE else f"{some}, dated until " + str(days.max()))
        return [f"Of a later day, so not in it yet: {'; '.join(told)}."] if told else []
