"""The chart in which stories write: accounts, use, charges, stock, claims.

What belongs here: one method for each thing that happens to a patient, a shelf or a claim. What
does not: how what is written is kept, and what must be found (``records.py``).
"""

from collections.abc import Sequence

from recon.sample.care.catalogue import CODE, Supply, price
from recon.sample.care.records import (
    Account,
    Answer,
    Claim,
    ClaimLine,
    Records,
    Remit,
    Report,
)
from recon.sample.network import Cents


class Chart(Records):
    """Where a story writes what happened."""

    def patient(
        self,
        facility: str = "NGH",
        patient_class: str = "I",
        admitted: int = -2,
        discharged: int | None = 1,
        *,
        night: int = 1,
        final_bill: int | None = None,
        mrn: str | None = None,
    ) -> Account:
        """A patient is admitted, or comes for a visit."""
        account = Account(
            facility,
            self.number("A70", 100_400),
            mrn or self.number("M3", 20_100),
            self.number("V81", 40_300),
            patient_class,
            admitted,
            discharged,
        )
        self.account.append(
            {
                "night": night,
                "facility": facility,
                "account": account.number,
                "mrn": account.mrn,
                "visit": account.visit,
                "patient_class": patient_class,
                "admitted": self.day(admitted),
                "discharged": None if discharged is None else self.day(discharged),
                "final_bill": None if final_bill is None else self.day(final_bill),
                "payer_class": "COMMERCIAL",
                "merged_into": None,
            }
        )
        self.log.append((self.story, "account", account.number, night))
        return account

    def used(
        self,
        account: Account | None,
        supply: Supply | None,
        qty: int = 1,
        *,
        night: int = 1,
        on: int | None = None,
        dept: str = "OR",
        uom: str = "EA",
        lot: str | None = "",
        serial: str | None = None,
        udi: str | None = None,
        expiry: int | None = None,
        disposition: str | None = None,
        mode: str = "STOCK",
        location: str | None = None,
        po: str | None = None,
        case: str | None = None,
    ) -> str:
        """A department documents use; what is traced by lot has one unless ``lot`` is None.

        Returns:
            The record's number.
        """
        usage_id = self.number("U5", 60_200)
        if lot == "":
            lot = self.number("L4", 3_100) if supply and supply.lots else None
        self.use.append(
            {
                "night": night,
                "facility": account.facility if account else "NGH",
                "dept": dept,
                "usage_no": usage_id,
                "account": account.number if account else None,
                "mrn": account.mrn if account else None,
                "visit": account.visit if account else None,
                "case": case,
                "used_on": self.day(night if on is None else on),
                "location": location,
                "item_no": supply.id if supply else None,
                "lot": lot,
                "serial": serial,
                "udi": udi,
                "expiry": None if expiry is None else self.day(expiry),
                "qty": qty,
                "unit": uom,
                "disposition": disposition
                or ("IMPLANTED" if supply and supply.implant else "USED"),
                "mode": mode,
                "po_number": po,
                "unit_cost": supply.cost if supply else None,
            }
        )
        self.log.append((self.story, "use", usage_id, night))
        return usage_id

    def charged(
        self,
        account: Account | None,
        code: str,
        qty: int = 1,
        *,
        night: int = 1,
        on: int | None = None,
        posted: int | None = None,
        unit: Cents | None = None,
        ext: Cents | None = None,
        item: Supply | None = None,
        lot: str | None = None,
        serial: str | None = None,
        dept: str = "OR",
        location: str | None = None,
        revenue: str | None = None,
        hcpcs: str | None = None,
        kind: str = "CG",
        order: str | None = None,
        reverses: str | None = None,
        txn: str | None = None,
        message: str | None = None,
    ) -> str:
        """A charge or credit is posted; amounts are the charge master's unless they are given.

        Returns:
            The charge's number.
        """
        txn_id = txn or self.number("T9", 80_500)
        master = CODE.get(code)
        each = unit if unit is not None else master.price if master else 0
        self.charge.append(
            {
                "night": night,
                "facility": account.facility if account else "NGH",
                "txn": txn_id,
                "message": message or f"{txn_id}-1",
                "account": account.number if account else None,
                "mrn": account.mrn if account else None,
                "service_on": self.day(night if on is None else on),
                "posted_on": self.day(night if posted is None else posted),
                "type": kind,
                "code": code,
                "qty": qty,
                "unit_amount": each,
                "amount": ext if ext is not None else each * qty,
                "dept": dept,
                "location": location,
                "revenue": revenue or (master.revenue if master else None),
                "hcpcs": hcpcs if hcpcs is not None else (master.hcpcs if master else ""),
                "item_no": item.id if item else None,
                "lot": lot,
                "serial": serial,
                "usage_no": order,
                "reverses": reverses,
            }
        )
        self.log.append((self.story, "charge", txn_id, night))
        return txn_id

    def care(
        self, account: Account, supply: Supply, qty: int = 1, *, on: int = -1
    ) -> tuple[str, str]:
        """Used and charged as it should be, all on one day before the first night."""
        usage = self.used(account, supply, qty, on=on)
        units = qty * supply.per_each[0] // supply.per_each[1]
        unit = price(supply)
        return usage, self.charged(account, supply.code, units, on=on, posted=on, unit=unit)

    def merge(self, old: Account, kept: Account, *, night: int) -> None:
        """One account takes the place of another."""
        (row,) = [r for r in self.account if r["account"] == old.number]
        self.account.append({**row, "night": night, "merged_into": kept.number})
        self.log.append((self.story, "merge", old.number, night))

    def moved(
        self, facility: str, location: str, supply: Supply, qty: int, usage: str | None = None
    ) -> None:
        """A movement of stock on the first night: positive onto the shelf."""
        number = self.number("G1", 1_100)
        self.movement.append(
            {
                "night": 1,
                "facility": facility,
                "movement": number,
                "location": location,
                "item_no": supply.id,
                "moved_on": self.day(1),
                "type": "ISSUE",
                "qty": qty,
                "usage_no": usage,
            }
        )
        self.log.append((self.story, "movement", number, 1))

    def counted(
        self,
        facility: str,
        location: str,
        supply: Supply,
        on_hand: int,
        *,
        reorder: int | None = None,
        most: int | None = None,
        pack: int | None = None,
    ) -> None:
        """A shelf is counted on the first night; with ``reorder`` it has a par level."""
        place = {"facility": facility, "location": location, "item_no": supply.id}
        self.count.append({"night": 1, **place, "counted_on": self.day(1), "on_hand": on_hand})
        if reorder is not None:
            self.reorder.append(
                {"night": 1, **place, "reorder_point": reorder, "up_to": most, "pack": pack}
            )

    def recalled(self, supply: Supply, lot: str, *, since: int) -> None:
        """A maker recalls a lot."""
        self.recall.append(
            {
                "night": 1,
                "recall": self.number("RC", 210),
                "line": 1,
                "recalled_on": self.day(since),
                "item_no": supply.id,
                "lot_from": lot,
                "lot_to": lot,
            }
        )

    def credited_device(self, account: Account, supply: Supply, amount: Cents) -> None:
        """A maker pays back part of a device."""
        self.credit.append(
            {
                "night": 1,
                "credit": self.number("MC", 310),
                "facility": account.facility,
                "account": account.number,
                "item_no": supply.id,
                "type": "WARRANTY",
                "cost": supply.cost,
                "amount": amount,
                "received_on": self.day(1),
            }
        )

    def ordered(self, supply: Supply, qty: int, cost: Cents, case: str) -> str:
        """A bill-only order of the ERP."""
        number = self.number("45009", 10_000)
        self.order.append(
            {
                "night": 1,
                "facility": "NGH",
                "po_number": number,
                "ordered_on": self.day(1),
                "item_no": supply.id,
                "qty": qty,
                "unit_price": cost,
                "case": case,
            }
        )
        return number

    def claimed(
        self,
        account: Account,
        lines: Sequence[ClaimLine],
        *,
        sent: int = 1,
        night: int = 1,
        value_codes: str = "",
        condition_codes: str = "",
    ) -> int:
        """A claim is sent: lines of revenue code, HCPCS, units and charge.

        Returns:
            Which claim it is, from 0.
        """
        codes = value_codes.split(), condition_codes.split()
        self.claim.append(Claim(night, account, self.day(sent), tuple(lines), *codes))
        self.log.append((self.story, "claim", account.number, night))
        return len(self.claim) - 1

    def remitted(
        self,
        account: Account,
        claim: int,
        *,
        night: int,
        lines: Sequence[Answer],
    ) -> None:
        """A payer answers: per line its charge, what is not paid of it and why, and remarks."""
        self.remit.append(Remit(night, account, self.claim[claim], tuple(lines)))
        self.log.append((self.story, "remittance", account.number, night))

    def reported(
        self, account: Account, category: str, status: str, amount: Cents, *, night: int
    ) -> None:
        """The clearing house says what became of a claim."""
        self.report.append(Report(night, account, category, status, amount))
        self.log.append((self.story, "claim status", account.number, night))
