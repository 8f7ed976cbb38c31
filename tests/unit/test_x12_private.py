"""Nobody's name, birth date, address or number passes the parse layer, whatever a file is like.

The documents are of our own making and name one person in every place where the standard, or a
habit of senders, lets one stand. Each is read as it was sent and damaged in many ways; what is
stored of it is searched for everything that would tell who she is.
"""

import logging
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

import recon
from recon.canonical.build import build, file_control, filling, quarantine
from recon.land import Ledger, land
from recon.parse import parse
from recon.parse.feed import parse_feed
from recon.parse.parsed import Parsed
from recon.parse.privacy import DOMAINS, Tokens
from recon.parse.x12.private import PRIVATE
from recon.parse.x12.sets import SETS
from recon.site import Feed, Site, read_site

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "examples" / "claims"
DAY = date(2026, 3, 2)
KEY = b"0123456789abcdef0123456789abcdef"
TOKENS = Tokens(KEY, "k1")

# All that tells who she is: name, birth date, address, telephone; then her numbers.
PERSON = ["DOE", "JANE", "19570413", "1957-04-13", "ELM", "62701", "5550137"]
NUMBERS = ["PAT-1017", "CLM77001", "W20057334", "MRN445566", "SN-88231", "078051120"]

BILL_ONLY = (
    "BEG*00*CN*P-5001**20260302",
    "REF*CT*K-17",
    "N1*ST*DOE, JANE*34*078051120",
    "N3*12 ELM STREET",
    "N1*BT*JANE DOE*92*0815",
    "N1*BY*DOE*MI*W20057334",
    "N1*SE*ACME DEVICES*UL*0899990000108",
    "NTE*GEN*PATIENT DOE, JANE DOB 19570413 MRN445566",
    "MSG*SN:123 BILL ONLY PT: DOE, JANE PHONE 5550137",
    "N9*ZZ*PT",
    "MSG*DOE, JANE 12 ELM STREET",
    "PO1*1*1*EA*1800*PE*VN*A-100*SN*SN-1",
    "PID*F****PACEMAKER FOR JANE DOE",
    "MSG*SN:123 BILL ONLY PT: DOE, JANE",
    "CTT*1",
)
REMITTANCE = (
    "BPR*I*80*C*ACH*CCP*01*011*DA*0*1512345678**01*012*DA*0*20260302",
    "TRN*1*T-9001*1512345678",
    "N1*PR*SOME PAYER*XV*12345",
    "N1*PE*NORTHFIELD GENERAL*XX*1234567893",
    "LX*1",
    "CLP*PAT-1017*1*100*80*20*12*CLM77001*11*1",
    "CAS*CO*45*20",
    "NM1*QC*1*DOE*JANE****MI*W20057334",
    "NM1*IL*1*DOE*JANE****MI*W20057334",
    "REF*EA*MRN445566",
    "PER*CX*JANE DOE*TE*5550137",
    "SVC*HC:C1785*100*80",
    "DTM*472*20260301",
    "CAS*CO*45*20",
)
CLAIM = (
    "BHT*0019*00*S-1*20260302*1200*CH",
    "NM1*41*2*NORTHFIELD GENERAL*****46*1234",
    "PER*IC*BILLING*TE*5550100",
    "NM1*40*2*SOME PAYER*****46*12345",
    "HL*1**20*1",
    "NM1*85*2*NORTHFIELD GENERAL*****XX*1234567893",
    "N3*1 HOSPITAL WAY",
    "N4*NORTHFIELD*IL*627010001",
    "REF*EI*987654321",
    "HL*2*1*22*0",
    "SBR*P*18*******CI",
    "NM1*IL*1*DOE*JANE****MI*W20057334",
    "N3*12 ELM STREET",
    "N4*SPRINGFIELD*IL*62701",
    "DMG*D8*19570413*F",
    "PER*IC*JANE DOE*TE*5550137",
    "NM1*PR*2*SOME PAYER*****PI*12345",
    "CLM*PAT-1017*100***11:B:1*Y*A*Y*Y",
    "REF*EA*MRN445566",
    "REF*F8*CLM77001",
    "NTE*ADD*JANE DOE FELL ON ELM STREET",
    "HI*ABK:I442",
    "LX*1",
    "SV1*HC:C1785*100*UN*1***1",
    "DTP*472*D8*20260301",
    "NTE*ADD*SERIAL SN-88231 FOR DOE",
)
STATUS = (
    "BHT*0010*08*R-1*20260302*1200*DG",
    "HL*1**20*1",
    "NM1*PR*2*SOME PAYER*****PI*12345",
    "HL*2*1*21*1",
    "NM1*41*2*NORTHFIELD GENERAL*****46*1234",
    "HL*3*2*19*1",
    "NM1*1P*2*NORTHFIELD GENERAL*****XX*1234567893",
    "HL*4*3*22*0",
    "DMG*D8*19570413*F",
    "NM1*QC*1*DOE*JANE****MI*W20057334",
    "TRN*2*PAT-1017",
    "STC*F2:88:QC*20260302**100*0*******JANE DOE IS NOT COVERED",
    "REF*1K*CLM77001",
    "REF*EJ*PAT-1017",
    "DTP*472*D8*20260301",
)
DOCUMENTS = {
    "850": ("PO", "004010", BILL_ONLY),
    "835": ("HP", "005010X221A1", REMITTANCE),
    "837": ("HC", "005010X222A1", CLAIM),
    "277": ("HN", "005010X212", STATUS),
}
ISA = (
    "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       "
    "*260302*1200*^*00501*000000001*0*P*:"
)


def written(code: str, body: tuple[str, ...]) -> list[str]:
    """The segments of one interchange."""
    functional, version, _ = DOCUMENTS[code]
    return [
        ISA,
        f"GS*{functional}*S*R*20260302*1200*1*X*{version}",
        f"ST*{code}*0001",
        *body,
        f"SE*{len(body) + 2}*0001",
        "GE*1*1",
        "IEA*1*000000001",
    ]


def sent(segments: list[str]) -> str:
    return "~".join([*segments, ""])


# Each makes the text of one file of the segments of one interchange.
DAMAGES = {
    "as sent": sent,
    "more segments declared than sent": lambda s: sent(s).replace("~SE*", "~SE*9"),
    "cut off in the middle of a name": lambda s: (whole := sent(s))[: whole.index("DOE") + 2],
    "cut off behind a name": lambda s: (whole := sent(s))[: whole.index("JANE") + 4],
    "a terminator inside a name": lambda s: sent(s).replace("JANE", "~JANE*"),
    "a terminator before a name": lambda s: sent(s).replace("DOE", "~DOE"),
    "a line break for a terminator": lambda s: sent(s).replace("~", "\n", 5),
    "the first terminators of the set lost": lambda s: sent(s[:3]) + "".join(s[3:]) + "~",
    "no terminator at all": "".join,
    "terminators inside the set are others": lambda s: (
        sent(s[:3]) + "\n".join(s[3:-3]) + "~" + sent(s[-3:])
    ),
    "no set around it": lambda s: sent([*s[:2], *s[3:-3], *s[-2:]]),
    "no group around it": lambda s: sent([s[0], *s[2:-2], s[-1]]),
    "behind the interchange": lambda s: sent([*s[:2], *s[-2:], *s[3:-3]]),
    "before the interchange": lambda s: sent([*s[3:-3], *s]),
    "no interchange around it": lambda s: sent(s[1:-1]),
    "a letter about her before it": lambda s: "Dear Mrs JANE DOE, 12 ELM,\n" + sent(s),
    "a letter about her behind it": lambda s: sent(s) + "\nYours, JANE DOE",
    "her name for a set number": lambda s: sent(s).replace("~SE*", "~SE*JANE DOE*"),
    "her name for a group number": lambda s: sent([*s[:-2], "GE*JANE*DOE", s[-1]]),
    "her name for an interchange number": lambda s: sent([*s[:-1], "IEA*JANE*DOE"]),
    "her name for a level": lambda s: sent(s).replace("HL*", "HL*JANE DOE"),
    "her name for every number": lambda s: re.sub(r"\*100\b", "*JANE DOE", sent(s)),
    "every element one too far": lambda s: sent(
        [*s[:3], *(re.sub(r"\*", "**", e, count=1) for e in s[3:-3]), *s[-3:]]
    ),
    "an element too many before her account": lambda s: sent(s).replace("*PAT-1017", "*1*PAT-1017"),
    "components between marks that ISA16 does not declare": lambda s: sent(
        [s[0], *(e.replace(":", ">JANE DOE>") for e in s[1:])]
    ),
    "sent by a pen that knows no English": lambda s: sent(s).replace("JANE", "JANE É"),
}


def texts(frames: dict[str, pl.DataFrame]) -> list[str]:
    """Every value of every column, as text."""
    return [
        f"{name}.{column.name}: {value}"
        for name, frame in frames.items()
        for column in frame
        for value in column.cast(pl.String).unique()
        if value is not None
    ]


def stored(parsed: Parsed) -> list[str]:
    """All that the pipeline would write of one file."""
    envelope = {} if parsed.envelope is None else vars(parsed.envelope)
    rows = {"reject": parsed.rejects, "control": parsed.controls}
    return texts({**parsed.records, **rows, **envelope})


def telling(found: list[str], words: list[str]) -> list[str]:
    return [text for text in found for word in words if word in text.partition(": ")[2].upper()]


@pytest.fixture
def feed():
    connector = {"kind": "folder", "path": ".", "pattern": "*"}
    declared = {"name": "x", "owner": "x", "connector": connector, "extract": "append"}
    return Feed.model_validate({**declared, "format": {"kind": "x12"}})


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("code", DOCUMENTS)
def test_nothing_that_is_stored_tells_who_she_is(feed, code, damage):
    data = DAMAGES[damage](written(code, DOCUMENTS[code][2])).encode("latin-1")
    for tokens in (TOKENS, Tokens()):
        found = stored(parse(feed, data, tokens, DAY))
        assert telling(found, PERSON + NUMBERS) == []


@pytest.mark.parametrize(
    ("code", "record"),
    [
        ("850", "purchase_order"),
        ("835", "claim_payment"),
        ("837", "claim"),
        ("277", "claim_status"),
    ],
)
def test_the_documents_are_read_as_they_are_sent(feed, code, record):
    """Else nothing would be shown by what is not stored of them."""
    data = sent(written(code, DOCUMENTS[code][2])).encode()
    parsed = parse(feed, data, TOKENS, DAY)
    assert (parsed.records_in, parsed.quarantined) == (1, 0), parsed.rejects["reason"].to_list()
    assert parsed.records[record].height == 1
    assert all(word in data.decode() for word in ("JANE", "DOE"))


@pytest.mark.parametrize("qualifier", ["92", "34"])  # assigned by the buyer, social security
def test_whom_an_order_is_marked_for_is_stored_neither_by_name_nor_by_number(feed, qualifier):
    marked = (*BILL_ONLY, f"N1*MA*JANE DOE*{qualifier}*MRN445566")
    found = stored(parse(feed, sent(written("850", marked)).encode(), TOKENS, DAY))
    assert telling(found, PERSON + NUMBERS) == []


def test_a_number_becomes_the_same_token_in_every_set(feed):
    def accounts(code: str, record: str) -> list[str]:
        data = sent(written(code, DOCUMENTS[code][2])).encode()
        return parse(feed, data, TOKENS, DAY).records[record]["account_number"].to_list()

    (token,) = TOKENS.column(pl.Series(["PAT-1017"]), "account")
    assert accounts("835", "claim_payment") == [token]
    assert accounts("835", "service_payment") == [token]
    assert accounts("835", "claim_adjustment") == [token, token]
    assert accounts("837", "claim") == [token]
    assert accounts("277", "claim_status") == [token]


def test_without_a_key_the_rows_stay_and_the_numbers_are_left_out(feed):
    data = sent(written("835", REMITTANCE)).encode()
    bare = parse(feed, data, Tokens(), DAY).records["claim_payment"]
    keyed = parse(feed, data, TOKENS, DAY).records["claim_payment"]
    private = list(PRIVATE["claim_payment"])
    assert bare.select(private).row(0) == (None,) * len(private)
    assert bare.drop(private).equals(keyed.drop(private))
    assert bare.schema == keyed.schema


def test_a_notebook_gets_what_was_sent():
    found = recon.read_x12(sent(written("835", REMITTANCE)).encode())
    row = found.records["claim_payment"].row(0, named=True)
    assert (row["account_number"], row["payer_claim_number"]) == ("PAT-1017", "CLM77001")


# --- the declarations -----------------------------------------------------------------------------


def test_every_private_column_is_of_a_domain_and_a_text():
    assert {d for columns in PRIVATE.values() for d in columns.values()} <= set(DOMAINS)
    schemas = {r.name: r.schema for s in SETS.values() for r in s.records}
    not_text = [
        (record, column)
        for record, columns in PRIVATE.items()
        for column in columns
        if schemas[record][column] != pl.String
    ]
    assert not_text == []


# Elements that hold a person's number in the sets about claims, by the guides.
OF_PERSONS = {
    "835": {("CLP", 1), ("CLP", 7), ("PLB", 3, 2)},
    "837": {("CLM", 1), ("REF", 2, "F8"), ("REF", 2, "EA")},
    "276": {("TRN", 2, "claim"), ("REF", 2, "EJ"), ("REF", 2, "1K")},
    "277": {("TRN", 2, "claim"), ("REF", 2, "EJ"), ("REF", 2, "1K")},
}
# Elements that name a person, or say of one what no reconciliation needs.
NEVER = {"DMG", "N3", "N4", "PER", "NTE", "MSG", "PAT", "INS", "K3", "PWK"}
NAMES = {("NM1", 3), ("NM1", 4), ("NM1", 5), ("STC", 12), ("N1", 2)}


@pytest.mark.parametrize("code", ["835", "837", "276", "277"])
def test_no_set_about_claims_declares_a_person_in_the_open(code):
    wrong = []
    for record in SETS[code].records:
        for column in record.columns:
            private = column.name in PRIVATE.get(record.name, {})
            for source in column.sources:
                place = (source.tag, source.element)
                # N102 is the payer's or the payee's in an 835, and in no other set is it read.
                organisation = place == ("N1", 2) and set(source.codes) <= {"PR", "PE"}
                if source.tag in NEVER or (place in NAMES and not organisation):
                    wrong.append((record.name, column.name, place))
                keys = {place, *((*place, code_) for code_ in source.codes)}
                keys |= {(*place, source.loop), (*place, source.component)}
                if keys & OF_PERSONS[code] and not private:
                    wrong.append((record.name, column.name, place))
    assert wrong == []


# --- a night --------------------------------------------------------------------------------------


def everything(root: Path) -> list[str]:
    """All that a site's lake holds, as text: tables decoded, other files as they are; not raw/."""
    found: list[str] = []
    for file in sorted(root.rglob("*")):
        if not file.is_file() or file.relative_to(root).parts[0] == "raw":
            continue
        if file.suffix == ".parquet":
            found += texts({str(file.relative_to(root)): pl.read_parquet(file)})
        else:
            found.append(f"{file.relative_to(root)}: {file.read_bytes().decode('latin-1')}")
    return found


ORDERS = """\
owner: Purchasing
connector: {kind: folder, path: inbox/order, pattern: "*", settle_seconds: 0}
format: {kind: x12}
extract: append
records:
  - table: purchase_order
    from: purchase_order
    columns:
      po_id: po_number
      po_number: po_number
      supplier_id: receiver_id
      facility_id: "'HQ'"
      order_date: order_date
"""
INBOX = {"order": ["850"], "remittance": ["835"], "claim_status": ["277", "837"]}


@pytest.fixture
def site(tmp_path):
    """The example site of claims with a feed of orders, a key, and a file of every damage."""
    for file in EXAMPLE.rglob("*.yaml"):
        target = tmp_path / "site" / file.relative_to(EXAMPLE)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.read_bytes())
    folder = tmp_path / "site"
    (folder / "sources" / "order.yaml").write_text(ORDERS)
    (folder / "secrets").mkdir()
    (folder / "secrets" / "token.key").write_bytes(KEY)
    (folder / "secrets" / "token.key").chmod(0o600)
    for name, codes in INBOX.items():
        (folder / "inbox" / name).mkdir(parents=True)
        for code in codes:
            for n, damage in enumerate(DAMAGES.values()):
                text = damage(written(code, DOCUMENTS[code][2]))
                file = folder / "inbox" / name / f"{code}_{n:02}.edi"
                file.write_bytes(text.encode("latin-1"))
    return Site.open(folder)


def test_nothing_of_a_night_tells_who_she_is(site, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    lake = site.lake
    with Ledger(site.ledger) as ledger:
        for name, feed in site.feeds.items():
            landed = land(feed, site, ledger, DAY, datetime.now(UTC) + timedelta(hours=1))
            lake.write("land", name, DAY, {"file": landed.files})
    for name, feed in site.feeds.items():
        lake.write("parse", name, DAY, parse_feed(site, feed, DAY))
    tables = ("purchase_order", "remittance", "claim_payment", "claim_adjustment", "claim_status")
    for table in tables:
        assert filling(site, table)
        lake.write("canonical", table, DAY, build(site, table, DAY).parts())
    lake.write("canonical", "file_control", DAY, {"file_control": file_control(site, DAY)})
    lake.write("canonical", "quarantine", DAY, {"quarantine": quarantine(site, DAY)})

    files = file_control(site, DAY)
    assert files["accepted"].sum() > 0
    assert files["quarantined"].sum() > 0
    assert lake.read("canonical", "claim_payment", DAY, "remittance").height > 0
    assert telling(everything(lake.root), PERSON + NUMBERS + [KEY.decode().upper()]) == []
    said = [f"log: {line}" for line in [*caplog.messages, *capfd.readouterr()]]
    assert telling(said, PERSON + NUMBERS + [KEY.decode().upper()]) == []


# --- a site without a key -------------------------------------------------------------------------


def test_a_mapping_of_private_columns_without_a_key_is_a_mistake(site):
    config = site.folder / "recon.yaml"
    config.write_text(re.sub(r"(?m)^privacy:.*\n", "", config.read_text()))
    feed = site.folder / "sources" / "claim_status.yaml"
    line = next(n for n, t in enumerate(feed.read_text().splitlines(), 1) if "account_key:" in t)
    _, mistakes = read_site(site.folder, {})
    told = [str(m).removeprefix(f"{site.folder}/") for m in mistakes]
    assert (
        f"sources/claim_status.yaml:{line}: 'account_number' identifies a person (account) and is "
        "left empty without a key: declare `privacy: {key_id: k1, key_file: <file>}` in "
        "recon.yaml, or take it out"
    ) in told
    # Nothing else of the site is wrong for it, and a feed without such columns needs no key.
    assert {t.partition(":")[0] for t in told} == {
        "sources/claim_status.yaml",
        "sources/remittance.yaml",
    }
    assert all("identifies a person" in t for t in told)


@pytest.mark.parametrize(
    ("expression", "mistaken"),
    [
        pytest.param("account_number", True, id="the column"),
        pytest.param("RECORD.Account_Number", True, id="of the record, in other letters"),
        pytest.param("coalesce(bill_type, account_number)", True, id="inside an expression"),
        pytest.param("'account_number'", False, id="as a text"),
        pytest.param("h.account_number", False, id="a lookup's column of that name"),
    ],
)
def test_what_uses_a_private_column(site, expression, mistaken):
    (site.folder / "rules").mkdir()
    (site.folder / "rules" / "house.csv").write_text("bill_type,account_number\n1,2\n")
    (site.folder / "sources" / "remittance.yaml").unlink()
    config = site.folder / "recon.yaml"
    config.write_text(re.sub(r"(?m)^privacy:.*\n", "", config.read_text()))
    feed = site.folder / "sources" / "claim_status.yaml"
    text = re.sub(r"(?m)^ +claim_key:.*\n", "", feed.read_text())
    text = text.replace("account_key: account_number", f"account_key: {expression!r}")
    lookup = "    lookups: {h: {table: house, on: {bill_type: record.bill_type}}}\n    columns:"
    feed.write_text(text.replace("    columns:", lookup))
    _, mistakes = read_site(site.folder, {})
    found = [m.message for m in mistakes if "identifies a person" in m.message]
    assert len(found) == mistaken, [str(m) for m in mistakes]
