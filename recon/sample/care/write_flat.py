"""Delimited files of the charge side: use, charges, accounts, master data, shelves."""

from collections.abc import Callable, Sequence

import polars as pl

from recon.sample.care.catalogue import SUPPLIES
from recon.sample.care.chart import Chart
from recon.sample.care.records import Row
from recon.sample.care.write_hl7 import ADT_FROM, interface, use_feed
from recon.sample.files import File
from recon.sample.network import SUPPLIERS
from recon.sample.write_flat import csv
from recon.sample.x12_file import dollars

Cell = Callable[[Row], object]


def _file(
    feed: str,
    name: str,
    night: int,
    rows: Sequence[Row],
    cells: dict[str, Cell],
    *,
    separator: str = ",",
    encoding: str = "utf-8",
) -> list[File]:
    """One file with one line per row, none where there are none."""
    if not rows:
        return []
    shown = [{heading: _text(cell(row)) for heading, cell in cells.items()} for row in rows]
    written = pl.DataFrame(shown, schema=dict.fromkeys(cells, pl.String))
    data = csv(written, separator=separator, ends="\r\n", encoding=encoding)
    return [File(feed, name, night, data, len(rows))]


def _text(value: object) -> str | None:
    return None if value in (None, "") else str(value)


def _is(name: str) -> Cell:
    return lambda row: row[name]


def _day(name: str, form: str = "%Y-%m-%d") -> Cell:
    return lambda row: format(day, form) if (day := row[name]) else None


def _dollars(name: str) -> Cell:
    return lambda row: _money(row[name])


def _money(amount: object) -> str | None:
    return None if amount is None else dollars(int(str(amount)))


def night_files(c: Chart, night: int, stamp: str) -> list[File]:
    """Every delimited file of a night."""
    return [
        *(_masters(c, stamp) if night == 1 else ()),
        *_use(c, night, stamp),
        *_charges(c, night, stamp),
        *_accounts(c, night, stamp),
        *_shelves(c, night, stamp),
        *_makers(c, night, stamp),
    ]


def _use(c: Chart, night: int, stamp: str) -> list[File]:
    """Two departments, two programs: ISO dates and commas, American dates and semicolons."""
    return [
        *_file(
            "usage_or",
            f"ORLOG_{stamp}.csv",
            night,
            [row for row in c.rows("use", night) if use_feed(row) == "usage_or"],
            {
                "usage_no": _is("usage_no"),
                "facility": _is("facility"),
                "account": _is("account"),
                "case_no": _is("case"),
                "used_on": _day("used_on"),
                "department": _is("dept"),
                "shelf": _is("location"),
                "item_no": _is("item_no"),
                "lot": _is("lot"),
                "serial": _is("serial"),
                "udi": _is("udi"),
                "expires": _day("expiry"),
                "qty": _is("qty"),
                "unit": _is("unit"),
                "disposition": _is("disposition"),
                "supplied": _is("mode"),
                "po_number": _is("po_number"),
                "unit_cost": _dollars("unit_cost"),
            },
        ),
        *_file(
            "usage_cath",
            f"CATHLOG_{stamp}.txt",
            night,
            [row for row in c.rows("use", night) if use_feed(row) == "usage_cath"],
            {
                "Record": _is("usage_no"),
                "Site": _is("facility"),
                "Encounter Account": _is("account"),
                "Procedure Date": _day("used_on", "%m/%d/%Y"),
                "Shelf": _is("location"),
                "Item": _is("item_no"),
                "Lot": _is("lot"),
                "Serial": _is("serial"),
                "Qty": _is("qty"),
                "Unit": _is("unit"),
                "Outcome": _is("disposition"),
                "Cost": _dollars("unit_cost"),
            },
            separator=";",
            encoding="cp1252",
        ),
    ]


def _charges(c: Chart, night: int, stamp: str) -> list[File]:
    """The billing system's extract: one line per posted charge or credit."""
    cells: dict[str, Cell] = {
        "transaction": _is("txn"),
        "message": _is("message"),
        "facility": _is("facility"),
        "account": _is("account"),
        "service_date": _day("service_on", "%Y%m%d"),
        "posting_date": _day("posted_on", "%Y%m%d"),
        "type": _is("type"),
        "charge_code": _is("code"),
        "units": _is("qty"),
        "amount": _dollars("amount"),
        "unit_price": _dollars("unit_amount"),
        "department": _is("dept"),
        "location": _is("location"),
        "revenue_code": _is("revenue"),
        "hcpcs": _is("hcpcs"),
        "item_no": _is("item_no"),
        "lot": _is("lot"),
        "serial": _is("serial"),
        "usage_no": _is("usage_no"),
        "reverses": _is("reverses"),
    }
    rows = [row for row in c.rows("charge", night) if interface(row) is None]
    return _file("charge_billing", f"CHARGES_{stamp}.psv", night, rows, cells, separator="|")


def _accounts(c: Chart, night: int, stamp: str) -> list[File]:
    cells: dict[str, Cell] = {
        "facility": _is("facility"),
        "account": _is("account"),
        "record_no": _is("mrn"),
        "visit": _is("visit"),
        "class": _is("patient_class"),
        "admitted": _day("admitted"),
        "discharged": _day("discharged"),
        "final_bill": _day("final_bill"),
        "payer_class": _is("payer_class"),
        "merged_into": _is("merged_into"),
    }
    rows = [row for row in c.rows("account", night) if row["facility"] not in ADT_FROM]
    return _file("patient_account", f"ACCOUNTS_{stamp}.csv", night, rows, cells)


def _masters(c: Chart, stamp: str) -> list[File]:
    since = f"{c.day(-425):%Y-%m-%d}"
    flag = {True: "Y", False: "N"}
    supplies: list[Row] = [
        {
            **vars(s),
            "num": s.per_each[0],
            "den": s.per_each[1],
            **{name: flag[bool(vars(s)[name])] for name in ("implant", "lots", "serials")},
        }
        for s in SUPPLIES
    ]
    units: list[Row] = [
        {**row, "level": n, "unit": unit, "eaches": eaches}
        for row, s in zip(supplies, SUPPLIES, strict=True)
        for n, (unit, eaches) in enumerate(s.units.items(), start=1)
    ]

    return [
        *_file(
            "clinical_item",
            f"CLINITEM_{stamp}.csv",
            1,
            units,
            {
                "item_no": _is("id"),
                "level": _is("level"),
                "description": _is("name"),
                "unit": _is("unit"),
                "eaches": _is("eaches"),
                "implant": _is("implant"),
                "by_lot": _is("lots"),
                "by_serial": _is("serials"),
                "unit_cost": _dollars("cost"),
            },
        ),
        *_file(
            "item_cdm_map",
            f"CHARGEMAP_{stamp}.csv",
            1,
            [row for row in supplies if row["code"]],
            {
                "item_no": _is("id"),
                "department": lambda _: "*",
                "since": lambda _: since,
                "charge_code": _is("code"),
                "charge_units": _is("num"),
                "per_eaches": _is("den"),
                "how": _is("chargeable"),
                "threshold": _dollars("threshold"),
            },
        ),
    ]


def _shelves(c: Chart, night: int, stamp: str) -> list[File]:
    place: dict[str, Cell] = {
        "facility": _is("facility"),
        "location": _is("location"),
        "item_no": _is("item_no"),
    }
    return [
        *_file(
            "par_level",
            f"PAR_{stamp}.csv",
            night,
            c.rows("reorder", night),
            {
                **place,
                "reorder_point": _is("reorder_point"),
                "up_to": _is("up_to"),
                "pack": _is("pack"),
            },
        ),
        *_file(
            "stock_count",
            f"COUNT_{stamp}.csv",
            night,
            c.rows("count", night),
            {**place, "counted_on": _day("counted_on"), "on_hand": _is("on_hand")},
        ),
        *_file(
            "stock_movement",
            f"MOVES_{stamp}.csv",
            night,
            c.rows("movement", night),
            {
                "movement": _is("movement"),
                **place,
                "moved_on": _day("moved_on"),
                "type": _is("type"),
                "qty": _is("qty"),
                "usage_no": _is("usage_no"),
            },
        ),
    ]


def _makers(c: Chart, night: int, stamp: str) -> list[File]:
    """What makers say of their devices, and the bill-only orders of the perioperative buyer."""
    return [
        *_file(
            "recall",
            f"RECALLS_{stamp}.csv",
            night,
            c.rows("recall", night),
            {
                "recall": _is("recall"),
                "line": _is("line"),
                "recalled_on": _day("recalled_on"),
                "item_no": _is("item_no"),
                "lot_from": _is("lot_from"),
                "lot_to": _is("lot_to"),
            },
        ),
        *_file(
            "device_credit",
            f"MAKERCREDITS_{stamp}.csv",
            night,
            c.rows("credit", night),
            {
                "credit": _is("credit"),
                "facility": _is("facility"),
                "account": _is("account"),
                "item_no": _is("item_no"),
                "type": _is("type"),
                "cost": _dollars("cost"),
                "amount": _dollars("amount"),
                "received_on": _day("received_on"),
            },
        ),
        *_file(
            "bill_only_order",
            f"BILLONLY_{stamp}.csv",
            night,
            c.rows("order", night),
            {
                "facility": _is("facility"),
                "po_number": _is("po_number"),
                "ordered_on": _day("ordered_on"),
                "vendor_no": lambda _: SUPPLIERS[0].id,
                "item_no": _is("item_no"),
                "qty": _is("qty"),
                "unit_price": _dollars("unit_price"),
                "case_no": _is("case"),
            },
        ),
    ]
