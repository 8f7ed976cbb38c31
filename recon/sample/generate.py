"""The sample site, whole: the template, the nights' files in its inbox, and the answer key."""

import os
import re
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, time
from importlib.resources import as_file, files
from pathlib import Path

import yaml

from recon.errors import ConfigError
from recon.sample import (
    answer_key,
    write_flat,
    write_x12,
    write_x12_network,
    write_x12_supplier,
    write_xlsx,
)
from recon.sample.book import MASTERS_AGAIN, Book
from recon.sample.care import key as care_key
from recon.sample.care import stories as care
from recon.sample.care import write_fhir as care_fhir
from recon.sample.care import write_flat as care_flat
from recon.sample.care import write_hl7 as care_hl7
from recon.sample.care import write_x12 as care_x12
from recon.sample.care.chart import Chart
from recon.sample.chance import Chance
from recon.sample.documents import Documents, night_date, numbered
from recon.sample.files import File
from recon.sample.flow import flow
from recon.sample.network import ContractLine, Network, network
from recon.sample.stories import tell
from recon.site.keys import PUBLISHED

# Files are dropped at this hour of their business date.
DROPPED_AT = time(22, 0, tzinfo=UTC)
# The key under which the sample's invented numbers become tokens.
SAMPLE_KEY = "sample-only.key"
OF_SAMPLE = r"(?m)^# Accounts, records, cases(?:.*\n)+privacy: .*$"
OF_OWN = """\
# Accounts, records, cases and serial numbers become tokens before anything is stored. Make the key
# of your site, once, with (umask 077; mkdir secrets; openssl rand -hex 32 > secrets/token.key)
# and keep a copy of it where the lake is not.
privacy: {key_id: k1, key_file: secrets/token.key}"""


def generate(
    folder: Path,
    seed: int = 2026,
    order_lines: int = 4000,
    nights: int = 5,
    first_night: date = date(2026, 3, 2),
) -> None:
    """Write a complete site.

    Args:
        folder: where; what the template, ``inbox`` and ``answer_key`` hold there is replaced.
        seed: another seed gives other items, prices, orders and places for the planted defects.
        order_lines: about how many order lines, over all nights; the planted stories need some 250.
        nights: consecutive business dates; stories that need more nights are cut short.
        first_night: the first of them.

    Raises:
        ConfigError: the folder holds a site that is no sample.
    """
    own = [name for name in ("recon.yaml", "inbox") if (folder / name).exists()]
    if own and not (folder / "answer_key").exists():
        raise ConfigError(
            f"{folder} holds a {own[0]} and no answer_key: it is no sample, and one would "
            "replace its files. Name another folder."
        )
    chance = Chance(seed, "sample")
    net = network(chance, order_lines, first_night)
    book = Book(net, chance, nights, first_night)
    tell(book)
    planted = book.documents()
    ordinary = max(0, order_lines - planted.order.height)
    documents = flow(net, chance, ordinary, nights, first_night) + planted if ordinary else planted
    documents = replace(documents, invoice=numbered(documents.invoice, first_night))
    chart = Chart(first_night, nights)
    care.tell(chart)

    _fresh(folder, first_night)
    written: list[File] = []
    for night in range(1, nights + 1):
        for file in _night(net, book, documents, chart, night, written):
            _drop(folder, file, night_date(first_night, night))
            written.append(replace(file, data=file.data if _sent_again(book, file) else b""))
    # Workbooks come back to it once there are any; git keeps no empty folder.
    kept = folder / "inbox" / "returned_workbook" / ".keep"
    kept.touch()
    os.utime(kept, (0, 0))
    answer_key.write(folder / "answer_key", book, documents.invoice, written)
    care_key.write(folder / "answer_key", chart)


def _night(
    net: Network,
    book: Book,
    documents: Documents,
    chart: Chart,
    night: int,
    earlier: list[File],
) -> list[File]:
    """Every file of one night."""
    first_night = book.first_night
    day = book.day(night)
    stamp = f"{day:%Y%m%d}"
    made: list[File] = []
    if night in (1, MASTERS_AGAIN):
        late = night == MASTERS_AGAIN
        made += [
            write_flat.items(net, night, stamp),
            write_flat.units(net, night, stamp, book.late_units if late else []),
            write_xlsx.contracts(net, night, stamp, _late_contracts(book) if late else []),
        ]
    if night == 1:
        made += [
            write_flat.suppliers(first_night, stamp),
            write_flat.catalogue(net, first_night, stamp),
            write_flat.kits(net, stamp),
        ]
    invoice, line, charge = documents.invoice, documents.invoice_line, documents.charge
    wrong = {dock for on, dock in book.wrong_trailers if on == night}
    made += [
        write_flat.erp_orders(documents.order, night, stamp),
        *write_x12.orders(documents.order, night, stamp, day),
        *write_flat.receipts(documents.receipt, night, stamp, wrong),
        *write_flat.implant_usage(documents.usage, night, stamp),
        write_flat.portal(invoice, line, charge, night, stamp, first_night),
        *write_x12.invoices(invoice, line, charge, night, stamp, first_night),
        *write_x12_supplier.supplier_files(book.exchanged, night, stamp, day),
        *write_x12_network.network_files(book.exchanged, night, stamp, day),
        *care_flat.night_files(chart, night, stamp),
        *care_fhir.night_files(chart, night, stamp),
        *care_hl7.night_files(chart, night, stamp),
        *care_x12.night_files(chart, night, stamp),
    ]
    made += [
        replace(
            file,
            name=f"{Path(file.name).stem[:-8]}{stamp}_RESENT.csv",
            night=night,
            state="DUPLICATE",
            refused=[],
        )
        for file in earlier
        if _sent_again(book, file) and file.night == night - 1
    ]
    return made


def _sent_again(book: Book, file: File) -> bool:
    """The portal's file of the second night is sent again on the third under another name."""
    return (
        file.feed == "invoice_portal"
        and file.night == min(2, book.nights - 1)
        and file.state == "LANDED"
    )


def _late_contracts(book: Book) -> list[ContractLine]:
    """Prices that were agreed long ago and reached the workbook only now."""
    start = book.first_night.replace(month=1, day=1)
    return [
        ContractLine(f"C-{i.supplier}-9", i.id, i.supplier, "*", "EA", i.each, 0, start, None)
        for i in book.late_contracts
    ]


def copy_template(folder: Path) -> None:
    """Copy the sample site's declarations into a new folder: a site to start from, without data.

    Raises:
        ConfigError: the folder holds a site already.
    """
    if (folder / "recon.yaml").exists():
        raise ConfigError(f"{folder} is a site already (it has a recon.yaml). Name another folder.")
    with as_file(files("recon.sample").joinpath("site")) as template:
        shutil.copytree(template, folder, dirs_exist_ok=True)
    # A site to start from has real patients: its key must be its own, and is made by its owner.
    config = folder / "recon.yaml"
    declared = config.read_text(encoding="utf-8")
    config.write_text(re.sub(OF_SAMPLE, OF_OWN, declared), encoding="utf-8")
    _make_inboxes(folder)


def _make_inboxes(folder: Path) -> None:
    """Also for feeds of which nothing has come: a folder that is not there ends the night."""
    for feed in (folder / "sources").glob("*.yaml"):
        connector = yaml.safe_load(feed.read_text(encoding="utf-8"))["connector"]
        (folder / connector["path"]).mkdir(parents=True, exist_ok=True)


def _fresh(folder: Path, first_night: date) -> None:
    for name in ("inbox", "answer_key"):
        shutil.rmtree(folder / name, ignore_errors=True)
    with as_file(files("recon.sample").joinpath("site")) as template:
        shutil.copytree(template, folder, dirs_exist_ok=True)
    _make_inboxes(folder)
    (folder / SAMPLE_KEY).write_bytes(PUBLISHED + b": the patients are invented\n")
    config = folder / "recon.yaml"
    declared = config.read_text(encoding="utf-8")
    config.write_text(
        re.sub(r"(?m)^first_business_date: .*$", f"first_business_date: {first_night}", declared),
        encoding="utf-8",
    )


def _drop(folder: Path, file: File, day: date) -> None:
    path = folder / "inbox" / file.feed / file.name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(file.data)
    at = datetime.combine(day, DROPPED_AT).timestamp()
    os.utime(path, (at, at))
