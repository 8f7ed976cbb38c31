"""What is used on patients and how it is charged: items, charge master, map, places.

Amounts are whole cents. Prices and items are invented; revenue and HCPCS codes are the codes of
their kind of supply, the words are ours.
"""

from dataclasses import dataclass, field

from recon.sample.network import Cents


@dataclass(frozen=True)
class Supply:
    """One item that departments use on patients.

    Attributes:
        id: our number.
        name: for people to read.
        cost: of one each.
        code: how its use is charged; empty where the map has no row for it.
        units: unit -> eaches.
        implant, lots, serials: stays in the patient, traced by lot, by serial number.
        per_each: charge units per each: numerator, denominator.
        chargeable: Y, ROUTINE or THRESHOLD.
        threshold: THRESHOLD: charged where one charge unit's price is at least this.
    """

    id: str
    name: str
    cost: Cents
    code: str
    units: dict[str, int] = field(default_factory=lambda: {"EA": 1})
    implant: bool = False
    lots: bool = False
    serials: bool = False
    per_each: tuple[int, int] = (1, 1)
    chargeable: str = "Y"
    threshold: Cents | None = None


@dataclass(frozen=True)
class Code:
    """One row of the charge master; ``until`` is its last day, as days before the first night."""

    code: str
    name: str
    revenue: str
    hcpcs: str
    price: Cents
    method: str = "FIXED"
    schedule: str = ""
    until: int | None = None


STENT = Supply("S001", "Coronary stent, drug eluting", 170_000, "2780101", implant=True, lots=True)
BALLOON = Supply("S002", "Angioplasty balloon catheter", 29_000, "2720102")
SCREW = Supply(
    "S003", "Cortical screw 3.5 mm", 10_500, "2780103", {"EA": 1, "BX": 10}, implant=True, lots=True
)
SUTURE = Supply("S004", "Suture, absorbable", 840, "2720104", {"EA": 1, "BX": 36})
PACEMAKER = Supply(
    "S005", "Pacemaker, dual chamber", 910_000, "2750105", implant=True, serials=True
)
MATRIX = Supply(
    "S006", "Dermal matrix 3 x 3 cm", 290_000, "2780106", implant=True, lots=True, per_each=(18, 1)
)
GLOVES = Supply(
    "S007", "Examination gloves", 7, "2710107", {"EA": 1, "BX": 100}, chargeable="ROUTINE"
)
PLATE = Supply("S008", "Radius plate, special order", 165_000, "2780108", implant=True, lots=True)
CLOSURE = Supply("S009", "Vascular closure device", 24_000, "")
SPONGE = Supply(
    "S010", "Counted sponge", 60, "2720110", {"EA": 1, "PK": 10}, chargeable="THRESHOLD",
    threshold=500,
)  # fmt: skip
BARE_STENT = Supply(
    "S011", "Coronary stent, bare metal", 94_000, "2780111", implant=True, lots=True
)
LENS = Supply("S012", "Intraocular lens", 21_000, "2760112", implant=True, lots=True)
WIRE = Supply("S013", "Guide wire, hydrophilic", 6_200, "2720113")

SUPPLIES = (
    *(STENT, BALLOON, SCREW, SUTURE, PACEMAKER, MATRIX, GLOVES),
    *(PLATE, CLOSURE, SPONGE, BARE_STENT, LENS, WIRE),
)

RETIRED = "2780109"
CODES = (
    Code("2780101", "Stent, drug eluting", "0278", "C1874", 520_000),
    Code("2720102", "Balloon catheter", "0272", "C1725", 88_000),
    Code("2780103", "Screw, cortical", "0278", "C1713", 41_000),
    Code("2720104", "Suture", "0272", "", 3_850),
    Code("2750105", "Pacemaker, dual chamber", "0275", "C1785", 2_640_000),
    Code("2780106", "Dermal matrix per .5 sq cm", "0278", "C9358", 64_000),
    Code("2710107", "Gloves", "0271", "", 900),
    Code("2780108", "Implant, special order", "0278", "", 0, "COST_MARKUP", "M1"),
    Code(RETIRED, "Screw, old code", "0278", "C1713", 39_500, until=61),
    Code("2720110", "Sponge, counted", "0272", "", 300),
    Code("2780111", "Stent, bare metal", "0278", "C1876", 270_000),
    Code("2760112", "Intraocular lens", "0276", "V2632", 85_000),
    Code("2720113", "Guide wire", "0272", "C1769", 21_000),
)
CODE = {c.code: c for c in CODES}
# Cost from, cost to, multiplier in hundredths: what is charged for goods without a fixed price.
TIERS = ((0, 5_000, 400), (5_000, 50_000, 300), (50_000, 500_000, 250), (500_000, None, 200))


def marked_up(cost: Cents) -> Cents:
    """The price of one each under the sample's markup schedule."""
    for low, high, hundredths in TIERS:
        if low <= cost and (high is None or cost < high):
            return cost * hundredths // 100
    raise ValueError(cost)


def price(supply: Supply) -> Cents:
    """The price of one charge unit."""
    code = CODE.get(supply.code)
    return marked_up(supply.cost) if code is None or code.method != "FIXED" else code.price
