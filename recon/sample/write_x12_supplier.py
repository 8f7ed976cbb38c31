"""What suppliers send beside their invoices: 855, 856 and 832, each in its own habits."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from recon.sample.exchange import Acknowledgement, Answer, Catalogue, Exchanged, Notice
from recon.sample.files import File
from recon.sample.habits import Habit
from recon.sample.network import SUPPLIER, SUPPLIERS, Hospital, level_gtin
from recon.sample.write_x12 import NETWORK_ID
from recon.sample.x12_file import Kind, Set, day_text, price_text, segment, x12_file

ORDER_ACK = Kind("855", "PR", "order_ack_edi")
SHIP_NOTICE = Kind("856", "SH", "ship_notice_edi")
PRICE_CATALOG = Kind("832", "SC", "price_catalog_edi")
CARRIER = "RWDC"
# First digit of the GTIN of what is shipped.
INDICATOR = {"EA": 0, "BX": 3, "CA": 5}
# What a catalogue asks of those without a contract.
LIST_PRICE_PCT = 130


def supplier_files(exchanged: Exchanged, night: int, stamp: str, day: date) -> list[File]:
    """A night's files, one for each supplier and transaction set."""
    files = []
    for supplier in SUPPLIERS:
        habit = supplier.habit
        if habit is None:
            continue
        acks = [a for a in exchanged.acknowledgements if a.order.supplier == supplier.id]
        sent = [n for n in exchanged.notices if n.order.supplier == supplier.id]
        listed = [c for c in exchanged.catalogues if c.item.supplier == supplier.id]
        tonight = [c for c in listed if c.night == night]
        for kind, nights, sets in (
            (
                ORDER_ACK,
                {a.night for a in acks},
                [_acknowledgement(a, n, habit) for n, a in enumerate(acks) if a.night == night],
            ),
            (
                SHIP_NOTICE,
                {n.night for n in sent},
                [_notice(n, habit) for n in sent if n.night == night],
            ),
            (
                PRICE_CATALOG,
                {c.night for c in listed},
                [_catalogue(tonight, habit)] if tonight else [],
            ),
        ):
            if sets:
                name = f"{habit.sender}_{kind.code}_{stamp}.edi"
                number = sum(n <= night for n in nights)
                files.append(x12_file(kind, name, night, day, habit, NETWORK_ID, number, sets))
    return files


def _ship_to(hospital: Hospital, habit: Habit) -> str:
    numbers = {"92": hospital.id, "UL": hospital.gln, "21": hospital.hin}
    return segment("N1", "ST", hospital.name, habit.ship_to, numbers[habit.ship_to])


# --- 855 ----------------------------------------------------------------------------------------


def _acknowledgement(ack: Acknowledgement, number: int, habit: Habit) -> Set:
    order = ack.order
    segments = [
        segment(
            "BAK", "00", ack.type_code, order.po_number, day_text(order.dated), "", "", "",
            f"SO{number:05d}", day_text(ack.dated),
        ),
        _ship_to(order.hospital, habit),
    ]  # fmt: skip
    for line, wanted in enumerate(ack.lines, start=1):
        answers = [a for a in ack.answers if a.line == line]
        if ack.answers and not answers:
            continue
        price = next((a.price for a in answers if a.price is not None), wanted.price)
        uom = habit.units.get(wanted.uom, wanted.uom)
        segments.append(
            segment(
                "PO1", line, wanted.qty, uom, price_text(price), "", "VN", wanted.item.catalog_no
            )
        )
        segments += [_answer(a, wanted.qty, uom, ack.dated) for a in answers]
    lines = sum(s.startswith("PO1*") for s in segments)
    return Set([*segments, segment("CTT", lines)])


def _answer(answer: Answer, ordered: int, uom: str, dated: date) -> str:
    qty = ordered if answer.qty is None else answer.qty
    ids = ("", "VN", answer.item.catalog_no) if answer.item else ()
    promised = dated + timedelta(days=2)
    return segment("ACK", answer.code, qty, uom, "067", day_text(promised), *ids)


# --- 856 ----------------------------------------------------------------------------------------


def _notice(notice: Notice, habit: Habit) -> Set:
    order = notice.order
    segments = [
        segment("BSN", "00", notice.number, day_text(notice.shipped), "1400", "0001"),
        segment("HL", 1, "", "S"),
        segment("TD5", "", "2", CARRIER),
        segment("REF", "2I", f"1Z{notice.number[2:]}"),
        segment("DTM", "011", day_text(notice.shipped)),
        segment("DTM", "017", day_text(notice.expected)),
        _ship_to(order.hospital, habit),
        segment("HL", 2, 1, "O"),
        segment("PRF", order.po_number, "", "", day_text(order.dated)),
    ]
    level = 2
    for item in notice.items:
        line = item.wanted
        gtin = level_gtin(line.item.gtin, INDICATOR[line.uom])
        around = 2
        if habit.packs:
            level += 1
            around = level
            segments.append(segment("HL", level, 2, "P"))
            segments.append(segment("MAN", "GM", f"0089999{notice.number[2:]}{item.line:03d}"))
        level += 1
        # The flaw: a level around the item that the notice does not have.
        around = 99 if notice.flaw == "HL02" else around
        serial = ("SN", item.serial) if item.serial else ()
        segments += [
            segment("HL", level, around, "I"),
            segment(
                "LIN", item.line, "VN", line.item.catalog_no, "UK", gtin,
                "LT", item.lot, *serial,
            ),
            segment("SN1", "", line.qty, habit.units.get(line.uom, line.uom)),
            segment("DTM", "036", day_text(item.expires)),
        ]  # fmt: skip
    return Set(
        [*segments, segment("CTT", level if habit.packs else len(notice.items))], notice.flaw
    )


# --- 832 ----------------------------------------------------------------------------------------


def _catalogue(entries: Sequence[Catalogue], habit: Habit) -> Set:
    first = entries[0]
    supplier = SUPPLIER[first.item.supplier]
    segments = [
        segment("BCT", "PC", f"{day_text(first.since)}-{supplier.id}", *[""] * 7, "05"),
        segment("DTM", "007", day_text(first.since)),
        segment("N1", "DS", supplier.name, "91", habit.sender),
    ]
    for n, entry in enumerate(entries, start=1):
        segments += [
            segment("LIN", n, "VN", entry.item.catalog_no, "IN", entry.item.id),
            segment("DTM", "007", day_text(entry.since)),
            segment("REF", "CT", entry.contract_no),
            segment("CTP", "", "CON", price_text(entry.price), 1, _unit(entry.uom, habit)),
            segment(
                "CTP",
                "",
                "SLP",
                price_text(entry.item.price(entry.uom) * LIST_PRICE_PCT // 100),
                1,
                _unit(entry.uom, habit),
            ),
            *_ladder(entry, habit),
        ]
    return Set([*segments, segment("CTT", len(entries))])


def _ladder(entry: Catalogue, habit: Habit) -> Iterator[str]:
    for n, level in enumerate(entry.ladder, start=1):
        uom = _unit(level.uom, habit)
        if habit.multipack:
            yield segment("PKL", "UK", level.gtin, uom, level.qty)
        else:
            yield segment("SLN", n, n, "I", level.qty, uom, "", "", "", "UK", level.gtin)


def _unit(uom: str, habit: Habit) -> str:
    return habit.units.get(uom, uom)
