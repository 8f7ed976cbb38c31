"""Who and what there is: hospitals, suppliers, items with their units and prices, contracts.

Hospitals and suppliers are the same in every sample, because the template site's lookup tables
name them; items, prices and contracts follow from the seed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from recon.sample.chance import Chance
from recon.sample.habits import HABITS, Habit

# Prices are whole ten-thousandths of a dollar, amounts whole cents: there is no float here.
Price = int
Cents = int


@dataclass(frozen=True)
class Hospital:
    """One facility; ``erp`` says that its orders come from the ERP snapshot, else as X12 850."""

    id: str
    name: str
    letter: str
    gln: str
    hin: str
    erp: bool
    taxed: bool = False


HOSPITALS = (
    Hospital("NGH", "Northfield General Hospital", "N", "0899990000108", "9990001F0", erp=True),
    Hospital("EMC", "Eastmere Medical Center", "E", "0899990000207", "9990002F0", erp=True),
    Hospital("SRH", "Summit Ridge Hospital", "S", "0899990000306", "9990003F0", erp=False),
    Hospital(
        "LSC", "Lakeside Surgery Center", "L", "0899990000405", "9990004F0", erp=False, taxed=True
    ),
)


@dataclass(frozen=True)
class Supplier:
    """One supplier; the first eight send X12, all others use the invoice portal."""

    id: str
    name: str
    habit: Habit | None
    parent: str | None = None
    po_required: bool = True
    ers: bool = False


NAMES = (
    "Alder & Finch Medical", "Briar Medical Supply", "Copperleaf Distribution",
    "Dunwick Laboratory Products", "Elmgate Healthcare", "Fallow Surgical",
    "Greylock Medical Distribution", "Holme Direct Devices", "Ibexworth Wound Care",
    "Juniper Row Sterile", "Kestrel Imaging Supply", "Larkspur Sutures",
    "Bäumler Endoskopie", "Marlpit Orthopaedics", "Nettlefold Instruments",
    "Oxbow Respiratory", "Pellgrove Pharma Supply", "Quarrystone Gloves",
    "Rookhope Anaesthesia", "Sorrel Infusion", "Thistledown Textiles",
    "Umberfield Diagnostics", "Velden Catheters", "Société Lavoisel",
    "Wrenfield Cardiology", "Yarrowdale Linen", "Zephyr Ridge Gases",
    "Ashcombe Furniture", "Bramblecote Food Service", "Cinderhill Cleaning",
    "Dovecliff Dialysis", "Eskmoor Eye Care", "Fernhollow Nutrition",
    "Gorsebank Labels", "Hazelrigg Neuro", "Ivyleaf Ostomy",
    "Jackdaw Sharps Disposal", "Kingcup Paediatrics", "Lindenau Spine",
    "Mossbrook Monitoring", "Norcliffe Batteries", "Otterburn Packaging",
    "Peñalba Reagents", "Quillmere Office", "Rowanlea Radiology",
    "Silverdale Trauma", "Tallis Water & Power", "Underhill Telephone",
)  # fmt: skip

ERS_SUPPLIER = "S0046"  # paid on receipt
UTILITIES = ("S0047", "S0048")  # no order needed
SISTERS = ("S0009", "S0010")  # two names of one company


def _suppliers() -> tuple[Supplier, ...]:
    made = []
    for n, name in enumerate(NAMES, start=1):
        id_ = f"S{n:04d}"
        made.append(
            Supplier(
                id_,
                name,
                HABITS[n - 1] if n <= len(HABITS) else None,
                parent=SISTERS[0] if id_ in SISTERS else None,
                po_required=id_ not in UTILITIES,
                ers=id_ == ERS_SUPPLIER,
            )
        )
    return tuple(made)


SUPPLIERS = _suppliers()
# Whose interchange arrives although no rule table knows the sender.
UNKNOWN_SUPPLIER = "?"
SUPPLIER = {s.id: s for s in SUPPLIERS}
HOSPITAL = {h.id: h for h in HOSPITALS}


@dataclass(frozen=True)
class Item:
    """One item of one supplier.

    Attributes:
        units: unit -> eaches in one of it, smallest first.
        base: the unit in which it is counted: EA, or BX where eaches are fractions of a box.
        each: price of one each.
        contract: on contract at that price.
        fine: an each costs a fraction of a cent, so it is ordered in boxes and cases only.
        role: why only planted stories may use it; empty for all others.
    """

    index: int
    id: str
    description: str
    category: str
    supplier: str
    catalog_no: str
    gtin: str
    units: dict[str, int]
    base: str
    each: Price
    contract: bool
    fine: bool
    role: str

    def price(self, uom: str) -> Price:
        """Price of one ``uom``."""
        return self.each * self.units[uom]


@dataclass(frozen=True)
class ContractLine:
    """One row of the contract workbook; ``price`` is that of one ``uom`` before ``markup_pct``."""

    contract_no: str
    item: str
    supplier: str
    facility: str
    uom: str
    price: Price
    markup_pct: int
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True)
class Kit:
    """An item that is ordered as one, and what is in one of it: each item and how many eaches."""

    item: Item
    parts: tuple[tuple[Item, int], ...]


@dataclass(frozen=True)
class Network:
    """Everything that does not change from night to night."""

    items: tuple[Item, ...]
    contracts: tuple[ContractLine, ...]
    kits: tuple["Kit", ...]

    def role(self, role: str) -> list[Item]:
        """The items kept for one kind of story."""
        return [i for i in self.items if i.role == role]


GOODS = (
    ("MEDSURG", (
        "Exam glove nitrile", "Gauze sponge", "Foley catheter",
        "IV start kit", "Syringe luer lock", "Alcohol prep pad",
    )),
    ("SURGICAL", (
        "Suture absorbable", "Drape fenestrated", "Scalpel blade",
        "Trocar bladeless", "Electrode pencil", "Surgical gown",
    )),
    ("LAB", (
        "Vacuum tube", "Reagent pack", "Pipette tip",
        "Culture swab", "Specimen cup", "Slide frosted",
    )),
    ("RESPIRATORY", (
        "Oxygen mask", "Nebuliser kit", "Ventilator circuit",
        "Nasal cannula", "Filter HEPA", "Suction catheter",
    )),
    ("IMPLANT", (
        "Bone screw locking", "Femoral stem", "Tibial tray",
        "Cage lumbar", "Stent coronary", "Mesh hernia",
    )),
    ("SUPPORT", (
        "Patient belonging bag", "Label thermal", "Battery pack",
        "Linen pack", "Wipe disinfectant", "Sharps container",
    )),
)  # fmt: skip
MEASURES = ("mm", "cm", "fr", "ml")
BOXES = (10, 12, 20, 24, 25, 50, 100)
SMALL_BOXES = (4, 5, 6, 8, 10, 12)  # of what costs more than $5 each
CASES = (4, 6, 8, 10)
ITEMS_AT_LEAST = 720
# Items of these roles raise a contract warning when billed: no ordinary order has them.
ROLES = {"lapsed": 10, "future": 10, "unlisted": 12}
# Items whose price and units come as X12 832, of each supplier that sends it.
CATALOGUED = "catalogued"
CATALOGUED_EACH = 3
# Items that are ordered as one and billed in parts.
KIT = "kit"
KITS = 4


def network(chance: Chance, order_lines: int, first_night: date) -> Network:
    """Items and contracts of one seed; more items where there are very many order lines."""
    draw = chance.stream("network")
    count = min(20_000, max(ITEMS_AT_LEAST, order_lines // 200))
    trading = [s for s in SUPPLIERS if s.po_required]
    roles = [role for role, number in ROLES.items() for _ in range(number)]
    # A bill of what is paid on receipt would be another finding than the one of its role.
    billing = [s for s in trading if not s.ers]
    items = [_item(draw, n, trading[n % len(trading)], "") for n in range(count)]
    items += [_item(draw, n, draw.pick(billing), role) for n, role in enumerate(roles, start=count)]
    contracts = [line for item in items for line in _contract(draw, item, first_night)]
    # Draws of their own: what stands above is what it was before there were any.
    draw = chance.stream("catalogued")
    listed = [
        s for s in trading if s.habit and "832" in s.habit.sends for _ in range(CATALOGUED_EACH)
    ]
    for n, supplier in enumerate(listed, start=len(items)):
        item = _item(draw, n, supplier, CATALOGUED)
        items.append(item)
        contracts.append(
            ContractLine(
                catalogue_contract(item),
                item.id,
                item.supplier,
                "*",
                "EA",
                item.each,
                0,
                first_night - timedelta(days=200),
                first_night + timedelta(days=300),
            )
        )
    kits = _kits(chance.stream("kits"), items, len(items))
    return Network((*items, *(kit.item for kit in kits)), tuple(contracts), tuple(kits))


def _kits(draw: Chance, items: Sequence[Item], first: int) -> list[Kit]:
    """Kits of two items that one supplier sells by the each; a kit costs what its parts do."""
    made = []
    sellers = [s for s in SUPPLIERS if s.po_required and not s.ers and s.habit is None]
    for n in range(first, first + KITS):
        supplier = sellers[n % len(sellers)]
        of_supplier = [i for i in items if i.supplier == supplier.id and not i.role]
        whole = [i for i in of_supplier if i.base == "EA" and not i.fine]
        parts = tuple(zip(whole[:2], (1, draw.one(2, 4)), strict=True))
        each = sum(part.each * qty for part, qty in parts)
        kit = _item(draw, n, supplier, KIT)
        made.append(Kit(replace(kit, each=each, units={"EA": 1}, contract=False), parts))
    return made


def catalogue_contract(item: Item) -> str:
    """The contract under which a catalogued item is bought."""
    return f"C-{item.supplier}-8"


def _item(draw: Chance, n: int, supplier: Supplier, role: str) -> Item:
    # The first three of each supplier are what any story can be told of: one on contract, one not.
    rank = n // sum(s.po_required for s in SUPPLIERS)
    plain = role != "" or rank < 3
    category, nouns = draw.pick(GOODS)
    if plain and category == "IMPLANT":
        category, nouns = GOODS[0]
    # Multiples of 21 cents, so that a 5 % mark-up on a contract price is whole cents.
    each = draw.one(24 if plain else 2, 200) * 2_100
    box = draw.pick(BOXES if each < 50_000 else SMALL_BOXES)
    units = {"EA": 1, "BX": box, "CA": box * draw.pick(CASES)}
    base, fine = "EA", False
    if category == "IMPLANT":
        units = {"EA": 1}
        each = draw.one(250, 9_000) * 10_000
    else:
        kind = draw.one(1, 10)
        fine = kind == 1 and not plain
        base = "BX" if kind == 2 and not plain else "EA"
        if fine:
            units = {"EA": 1, "BX": 100, "CA": 100 * draw.pick(CASES)}
            each = draw.one(105, 4_900)
    size = draw.one(1, 60)
    letters = "".join(draw.pick("ABCDEFGHJKMNPQRTUVWXY") for _ in range(2))
    return Item(
        index=n,
        id=f"I{100_001 + n}",
        description=f'{draw.pick(nouns)}, {size} {draw.pick(MEASURES)}, type "{letters}"',
        category=category,
        supplier=supplier.id,
        catalog_no=f"{letters}{10_000 + n}{draw.pick('ABCDEF')}",
        gtin=_gtin(n),
        units=units,
        base=base,
        each=each,
        contract=role != "" or (rank == 0 if rank < 2 else draw.one(1, 10) <= 6),
        fine=fine,
        role=role,
    )


def _gtin(n: int) -> str:
    """The GTIN of one each; the prefix is invented."""
    return level_gtin(f"0089999{n:06d}", 0)


def level_gtin(gtin: str, indicator: int) -> str:
    """GTIN-14 of a packaging level, with its check digit (GS1 General Specifications 7.9.1)."""
    body = f"{indicator}{gtin[1:13]}"
    total = sum(int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(body))
    return f"{body}{-total % 10}"


def _contract(draw: Chance, item: Item, first_night: date) -> list[ContractLine]:
    if not item.contract or item.role == "unlisted":
        return []
    day = timedelta(days=1)
    uom = draw.pick([u for u in item.units if not (item.fine and u == "EA")])
    price, markup = item.price(uom), 0
    if item.each % 2_100 == 0 and not item.fine and draw.one(1, 8) == 1:
        price, markup = price // 105 * 100, 5
    start, end = first_night - 200 * day, first_night + 300 * day
    if item.role == "lapsed":
        start, end = first_night - 500 * day, first_night - draw.one(60, 120) * day
    if item.role == "future":
        start, end = first_night + draw.one(40, 90) * day, first_night + 500 * day
    number = f"C-{item.supplier}-{draw.one(1, 3)}"
    scopes = [h.id for h in HOSPITALS] if draw.one(1, 20) == 1 else ["*"]
    lines = [
        ContractLine(number, item.id, item.supplier, scope, uom, price, markup, start, end)
        for scope in scopes
    ]
    if not item.role and draw.one(1, 10) == 1:
        # Last year's price: an order of today must not be held against it.
        old = price // 100 * 100 + 700
        lines += [
            ContractLine(
                number,
                item.id,
                item.supplier,
                scope,
                uom,
                old,
                markup,
                start - 365 * day,
                start - day,
            )
            for scope in scopes
        ]
    return lines
