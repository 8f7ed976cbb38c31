"""What a chart keeps: its rows by kind, the accounts they name, and what must be found of them.

Rows are dictionaries with the columns of the files they go into, claims and what answers them are
objects; ``night`` says with which night's files. Days of care count as nights do: 1 is the first
night's day, 0 and below are before it.

What belongs here: keeping and giving back. What does not: what a story may write (``chart.py``).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from recon.sample.network import Cents

# The value of a column is as its writer has it: a text, a count, cents or a date.
Row = dict[str, Any]
# Revenue code, HCPCS, units, charge.
ClaimLine = tuple[str, str, int, Cents]
# Which line of the claim, its charge, what is not paid of it (group, reason, amount), remarks.
Answer = tuple[int, Cents, Sequence[tuple[str, str, Cents]], Sequence[str]]


@dataclass(frozen=True)
class Account:
    """A stay or visit; days count as nights do."""

    facility: str
    number: str
    mrn: str
    visit: str
    patient_class: str
    admitted: int
    discharged: int | None


@dataclass(frozen=True)
class Claim:
    """A claim as it is sent."""

    night: int
    account: Account
    sent: date
    lines: Sequence[ClaimLine]
    value_codes: Sequence[str]
    condition_codes: Sequence[str]


@dataclass(frozen=True)
class Remit:
    """What a payer answers to a claim, line by line."""

    night: int
    account: Account
    claim: Claim
    lines: Sequence[Answer]


@dataclass(frozen=True)
class Report:
    """What the clearing house says became of a claim."""

    night: int
    account: Account
    category: str
    status: str
    amount: Cents


@dataclass(frozen=True)
class Found:
    """An exception that must be found, in cents and charge units.

    Attributes:
        first: the first night on which it is open.
        until: the night on which it is gone; None for never.
    """

    code: str
    facility: str | None
    account: str | None
    units: int | None
    gross: Cents
    at_risk: Cents | None
    document: str
    first: int
    until: int | None
    story: str


@dataclass
class Records:
    """Everything planted, in the order in which the stories tell it."""

    first_night: date
    nights: int
    story: str = ""
    account: list[Row] = field(default_factory=list)
    use: list[Row] = field(default_factory=list)
    charge: list[Row] = field(default_factory=list)
    movement: list[Row] = field(default_factory=list)
    count: list[Row] = field(default_factory=list)
    reorder: list[Row] = field(default_factory=list)
    recall: list[Row] = field(default_factory=list)
    credit: list[Row] = field(default_factory=list)
    order: list[Row] = field(default_factory=list)
    claim: list[Claim] = field(default_factory=list)
    remit: list[Remit] = field(default_factory=list)
    report: list[Report] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)
    log: list[tuple[str, str, str, int]] = field(default_factory=list)
    _numbers: dict[str, int] = field(default_factory=dict)

    def day(self, n: int) -> date:
        """The date of a night; 0 is the day before the first."""
        return self.first_night + timedelta(days=n - 1)

    def number(self, prefix: str, first: int) -> str:
        """The next number of a kind; steps of seven leave gaps, as real numbers have."""
        self._numbers[prefix] = self._numbers.get(prefix, first) + 7
        return f"{prefix}{self._numbers[prefix]}"

    def find(
        self,
        code: str,
        account: Account | None,
        units: int | None,
        gross: Cents,
        *,
        at_risk: Cents | None = None,
        document: str = "",
        first: int = 1,
        until: int | None = None,
        facility: str | None = "NGH",
    ) -> None:
        """An exception that must be found on every night from ``first`` until ``until``."""
        self.found.append(
            Found(
                code,
                account.facility if account else facility,
                account.number if account else None,
                units,
                gross,
                at_risk,
                document,
                first,
                until,
                self.story,
            )
        )

    def rows(self, kind: str, night: int, **equal: object) -> Sequence[Row]:
        """The rows of a kind that come with a night's files."""
        return [
            row
            for row in getattr(self, kind)
            if row["night"] == night and all(row[k] == v for k, v in equal.items())
        ]
