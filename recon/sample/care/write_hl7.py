"""HL7 v2 of the charge side: accounts (ADT), the charge master (MFN^M04), charges (DFT^P03).

Two interfaces send charges: one as the standard has them, one that leaves out FT1-5 and so has
every field after it one place early. Both are read by their profiles; a third, of which nobody
said so, is held back.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from recon.sample.care.catalogue import CODES
from recon.sample.care.chart import Chart
from recon.sample.care.records import Row
from recon.sample.files import File, Refused
from recon.sample.network import Cents
from recon.sample.x12_file import day_text, dollars

# Whose accounts and charges come as HL7; those of the others are extracts.
ADT_FROM = ("EMC", "SRH")
STANDARD, EARLY, UNDECLARED = "NGH", "SRH", "EMCRAD"


def night_files(c: Chart, night: int, stamp: str) -> list[File]:
    """A night's messages, one file per interface that sent any."""
    made = [] if night > 1 else [_charge_master(c, stamp)]
    accounts = [row for row in c.rows("account", night) if row["facility"] in ADT_FROM]
    if accounts:
        made.append(_accounts(accounts, c.day(night), night, stamp))
    cabinet = [row for row in c.rows("use", night) if use_feed(row) == "usage_cabinet"]
    if cabinet:
        made.append(_cabinet(cabinet, c.day(night), night, stamp))
    for sender, feed, early in (
        (STANDARD, "charge_dft", False),
        (EARLY, "charge_dft_early", True),
        (UNDECLARED, "charge_dft_radiology", True),
    ):
        rows = [row for row in c.rows("charge", night) if interface(row) == sender]
        if rows:
            made.append(_charges(rows, sender, feed, night, stamp, early=early))
    return made


def interface(row: Row) -> str | None:
    """Which interface sends a charge; None for the billing system's extract."""
    if row["dept"] == "RAD":
        return UNDECLARED
    return str(row["facility"]) if row["facility"] in (STANDARD, EARLY) else None


def use_feed(row: Row) -> str:
    """The feed that brings a record of use: two logs, supply cabinets, and a record system."""
    if row["facility"] == "SRH":
        return "usage_cabinet"
    one_device = row["disposition"] == "IMPLANTED" and row["qty"] == 1 and row["unit"] == "EA"
    if row["facility"] == "EMC" and one_device and row["visit"]:
        return "usage_record"
    return "usage_cath" if row["dept"] == "CATH" else "usage_or"


def _segment(name: str, fields: Mapping[int, object]) -> str:
    texts = [fields.get(n) for n in range(1, max(fields) + 1)]
    return "|".join([name, *("" if text is None else str(text) for text in texts)])


def _header(sender: str, facility: str, day: date, kind: str, control: str) -> str:
    return f"MSH|^~\\&|{sender}|{facility}|RECON|MHN|{day_text(day)}220000||{kind}|{control}|P|2.8"


def _file(
    feed: str, name: str, night: int, messages: Sequence[Sequence[str]], records: int
) -> File:
    text = "".join(f"{segment}\r" for message in messages for segment in message)
    return File(feed, name, night, text.encode(), records)


def _patient(row: Row) -> str:
    fields = {1: 1, 3: f"{row['mrn']}^^^{row['facility']}^MR", 18: row["account"]}
    return _segment("PID", fields if row["mrn"] else {1: 1, 18: row["account"]})


def _accounts(rows: Sequence[Row], day: date, night: int, stamp: str) -> File:
    """Admissions, discharges and merges; a stay that is over is one A03 here."""
    messages = []
    for n, row in enumerate(rows, start=1):
        if row["merged_into"]:
            event, told = "A40", {**row, "account": row["merged_into"]}
        else:
            event, told = ("A03" if row["discharged"] else "A01"), row
        admitted, discharged = row["admitted"], row["discharged"]
        visit = {
            1: 1,
            2: row["patient_class"],
            19: row["visit"],
            44: format(admitted, "%Y%m%d") if admitted else None,
            45: format(discharged, "%Y%m%d") if discharged else None,
        }
        messages.append(
            [
                _header("REGISTER", str(row["facility"]), day, f"ADT^{event}", f"R{stamp}{n:04d}"),
                f"EVN|{event}|{day_text(day)}2100",
                _patient(told),
                *([f"MRG|||{row['account']}"] if row["merged_into"] else []),
                *([] if row["merged_into"] else [_segment("PV1", visit)]),
            ]
        )
    return _file("account_adt", f"ADT_{stamp}.hl7", night, messages, len(messages))


def _charge_master(c: Chart, stamp: str) -> File:
    """One message with every code; the contract field names the markup schedule."""
    since, day = day_text(c.day(-425)), c.day(1)
    segments = [
        _header("CHARGEMASTER", "MHN", day, "MFN^M04", f"M{stamp}"),
        f"MFI|CDM||REP|{since}||NE",
    ]
    for code in CODES:
        until = None if code.until is None else day_text(c.day(1) - timedelta(days=code.until))
        segments += [
            f"MFE|MAD||{since}|{code.code}|CWE",
            _segment(
                "CDM",
                {1: code.code, 3: code.name, 7: code.hcpcs, 8: "A", 11: code.schedule or None},
            ),
            _segment(
                "PRC",
                {
                    1: code.code,
                    5: f"{dollars(code.price)}&USD^UP",
                    11: since,
                    12: until,
                    14: code.revenue,
                    15: "Y",
                },
            ),
        ]
    return _file("charge_master", f"CDM_{stamp}.hl7", 1, [segments], 1)


def _charges(
    rows: Sequence[Row], sender: str, feed: str, night: int, stamp: str, *, early: bool
) -> File:
    messages = [_charge(row, sender, early=early) for row in rows]
    refused = []
    if sender == UNDECLARED:
        # Four segments to a message, FT1 the fourth.
        refused = [Refused(4 * n, "implausible") for n in range(1, len(messages) + 1)]
    file = _file(feed, f"DFT_{sender}_{stamp}.hl7", night, messages, len(rows))
    return File(file.feed, file.name, night, file.data, len(rows), refused)


def _charge(row: Row, sender: str, *, early: bool) -> list[str]:
    posted: date = row["posted_on"]
    served: date = row["service_on"]
    fields: dict[int, object] = {
        1: 1,
        2: row["txn"],
        4: day_text(served),
        5: day_text(posted),
        6: row["type"],
        7: row["code"],
        10: row["qty"],
        11: _price(row["amount"]),
        12: _price(row["unit_amount"]),
        13: row["dept"],
        16: row["location"],
        23: row["usage_no"],
        25: row["hcpcs"] or None,
        34: row["item_no"],
        41: row["revenue"],
    }
    if early:
        del fields[5]
        fields = {n - (n > 5): value for n, value in fields.items()}
    device = {20: row["serial"], 19: row["lot"]}
    return [
        _header("CHARGER", sender, posted, "DFT^P03", str(row["message"])),
        f"EVN|P03|{day_text(posted)}2200",
        _patient(row),
        _segment("FT1", fields),
        *([_segment("PRT", {1: 1, 2: "AD", 4: "EQUIP", **device})] if any(device.values()) else []),
    ]


def _cabinet(rows: Sequence[Row], day: date, night: int, stamp: str) -> File:
    """What was taken out of supply cabinets: a charge message whose code is the item."""
    messages = []
    for row in rows:
        used: date = row["used_on"]
        fields: dict[int, object] = {
            1: 1,
            2: row["usage_no"],
            4: day_text(used),
            5: day_text(used),
            6: "CG",
            7: row["item_no"],
            10: row["qty"],
            13: row["dept"],
            22: _price(row["unit_cost"]),
        }
        device = {20: row["serial"], 19: row["lot"]}
        messages.append(
            [
                _header("CABINET", "SRH", day, "DFT^P03", f"{row['usage_no']}-1"),
                f"EVN|P03|{day_text(day)}2200",
                _patient(row),
                _segment("FT1", fields),
                *(
                    [_segment("PRT", {1: 1, 2: "AD", 4: "EQUIP", **device})]
                    if any(device.values())
                    else []
                ),
            ]
        )
    return _file("usage_cabinet", f"CABINET_{stamp}.hl7", night, messages, len(rows))


def _price(amount: object) -> str:
    cents: Cents = int(str(amount))
    return f"{dollars(cents)}&USD"
