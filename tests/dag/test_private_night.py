"""A whole night through the real command, and nothing of it tells who the patients are.

Every feed holds the same planted person in every place in which a sender may write one, in good
records and in bad; every byte that the night leaves behind is then searched for her: lake,
workbooks, Dagster's home, what was printed. A feed of another format is a row of ``FEEDS``.
"""

import io
import json
import shutil
import sqlite3
import stat
import zipfile
from pathlib import Path

import polars as pl
import pytest
from nights import ROOT, recon
from typer.testing import CliRunner

from recon.cli import app

KEY = "0123456789abcdef0123456789abcdef"
# In capitals; what is searched is put in capitals too.
PLANTED = {
    "name": ["QUIMBY", "ERSATZINA"],
    "birth date": ["19570413", "1957-04-13", "04/13/1957"],
    "address": ["WISTERIA"],
    "telephone": ["5550137999"],
    "social security number": ["078-05-1120", "078051120"],
    "account": ["ACC771017"],
    "record": ["MRN445566"],
    "visit": ["VIS990017"],
    "case": ["CASE880011"],
    "serial": ["SNX88231X"],
    "member": ["W20057334X"],
    "claim": ["CLM77001X"],
    "a word somebody wrote": ["BEDRIDDEN"],
    "the key": [KEY.upper()],
}


ISA = (
    "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       "
    "*260302*1200*^*00501*000000001*0*P*:"
)


def x12(code, group, version, *body):
    head = [ISA, f"GS*{group}*S*R*20260302*1200*1*X*{version}", f"ST*{code}*0001"]
    return "~".join([*head, *body, f"SE*{len(body) + 2}*0001", "GE*1*1", "IEA*1*000000001~"])


REMITTANCE = x12(
    *(
        "835",
        "HP",
        "005010X221A1",
        "BPR*I*80*C*ACH*CCP*01*011*DA*0*1512345678**01*012*DA*0*20260302",
    ),
    *("TRN*1*T-9001*1512345678", "N1*PR*SOME PAYER*XV*12345", "N1*PE*NORTHFIELD*XX*1234567893"),
    *("LX*1", "CLP*ACC771017*1*100*80*20*12*CLM77001X*11*1", "CAS*CO*45*20"),
    *("NM1*QC*1*QUIMBY*ERSATZINA****MI*W20057334X", "NM1*IL*1*QUIMBY*ERSATZINA****34*078051120"),
    *("REF*EA*MRN445566", "PER*CX*ERSATZINA QUIMBY*TE*5550137999", "SVC*HC:C1785*100*80"),
    *("DTM*472*20260301", "CAS*CO*45*20"),
)
CLAIM = x12(
    *("837", "HC", "005010X222A1", "BHT*0019*00*S-1*20260302*1200*CH"),
    *("NM1*41*2*NORTHFIELD*****46*1234", "NM1*40*2*SOME PAYER*****46*12345", "HL*1**20*1"),
    *("NM1*85*2*NORTHFIELD*****XX*1234567893", "HL*2*1*22*0", "SBR*P*18*******CI"),
    *("NM1*IL*1*QUIMBY*ERSATZINA****MI*W20057334X", "N3*12 WISTERIA LANE", "DMG*D8*19570413*F"),
    *("NM1*PR*2*SOME PAYER*****PI*12345", "CLM*ACC771017*100***11:B:1*Y*A*Y*Y"),
    *("REF*EA*MRN445566", "REF*F8*CLM77001X", "NTE*ADD*QUIMBY IS BEDRIDDEN", "HI*ABK:I442"),
    *("LX*1", "SV1*HC:C1785*100*UN*1***1", "DTP*472*D8*20260301", "NTE*ADD*SNX88231X"),
)
ORDER = x12(
    *("850", "PO", "004010", "BEG*00*SA*P-5001**20260302", "N1*ST*QUIMBY, ERSATZINA*34*078051120"),
    *("N3*12 WISTERIA LANE", "N1*BY*ERSATZINA QUIMBY*92*0815", "NTE*GEN*QUIMBY DOB 19570413"),
    *("MSG*PHONE 5550137999", "PO1*1*1*EA*18*PE*VN*A-100", "PID*F****FOR QUIMBY", "CTT*1"),
)
USE = """\
Patient,DOB,Acct,MRN,Case,Serial,Item,Qty,Day,Note
"QUIMBY, ERSATZINA",04/13/1957,ACC771017,MRN445566,CASE880011,SNX88231X,I1,1,2026-03-01,BEDRIDDEN
ACC771017,MRN445566,"QUIMBY, ERSATZINA",078-05-1120,5550137999,x,I1,ERSATZINA,1957-04-13,WISTERIA
"QUIMBY, ERSATZINA",04/13/1957,ACC771017,MRN445566,CASE880011,SNX88231X,I1,078-05-1120,04/13/1957,
"QUIMBY, ERSATZINA,04/13/1957,ACC771017,MRN445566
QUIMBY,,ACC771017,5550137999
"""
PID = (
    "PID|1||MRN445566^^^H^MR||QUIMBY^ERSATZINA||19570413|F|||12 WISTERIA LANE||5550137999|||||{}|"
    "|078051120"
)
DFT = "\r".join(
    [
        "MSH|^~\\&|OR|NGH|BILL|NGH|20260302080000||DFT^P03|M1|P|2.5",
        "EVN|P03|20260302080000",
        PID.format("ACC771017"),
        "PV1|1|O|||||||||||||||||VIS990017",
        "FT1|1|T1||20260301|20260302|CG|C100^QUIMBY||BEDRIDDEN|1|100|100|OR",
        "NTE|1||QUIMBY IS BEDRIDDEN",
        "FT1|2|T3||20260301|20260302|CG|QUIMBY, ERSATZINA|||1|100|100|OR",
        "MSH|^~\\&|OR|NGH|BILL|NGH|20260302080000||DFT^P03|M2|P|2.5",
        "EVN|P03|20260302080000",
        PID.format("ACC771017"),
        "FT1|1|T2|QUIMBY||19570413|20260302|CG|C100^QUIMBY||SNX88231X|ERSATZINA|100|OR",
        "MSH|^~\\&|OR|NGH|BILL|NGH|20260302080000||ADT^A04|M3|P|2.5",
        "EVN|A04|20260302080000",
        PID.format("ACC771017"),
        "NK1|1|QUIMBY^HUSBAND|SPO|12 WISTERIA LANE|5550137999",
        "PV1|1|O|||||||||||||||||VIS990017",
        "QUIMBY ERSATZINA BEDRIDDEN",
        "",
    ]
)
FHIR = "\n".join(
    [
        json.dumps(resource)
        for resource in [
            {
                "resourceType": "ChargeItem",
                "id": "c1",
                "status": "billable",
                "code": {"coding": [{"code": "C100"}], "text": "QUIMBY IS BEDRIDDEN"},
                "subject": {"reference": "Patient/MRN445566", "display": "ERSATZINA QUIMBY"},
                "account": [{"reference": "Account/ACC771017"}],
                "context": {"reference": "Encounter/VIS990017"},
                "occurrenceDateTime": "2026-03-01",
                "quantity": {"value": 1},
                "note": [{"text": "BEDRIDDEN"}],
            },
            {
                "resourceType": "Device",
                "id": "d1",
                "serialNumber": "SNX88231X",
                "patient": {"reference": "Patient/MRN445566"},
                "udiCarrier": [{"carrierHRF": "(01)00643169007222(21)SNX88231X"}],
            },
            {
                "resourceType": "Patient",
                "id": "MRN445566",
                "name": [{"family": "QUIMBY", "given": ["ERSATZINA"]}],
                "birthDate": "1957-04-13",
                "telecom": [{"value": "5550137999"}],
            },
            {"resourceType": "ChargeItem", "status": "billable", "quantity": "BEDRIDDEN"},
            {
                "resourceType": "ChargeItem",
                "id": "c2",
                "status": "QUIMBY",
                "quantity": {"value": 1},
            },
        ]
    ]
    + ['{"resourceType": "ChargeItem", "id": "QUIMBY ERSATZINA", BEDRIDDEN']
)

HEAD = """\
owner: x
connector: {{kind: folder, path: inbox/{name}, pattern: "*", settle_seconds: 0}}
extract: append
"""
# feed -> its YAML behind HEAD, and its files. What is not mapped is stored by the parse layer.
FEEDS = {
    "use": (
        """\
format: {kind: delimited}
identifiers: {mrn: {strip_zeros: true}}
contract:
  columns:
    - {name: patient, header: Patient, private: drop}
    - {name: born, header: DOB, private: drop}
    - {name: account, header: Acct, private: account}
    - {name: mrn, header: MRN, private: mrn}
    - {name: case_no, header: Case, private: case}
    - {name: serial, header: Serial, private: serial}
    - {name: item, header: Item, required: true}
    - {name: qty, header: Qty, type: decimal, required: true}
    - {name: day, header: Day, type: date, required: true}
    - {name: note, header: Note, private: drop}
records:
  - table: usage_event
    columns:
      system_id: "'OR'"
      usage_id: "'U' || source_record"
      message_id: source_file_name || '-' || source_record
      facility_id: "'HQ'"
      account_key: account
      case_key: case_no
      serial_key: serial
      item_id: item
      qty: qty
      used_date: day
""",
        {
            "use.csv": USE,
            "headless.csv": USE.partition("\n")[2],
            "other.csv": "QUIMBY\nBEDRIDDEN\n",
        },
    ),
    "order": ("format: {kind: x12}\n", {"a.edi": ORDER, "b.edi": ORDER[: ORDER.index("ZINA")]}),
    "claim": (
        "format: {kind: x12}\n",
        {
            "a.edi": CLAIM,
            "b.edi": CLAIM.replace("SE*", "SE*9"),
            "c.edi": CLAIM.replace("~", "\n", 9),
        },
    ),
    "charge": ("format: {kind: hl7}\n", {"a.hl7": DFT, "b.hl7": DFT[: DFT.index("HUSBAND") + 3]}),
    "resource": ("format: {kind: json}\n", {"a.ndjson": FHIR, "b.json": "[" + FHIR[:400]}),
}


@pytest.fixture(scope="module")
def night(tmp_path_factory):
    """The folder of a site after its night, Dagster's home, and what the command printed."""
    root = tmp_path_factory.mktemp("private")
    site = root / "site"
    shutil.copytree(ROOT / "docs" / "examples" / "claims", site)
    key = site / "secrets" / "token.key"
    key.parent.mkdir()
    key.write_text(KEY)
    key.chmod(0o600)
    config = site / "recon.yaml"
    keeping = "token.key, keep: [account, claim, serial]}"
    config.write_text(config.read_text().replace("token.key}", keeping))
    feeds = dict(FEEDS)
    damaged = REMITTANCE.replace("SE*", "SE*9")
    shifted = REMITTANCE.replace("CLP*", "CLP*QUIMBY*")
    sent = {"a.edi": REMITTANCE, "b.edi": damaged, "c.edi": REMITTANCE[:400], "d.edi": shifted}
    # A name, a number, a date where a code should be.
    coded = (
        ("*1*100*80*20*12*", "*QUIMBY*100*80*20*12*"),
        ("C1785", "078051120"),
        ("CO*45", "CO*19570413"),
    )
    sent |= {f"e{n}.edi": REMITTANCE.replace(*said) for n, said in enumerate(coded)}
    feeds["remittance"] = ("", sent)
    feeds["claim_status"] = ("", {})
    for name, (declared, files) in feeds.items():
        if declared:
            source = site / "sources" / f"{name}.yaml"
            source.write_text(HEAD.format(name=name) + declared)
        (site / "inbox" / name).mkdir(parents=True)
        for file, text in files.items():
            (site / "inbox" / name / file).write_bytes(text.encode("latin-1"))
    done = recon("run", "--site", site, "--night", "2026-03-02", home=root / "home", check=False)
    return site, root / "home", done


def texts(path: Path):
    """All that a file tells: its bytes, a table's values, what an archive holds, a database's."""
    data = path.read_bytes()
    yield data
    if path.suffix == ".parquet":
        frame = pl.read_parquet(path, hive_partitioning=False)
        yield "\n".join(str(row) for row in frame.iter_rows()).encode()
    elif data.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield from (archive.read(name) for name in archive.namelist())
    elif data.startswith(b"SQLite format 3"):
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as con:
            yield "\n".join(con.iterdump()).encode(errors="replace")


def left_behind(site: Path, home: Path):
    """Every file that the night made: not the inbox, the declarations and the key."""
    ours = {"inbox", "sources", "rules", "secrets", "recon.yaml"}
    found = [p for top in site.iterdir() if top.name not in ours for p in (top, *top.rglob("*"))]
    return sorted(p for p in (*found, *home.rglob("*")) if p.is_file())


def test_the_night_took_what_was_planted(night):
    """Else it shows nothing that nothing is found: every feed was read, refused in part."""
    site, _, done = night
    assert done.returncode == 4, done.stdout + done.stderr
    inbox = b"".join(p.read_bytes() for p in (site / "inbox").rglob("*") if p.is_file()).upper()
    missing = [w for words in PLANTED.values() for w in words if w.encode() not in inbox]
    assert missing == [KEY.upper()]
    (control,) = (site / "lake" / "canonical" / "file_control").rglob("*.parquet")
    files = pl.read_parquet(control, hive_partitioning=False)
    read = files.group_by("feed").agg(pl.sum("accepted", "quarantined")).sort("feed")
    assert dict(read.select("feed", "accepted").iter_rows()).keys() == {*FEEDS, "remittance"}
    assert read.filter(pl.col("accepted") == 0).height == 0, read
    assert read.filter(pl.col("quarantined") == 0).height == 0, read


@pytest.mark.parametrize("what", PLANTED)
def test_nothing_that_the_night_leaves_behind_tells_who_she_is(night, what):
    site, home, done = night
    words = [word.encode() for word in PLANTED[what]]
    telling = [
        (str(path), word)
        for path in left_behind(site, home)
        for text in texts(path)
        for word in words
        if word in text.upper()
    ]
    printed = (done.stdout + done.stderr).upper().encode()
    assert telling == []
    assert [word for word in words if word in printed] == []


def test_the_night_left_every_kind_of_file_to_search(night):
    site, home, _ = night
    kinds = {p.suffix for p in left_behind(site, home)}
    assert {".parquet", ".json", ".xlsx", ".sqlite", ".db", ".html"} <= kinds, kinds
    assert any(p.is_relative_to(site / "lake" / "restricted") for p in left_behind(site, home))


def test_an_analysts_workbook_has_the_account_and_nothing_else_of_her(night, tmp_path):
    site, _, _ = night
    words = ["export-analyst", str(tmp_path / "out"), "--site", str(site)]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    books = list((tmp_path / "out").glob("*ANALYST*.xlsx"))
    assert books
    told = b"".join(text for book in books for text in texts(book)).upper()
    shown = {word for words in PLANTED.values() for word in words if word.encode() in told}
    assert shown == {"ACC771017"}
    assert {stat.S_IMODE(book.stat().st_mode) for book in books} == {0o600}
    acts = [json.loads(line) for line in (site / "lake" / "audit.jsonl").read_text().splitlines()]
    assert [(a["act"], a["business_date"]) for a in acts] == [("EXPORT ANALYST", "2026-03-02")]
