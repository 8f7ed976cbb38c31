"""X12 by the gigabyte: one interchange of invoices (810) and remittances (835), no two alike.

    python documents.py FILE MEGABYTES SEED

Groups of invoices and of remittances take turns. Every document has its own parties, numbers,
dates, prices and descriptions, and as many lines or claims as chance gives it; every count and
every sum in it agrees. The same seed gives the same bytes. Money is whole cents here.

What belongs here: what the documents of the benchmark look like. What does not: reading them.
"""

import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

Ints = npt.NDArray[np.int64]

INVOICES, REMITTANCES = 600, 120  # in a group; a group of remittances stays under a megabyte
ISA = (
    "ISA*00*          *00*          *ZZ*SUPPLYEXCHANGE *ZZ*HOSPITALNET    "
    "*260331*0415*^*00501*000004711*0*P*:~"
)
IEA = "IEA*{groups}*000004711~"

# Parties, goods and patients: invented.
MAKERS = "FALLOW HARBOR LINDEN QUARRY SUMMIT TAMARACK VESPER WINDROW YARROW ZENITH"
TRADES = "SURGICAL MEDICAL ORTHOPEDIC IMAGING DIAGNOSTICS PHARMACY DENTAL RESPIRATORY"
PLACES = "ASHBY BRANFORD CALDERVALE DUNMORE EASTHOLM FERNLEY GRANTWOOD HOLLIS"
STATES = "PA OH NY NJ MD VA MI IL"
GOODS = "CATHETER CANNULA SUTURE DRESSING STAPLER FORCEPS TROCAR SYRINGE TUBING SCREW"
SORTS = "FOLEY SILICONE STERILE CURVED STRAIGHT ABSORBABLE SINGLE-USE LOCKING POWDERED"
UNITS = "EA EA EA BX BX CA PK"
SURNAMES = "ABBOT BRIAR COLE DRAKE EMBER FROST GALE HEATH IVES JUNIPER KESTREL LARCH"
FORENAMES = "ADA BRAM CLEO DION ELSE FINN GRETA HUGO IRIS JULES KAYA LOU"


class Chance:
    """Columns of seeded random values, ``size`` of them at a time."""

    def __init__(self, seed: int, group: int) -> None:
        self._numbers = np.random.default_rng([seed, group])

    def whole(self, low: int, high: int, size: int) -> pl.Series:
        """Numbers from ``low`` up to, not including, ``high``."""
        return pl.Series(self._numbers.integers(low, high, size))

    def amount(self, low: int, high: int, size: int) -> pl.Series:
        """Cents; small ones are likelier, as prices are."""
        drawn = np.exp(self._numbers.uniform(np.log(low), np.log(high), size))
        return pl.Series(drawn.astype(np.int64))

    def several(self, mean: int, size: int) -> Ints:
        """How many lines or claims: from one up, few of them many."""
        return np.minimum(self._numbers.geometric(1 / mean, size), 8 * mean)

    def one_of(self, words: str, size: int) -> pl.Series:
        """Words out of a line of them."""
        listed = pl.Series(words.split())
        return listed[self._numbers.integers(0, listed.len(), size)]

    def day(self, size: int) -> pl.Series:
        """CCYYMMDD, of 2026."""
        month, day = self.whole(1, 13, size), self.whole(1, 29, size)
        return 20260000 + month * 100 + day


def write(path: Path, megabytes: int, seed: int) -> None:
    """Write the interchange that first reaches ``megabytes`` (of a million bytes)."""
    with path.open("wb") as file:
        size, groups = file.write(ISA.encode()), 0
        while size < megabytes * 1_000_000:
            groups += 1
            make = _invoices if groups % 2 else _remittances
            size += file.write(make(Chance(seed, groups), groups).encode())
        file.write(IEA.format(groups=groups).encode())


# --- the invoices -------------------------------------------------------------------------------


def _invoices(chance: Chance, group: int) -> str:
    lines = chance.several(7, INVOICES)
    total = int(lines.sum())
    document = np.repeat(np.arange(INVOICES), lines)
    line = pl.DataFrame(
        {
            "document": document,
            "no": np.arange(total) - np.repeat(np.cumsum(lines) - lines, lines) + 1,
            "qty": chance.amount(1, 400, total),
            "unit": chance.one_of(UNITS, total),
            "price": chance.amount(40, 900_000, total),
            "part": chance.whole(10_000, 99_999_999, total),
            "gtin": chance.whole(10**13, 10**14, total),
            "good": chance.one_of(GOODS, total),
            "sort": chance.one_of(SORTS, total),
            "french": chance.whole(4, 40, total),
            "millimetres": chance.whole(10, 3_000, total),
            "po_line": chance.whole(1, 500, total),
            "lot": chance.whole(100_000, 999_999_999, total),
            "dice": chance.whole(0, 100, total),
        }
    ).with_columns(
        handling=pl.when(pl.col("dice") < 8).then(pl.col("price") // 20 + 1).otherwise(0)
    )
    line = line.select(
        "document",
        "handling",
        goods=pl.col("qty") * pl.col("price"),
        text=_join(
            pl.format(
                "IT1*{}*{}*{}*{}*CT*VC*{}*UK*{}~",
                *("no", "qty", "unit", _money("price"), "part", "gtin"),
            ),
            pl.format(
                "PID*F****{} {} {}FR X {}MM~REF*LI*{}~",
                "good",
                "sort",
                "french",
                "millimetres",
                "po_line",
            ),
            _sometimes("dice", 60, 90, pl.format("REF*LT*L{}~", "lot")),
            _sometimes("dice", 0, 8, pl.format("SAC*C*D500***{}~", "handling")),
        ),
    )
    number = pl.int_range(pl.len()) + group * INVOICES
    invoice = (
        line.group_by("document", maintain_order=True)
        .agg(pl.col("text").str.join(), pl.len().alias("lines"), pl.sum("goods", "handling"))
        .with_columns(
            _parties(chance, INVOICES),
            control=100_000_000 + number,
            invoice_date=chance.day(INVOICES),
            order_date=chance.day(INVOICES),
            invoice=chance.whole(10**6, 10**9, INVOICES),
            order=chance.whole(10**5, 10**8, INVOICES),
            contract=chance.whole(1_000, 99_999, INVOICES),
            discount=chance.whole(1, 4, INVOICES),
            freight=chance.amount(500, 90_000, INVOICES),
            dice=chance.whole(0, 100, INVOICES),
        )
        .with_columns(
            tax=pl.when(pl.col("dice") < 30).then(pl.col("goods") * 6 // 100).otherwise(0),
            allowed=pl.when(pl.col("dice") > 85).then(pl.col("goods") // 50).otherwise(0),
        )
        .with_columns(
            due=pl.sum_horizontal("goods", "handling", "freight", "tax") - pl.col("allowed")
        )
    )
    body = _join(
        pl.format(
            "ST*810*{}~BIG*{}*I{}*{}*P{}***PR~CUR*SE*USD~REF*CT*{}~",
            "control",
            "invoice_date",
            "invoice",
            "order_date",
            "order",
            "contract",
        ),
        "parties",
        pl.format("ITD*01*3*{}**10**30~DTM*011*{}~", "discount", "invoice_date"),
        pl.format("SAC*C*D240***{}**********FREIGHT~", "freight"),
        _sometimes("dice", 86, 100, pl.format("SAC*A*C310***{}~", "allowed")),
        "text",
        pl.format("TDS*{}~", "due"),
        _sometimes("dice", 0, 30, pl.format("TXI*ST*{}*6~", _money("tax"))),
        pl.format("CTT*{}~", "lines"),
    )
    return _group("IN", "004010", group, _closed(invoice, body))


def _parties(chance: Chance, size: int) -> pl.Series:
    drawn = pl.DataFrame(
        {
            "maker": chance.one_of(MAKERS, size),
            "trade": chance.one_of(TRADES, size),
            "duns": chance.whole(10**8, 10**9, size),
            "hospital": chance.one_of(PLACES, size),
            "gln": chance.whole(10**12, 10**13, size),
            "dock": chance.whole(1, 60, size),
            "house": chance.whole(1, 9_999, size),
            "city": chance.one_of(PLACES, size),
            "state": chance.one_of(STATES, size),
            "zip": chance.whole(10_000, 99_999, size),
        }
    )
    return drawn.select(
        parties=pl.format(
            "N1*RI*{} {} INC*1*{}~N1*BT*{} HOSPITAL NETWORK*UL*{}~N1*ST*{} DOCK {}*92*{}-{}~"
            "N3*{} {} AVENUE~N4*{}*{}*{}~",
            *("maker", "trade", "duns", "hospital", "gln", "hospital", "dock", "zip", "dock"),
            *("house", "maker", "city", "state", "zip"),
        )
    ).to_series()


# --- the remittances ----------------------------------------------------------------------------


def _remittances(chance: Chance, group: int) -> str:
    claims = chance.several(12, REMITTANCES)
    services = chance.several(3, int(claims.sum()))
    number = pl.int_range(pl.len()) + group * REMITTANCES
    claim = _claims(chance, np.repeat(np.arange(REMITTANCES), claims), services)
    remittance = (
        claim.group_by("remittance", maintain_order=True)
        .agg(pl.col("text").str.join(), pl.sum("paid"))
        .with_columns(
            control=200_000_000 + number,
            payer=chance.one_of(PLACES, REMITTANCES),
            payer_id=chance.whole(10**9, 2 * 10**9, REMITTANCES),
            house=chance.whole(1, 9_999, REMITTANCES),
            state=chance.one_of(STATES, REMITTANCES),
            zip=chance.whole(10_000, 99_999, REMITTANCES),
            telephone=chance.whole(2 * 10**9, 10**10, REMITTANCES),
            payee=chance.one_of(PLACES, REMITTANCES),
            npi=chance.whole(10**9, 2 * 10**9, REMITTANCES),
            tax_id=chance.whole(10**8, 10**9, REMITTANCES),
            account=chance.whole(10**7, 10**10, REMITTANCES),
            trace=chance.whole(10**8, 10**12, REMITTANCES),
            date=chance.day(REMITTANCES),
            reference=chance.whole(10**6, 10**9, REMITTANCES),
            dice=chance.whole(0, 100, REMITTANCES),
        )
        .with_columns(withheld=pl.when(pl.col("dice") < 15).then(pl.col("paid") // 25).otherwise(0))
    )
    body = _join(
        pl.format(
            "ST*835*{}~BPR*I*{}*C*ACH*CCP*01*071000013*DA*{}*{}**01*043000096*DA*{}*{}~"
            "TRN*1*{}*{}~DTM*405*{}~",
            *("control", _money(pl.col("paid") - pl.col("withheld")), "account", "payer_id"),
            *("tax_id", "date", "trace", "payer_id", "date"),
        ),
        pl.format(
            "N1*PR*{} HEALTH PLAN~N3*{} {} STREET~N4*{}*{}*{}~PER*BL*PROVIDER DESK*TE*{}~"
            "N1*PE*{} HOSPITAL*XX*{}~REF*TJ*{}~LX*1~",
            *("payer", "house", "payee", "payer", "state", "zip", "telephone", "payee", "npi"),
            "tax_id",
        ),
        "text",
        _sometimes(
            *("dice", 0, 15),
            pl.format("PLB*{}*20261231*WO:{}*{}~", "npi", "reference", _money("withheld")),
        ),
    )
    return _group("HP", "005010X221A1", group, _closed(remittance, body))


def _claims(chance: Chance, remittance: Ints, services: Ints) -> pl.DataFrame:
    """One row per claim: its remittance, what was paid, its segments."""
    size, total = services.size, int(services.sum())
    service = pl.DataFrame(
        {
            "claim": np.repeat(np.arange(size), services),
            "code": chance.whole(10_000, 99_999, total),
            "charge": chance.amount(2_000, 4_000_000, total),
            "written_off": chance.whole(5, 70, total),
            "share": chance.whole(0, 40, total),
            "units": chance.whole(1, 6, total),
            "date": chance.day(total),
            "control": chance.whole(10**5, 10**9, total),
            "dice": chance.whole(0, 100, total),
        }
    )
    service = service.with_columns(
        written_off=pl.col("charge") * pl.col("written_off") // 100
    ).with_columns(allowed=pl.col("charge") - pl.col("written_off"))
    service = service.with_columns(
        share=pl.when(pl.col("dice") < 60)
        .then(pl.col("allowed") * pl.col("share") // 100 + 1)
        .otherwise(0)
    ).with_columns(paid=pl.col("allowed") - pl.col("share"))
    service = service.select(
        *("claim", "charge", "share", "paid"),
        text=_join(
            pl.format("SVC*HC:{}*{}*{}**{}~", "code", _money("charge"), _money("paid"), "units"),
            pl.format("DTM*472*{}~CAS*CO*45*{}~", "date", _money("written_off")),
            _sometimes("dice", 0, 30, pl.format("CAS*PR*2*{}~", _money("share"))),
            _sometimes("dice", 30, 60, pl.format("CAS*PR*3*{}~", _money("share"))),
            pl.format("REF*6R*{}~AMT*B6*{}~", "control", _money("allowed")),
        ),
    )
    claim = (
        service.group_by("claim", maintain_order=True)
        .agg(pl.col("text").str.join(), pl.sum("charge", "share", "paid"))
        .with_columns(
            remittance=pl.Series(remittance),
            account=chance.whole(10**6, 10**10, size),
            payer_claim=chance.whole(10**9, 10**14, size),
            surname=chance.one_of(SURNAMES, size),
            forename=chance.one_of(FORENAMES, size),
            member=chance.whole(10**8, 10**9, size),
            npi=chance.whole(10**9, 2 * 10**9, size),
            record=chance.whole(10**5, 10**8, size),
            date=chance.day(size),
            dice=chance.whole(0, 100, size),
        )
        .with_columns(
            reduced=pl.when(pl.col("dice") < 12).then(pl.col("paid") // 50 + 1).otherwise(0)
        )
        .with_columns(paid=pl.col("paid") - pl.col("reduced"))
    )
    return claim.select(
        *("remittance", "paid"),
        text=_join(
            pl.format(
                "CLP*{}*1*{}*{}*{}*12*{}*11*1~",
                *("account", _money("charge"), _money("paid"), _money("share"), "payer_claim"),
            ),
            _sometimes("dice", 0, 12, pl.format("CAS*OA*23*{}~", _money("reduced"))),
            pl.format(
                "NM1*QC*1*{}*{}****MI*W{}~NM1*82*2******XX*{}~REF*EA*{}~DTM*232*{}~DTM*233*{}~",
                *("surname", "forename", "member", "npi", "record", "date", "date"),
            ),
            "text",
        ),
    )


# --- what both are made with --------------------------------------------------------------------


def _money(cents: str | pl.Expr) -> pl.Expr:
    """Cents as 12.34."""
    whole = pl.col(cents) if isinstance(cents, str) else cents
    return pl.format("{}.{}", whole // 100, (whole % 100).cast(pl.String).str.zfill(2))


def _join(*segments: str | pl.Expr) -> pl.Expr:
    return pl.concat_str(*segments)


def _sometimes(dice: str, low: int, high: int, segments: pl.Expr) -> pl.Expr:
    """``segments`` where the dice shows ``low`` up to, not including, ``high``."""
    thrown = (pl.col(dice) >= low) & (pl.col(dice) < high)
    return pl.when(thrown).then(segments).otherwise(pl.lit(""))


def _closed(documents: pl.DataFrame, body: pl.Expr) -> pl.Series:
    """Each document with its SE."""
    segments = pl.col("body").str.count_matches("~", literal=True) + 1
    return (
        documents.select("control", body=body)
        .select(pl.format("{}SE*{}*{}~", "body", segments, "control"))
        .to_series()
    )


def _group(code: str, release: str, number: int, documents: pl.Series) -> str:
    head = f"GS*{code}*SUPPLYEXCHANGE*HOSPITALNET*20260331*0415*{number}*X*{release}~"
    return f"{head}{documents.str.join().item()}GE*{documents.len()}*{number}~"


if __name__ == "__main__":
    write(Path(sys.argv[1]), megabytes=int(sys.argv[2]), seed=int(sys.argv[3]))
