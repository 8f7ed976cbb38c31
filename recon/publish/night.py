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
