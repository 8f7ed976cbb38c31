"""A feed of HL7: the mappings of the page on writing a feed, run; a profile checked by doctor."""

import re
import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

import recon.sample
from recon.canonical.mapping import mapped
from recon.parse import parse
from recon.parse.privacy import Tokens
from recon.site import read_site

TEMPLATE = Path(recon.sample.__file__).parent / "site"
PAGE = Path(__file__).parents[2] / "docs" / "writing-a-feed.md"
DAY = date(2026, 3, 2)
KEY = b"0123456789abcdef0123456789abcdef"


def written(first):
    """The mappings of the page whose first one fills a table."""
    pattern = rf"^```yaml\n(- table: {first}\n.*?)^```$"
    return re.search(pattern, PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)[1]


@pytest.fixture
def opened(tmp_path):
    """A site with a feed of HL7, and what is wrong with it."""

    def of(profile="{}"):
        shutil.copytree(TEMPLATE, tmp_path, dirs_exist_ok=True)
        key = tmp_path / "token.key"
        key.write_bytes(KEY)
        key.chmod(0o600)
        site = tmp_path / "recon.yaml"
        text = re.sub(r"^privacy:.*?(?=^\S|\Z)", "", site.read_text(), flags=re.M | re.S)
        site.write_text(f"{text}\nprivacy: {{key_id: k1, key_file: token.key}}\n")
        mappings = "".join(map(written, ("charge_event", "patient_account", "cdm")))
        (tmp_path / "sources" / "or_hl7.yaml").write_text(
            "owner: interfaces@example.org\nextract: append\n"
            "connector: {kind: folder, path: inbox/or_hl7, pattern: '*.hl7'}\n"
            f"format: {{kind: hl7, profile: {profile}}}\nrecords:\n{mappings}"
        )
        return read_site(tmp_path, {})

    return of


def rows(site, data):
    feed = site.feeds["or_hl7"]
    read = parse(feed, data, Tokens.open(site), DAY)
    found = {}
    for mapping in feed.records:
        if mapping.from_ in read.records:
            records = read.records[mapping.from_].with_columns(source_file_id=pl.lit("a" * 64))
            made = mapped(feed, mapping, records, site.rules)
            assert made.rejects.is_empty(), made.rejects.to_dicts()
            found.setdefault(mapping.table, []).extend(made.rows.to_dicts())
    return found, read


def message(kind, *segments, name="M1"):
    head = f"MSH|^~\\&|OR|NGH|FIN|NGH|20260302120000-0500||{kind}|{name}|P|2.6"
    return "".join(f"{s}\r" for s in (head, *segments)).encode()


PID = "PID|1||4711^^^H^MR||Doe^Jane||19700101|F||||||||||A900"
PV1 = "PV1|1|I" + "|" * 17 + "V77"


def test_the_mappings_of_the_page_fill_their_tables(opened):
    site, mistakes = opened()
    assert mistakes == []
    data = b"".join(
        [
            message("DFT^P03", PID, PV1, "FT1|1|||20260302103000||CG|C102|||2|960|480|OR7"),
            message("ADT^A13", "EVN||20260302", PID, PV1, name="M2"),
            message("ADT^A40", PID, "MRG|12||A800", name="M3"),
            message("ADT^A45", PID, "MRG|12||A700||V1", name="M4"),
            message("MFN^M04", "MFE|MAD||20260301|C102", "CDM|C102||Screw", "PRC|C102||||480"),
            message(
                "MFN^M16", "MFE|MAD||20260301|I3", "ITM|I3|Screw|A||||||||Y|C102", "PCE|1|OR7|C103"
            ),
            message("MFN^M15", "MFE|MAD|||I3", "IIM|I3|||||OR1|||||20260301|12|EA"),
        ]
    )
    found, read = rows(site, data)
    assert read.quarantined == 0
    token = Tokens.open(site).column(pl.Series(["A900", "A800"]), "account").to_list()
    (charge,) = found["charge_event"]
    assert (charge["txn_id"], charge["account_key"]) == ("M1-1", token[0])
    assert (charge["qty"], charge["ext_amount"]) == (Decimal(2), Decimal(960))
    accounts = [
        (a["account_key"], a["event_code"], a["merged_into"]) for a in found["patient_account"]
    ]
    assert accounts == [(token[0], "A13", None), (token[1], "A40", token[0])]
    (code,) = found["cdm"]
    assert (code["price"], code["valid_from"]) == (Decimal(480), date(2026, 3, 1))
    maps = [(m["dept_id"], m["cdm_code"]) for m in found["item_cdm_map"]]
    assert maps == [("*", "C102"), ("OR7", "C103")]
    assert [b["on_hand"] for b in found["inventory_balance"]] == [Decimal(12)]


def test_nothing_private_leaves_in_clear(opened):
    site, _ = opened()
    shifted = "FT1|1||20260302|20260302|CG|C102|||2|960|480|A900"
    _, read = rows(site, message("DFT^P03", PID, PV1, shifted) + message("ADT^A01", PID, PV1))
    told = repr([frame.rows() for frame in (*read.records.values(), read.rejects, read.controls)])
    assert read.quarantined == 1
    for value in ("4711", "A900", "V77", "Doe", "1970"):
        assert value not in told


def test_the_profile_of_the_feed_is_used(opened):
    site, mistakes = opened("{positions: {FT1.code: 8}, default_quantity: 1}")
    assert mistakes == []
    found, _ = rows(site, message("DFT^P03", PID, "FT1|1|T1||20260302||CG||C102"))
    assert [(c["cdm_code"], c["qty"]) for c in found["charge_event"]] == [("C102", Decimal(1))]


@pytest.mark.parametrize(
    ("profile", "told"),
    [
        ("{positions: {FT1.cod: 8}}", "no field 'FT1.cod' is read; did you mean 'FT1.code'?"),
        ("{type_aliases: {P: XX}}", "'XX' is not a valid"),
        ("{time_zone: Chicago}", "is not an IANA time zone"),
        ("{positons: {FT1.code: 8}}", "unknown key 'positons'; did you mean 'positions'?"),
    ],
)
def test_doctor_finds_a_mistake_in_a_profile(opened, profile, told):
    _, mistakes = opened(profile)
    assert [told in str(mistake) for mistake in mistakes] == [True]
