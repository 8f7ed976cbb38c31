"""X12 of the charge side: claims as sent (837), payments (835), the clearing house's 277CA."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TypeVar

from recon.sample.care.chart import Chart
from recon.sample.care.records import Claim, Remit, Report
from recon.sample.files import File
from recon.sample.habits import Habit
from recon.sample.network import HOSPITAL
from recon.sample.x12_file import Kind, Set, day_text, dollars, segment, x12_file

CLAIM = Kind("837", "HC", "claim_sent")
PAYMENT = Kind("835", "HP", "claim_payment")
STATUS = Kind("277", "HN", "claim_status")
# The sender of our claims, the payer, and the clearing house, each with its own separators.
BILLING = Habit("MERIDIANPFS", component=":", terminator="~\n")
PAYER = Habit("CEDARHEALTH", "|", ":", "~\n")
CLEARING = Habit("TALLOWCH", component=":", terminator="~")
PAYER_ID = "CDR01"
# National provider numbers of nobody: none has the check digit that a real one has.
NPI = {"NGH": "1999900017", "EMC": "1999900025", "SRH": "1999900033", "LSC": "1999900041"}
Sent = TypeVar("Sent", Claim, Remit, Report)
Write = Callable[[Sequence[Sent], int, date], list[list[str]]]

BILL_TYPE = {"I": "11", "O": "13", "E": "13"}


def night_files(c: Chart, night: int, stamp: str) -> list[File]:
    """A night's claims, payments and statuses; a file each where there are any."""
    day, sender, clearing = c.day(night), BILLING.sender, CLEARING.sender

    def file(
        kind: Kind, name: str, habit: Habit, receiver: str, rows: list[Sent], write: Write[Sent]
    ) -> list[File]:
        tonight = [row for row in rows if row.night == night]
        if not tonight:
            return []
        number = len({row.night for row in rows if row.night <= night})
        sets = [Set(segments) for segments in write(tonight, night, day)]
        return [x12_file(kind, f"{name}_{stamp}.edi", night, day, habit, receiver, number, sets)]

    return [
        *file(CLAIM, "CLAIMS", BILLING, clearing, c.claim, _claims),
        *file(PAYMENT, "CEDAR_835", PAYER, sender, c.remit, _payments),
        *file(STATUS, "TALLOW_277CA", CLEARING, sender, c.report, _statuses),
    ]


def _by_hospital(rows: Sequence[Sent]) -> Mapping[str, list[Sent]]:
    found: dict[str, list[Sent]] = {}
    for row in rows:
        found.setdefault(row.account.facility, []).append(row)
    return found


def _claims(rows: Sequence[Claim], night: int, day: date) -> list[list[str]]:
    return [_claim_set(f, claims, night, day) for f, claims in _by_hospital(rows).items()]


def _claim_set(facility: str, claims: Sequence[Claim], night: int, day: date) -> list[str]:
    made = [
        segment("BHT", "0019", "00", f"{night:04d}{facility}", day_text(day), "2200", "CH"),
        segment("NM1", 41, 2, "MERIDIAN HEALTH NETWORK", *[""] * 4, 46, BILLING.sender),
        segment("PER", "IC", "PATIENT ACCOUNTS", "TE", "5550100100"),
        segment("NM1", 40, 2, "TALLOW CLEARING", *[""] * 4, 46, CLEARING.sender),
        segment("HL", 1, "", 20, 1),
        segment("NM1", 85, 2, HOSPITAL[facility].name.upper(), *[""] * 4, "XX", NPI[facility]),
        segment("N3", "1 SAMPLE STREET"),
        segment("N4", "SAMPLETON", "IL", "600000000"),
        segment("REF", "EI", "990000001"),
    ]
    for n, claim in enumerate(claims, start=2):
        made += _claim(claim, n)
    return made


def _claim(claim: Claim, level: int) -> list[str]:
    account, lines, sent = claim.account, claim.lines, claim.sent
    values, conditions = claim.value_codes, claim.condition_codes
    made = [
        segment("HL", level, 1, 22, 0),
        segment("SBR", "P", 18, *[""] * 6, "CI"),
        segment("NM1", "IL", 1, "SAMPLE", "PATIENT", "", "", "", "MI", f"CH{account.mrn}"),
        segment("NM1", "PR", 2, "CEDAR HEALTH PLAN", *[""] * 4, "PI", PAYER_ID),
        segment(
            "CLM", account.number, dollars(sum(line[3] for line in lines)), "", "",
            f"{BILL_TYPE[account.patient_class]}:A:1", "", "A", "Y", "Y",
        ),
        segment("DTP", 434, "RD8", f"{day_text(sent)}-{day_text(sent)}"),
    ]  # fmt: skip
    made += [segment("HI", *(f"BG:{code}" for code in conditions))] if conditions else []
    made += [segment("HI", *(f"BE:{code}:::1" for code in values))] if values else []
    for n, (revenue, hcpcs, units, amount) in enumerate(lines, start=1):
        made += [
            segment("LX", n),
            segment("SV2", revenue, f"HC:{hcpcs}", dollars(amount), "UN", units),
            segment("DTP", 472, "D8", day_text(sent)),
        ]
    return made


def _payments(rows: Sequence[Remit], _: int, day: date) -> list[list[str]]:
    return [_payment_set(f, remits, day) for f, remits in _by_hospital(rows).items()]


def _payment_set(facility: str, remits: Sequence[Remit], day: date) -> list[str]:
    total, body = 0, []
    for remit in remits:
        account, answers, claim = remit.account, remit.lines, remit.claim
        charge = sum(a[1] for a in answers)
        refused = [cas for a in answers for cas in a[2]]
        paid = charge - sum(amount for *_, amount in refused)
        share = sum(amount for group, _, amount in refused if group == "PR")
        total += paid
        body.append(
            segment(
                "CLP", account.number, 1 if paid else 4, dollars(charge), dollars(paid),
                dollars(share) if share else "", "CI", f"P{account.number[1:]}",
                BILL_TYPE[account.patient_class], 1,
            )
        )  # fmt: skip
        for line_no, line_charge, adjustments, remarks in answers:
            revenue, hcpcs, units, _ = claim.lines[line_no - 1]
            line_paid = line_charge - sum(amount for *_, amount in adjustments)
            body.append(
                segment(
                    "SVC", f"HC:{hcpcs}", dollars(line_charge), dollars(line_paid), revenue, units
                )
            )
            body.append(segment("DTM", 472, day_text(claim.sent)))
            body += [segment("CAS", g, carc, dollars(amount)) for g, carc, amount in adjustments]
            body += [segment("LQ", "HE", remark) for remark in remarks]
    return [
        segment("BPR", "I", dollars(total), "C", "ACH", "CCP", *[""] * 10, day_text(day)),
        segment("TRN", 1, f"CDR{day_text(day)}{facility}", "1999999984"),
        segment("DTM", 405, day_text(day)),
        segment("N1", "PR", "CEDAR HEALTH PLAN", "XV", PAYER_ID),
        segment("N3", "2 SAMPLE STREET"),
        segment("N4", "SAMPLETON", "IL", "600000000"),
        segment("PER", "BL", "PROVIDER LINE", "TE", "5550100200"),
        segment("N1", "PE", HOSPITAL[facility].name.upper(), "XX", NPI[facility]),
        segment("LX", 1),
        *body,
    ]


def _statuses(rows: Sequence[Report], night: int, day: date) -> list[list[str]]:
    return [_status_set(f, reports, night, day) for f, reports in _by_hospital(rows).items()]


def _status_set(facility: str, reports: Sequence[Report], night: int, day: date) -> list[str]:
    made = [
        segment("BHT", "0085", "08", f"{night:04d}{facility}", day_text(day), "2200", "TH"),
        segment("HL", 1, "", 20, 1),
        segment("NM1", "PR", 2, "CEDAR HEALTH PLAN", *[""] * 4, "PI", PAYER_ID),
        segment("HL", 2, 1, 21, 1),
        segment("NM1", 41, 2, "MERIDIAN HEALTH NETWORK", *[""] * 4, 46, BILLING.sender),
        segment("HL", 3, 2, 19, 1),
        segment("NM1", 85, 2, HOSPITAL[facility].name.upper(), *[""] * 4, "XX", NPI[facility]),
    ]
    for n, report in enumerate(reports, start=4):
        account = report.account
        code = f"{report.category}:{report.status}"
        action = "U" if report.category == "A3" else "WQ"
        made += [
            segment("HL", n, 3, "PT"),
            segment("NM1", "QC", 1, "SAMPLE", "PATIENT", "", "", "", "MI", f"CH{account.mrn}"),
            segment("TRN", 2, account.number),
            segment("STC", code, day_text(day), action, dollars(report.amount)),
        ]
    return made
