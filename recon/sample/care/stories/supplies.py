"""Stories of use against charge (SC): lost, too much, the wrong code, the wrong account."""

from recon.sample.care.catalogue import (
    BALLOON,
    BARE_STENT,
    CLOSURE,
    GLOVES,
    LENS,
    MATRIX,
    PACEMAKER,
    SCREW,
    SPONGE,
    STENT,
    SUTURE,
    WIRE,
    price,
)
from recon.sample.care.chart import Chart


def charged_as_used(c: Chart) -> None:
    """Nothing to find: every item as it should be, on ordinary stays."""
    for facility in ("NGH", "NGH", "EMC", "SRH", "LSC"):
        inpatient = facility != "LSC"
        a = c.patient(facility, "I" if inpatient else "O", discharged=0 if inpatient else -1)
        for supply, qty in ((STENT, 1), (BALLOON, 2), (SCREW, 4), (SUTURE, 3), (WIRE, 1)):
            c.care(a, supply, qty)
        usage = c.used(a, PACEMAKER, on=-1, serial=(serial := c.number("SN6", 10_700)))
        c.charged(a, PACEMAKER.code, on=-1, posted=-1, serial=serial, order=usage)


def not_charged(c: Chart) -> None:
    """A stent is implanted and never charged; a balloon is, on the third night and not before."""
    a = c.patient()
    c.used(a, STENT)
    c.find("SC01", a, 1, price(STENT))
    stays = c.patient(discharged=None)
    c.used(stays, BALLOON, dept="CATH")
    c.find("SC01", stays, 1, price(BALLOON), until=2)
    c.charged(stays, BALLOON.code, night=2, on=1, dept="CATH")


def charged_then_taken_back(c: Chart) -> None:
    """The charge that closed a finding is credited: the finding opens again."""
    a = c.patient(discharged=None)
    c.used(a, SCREW, 2)
    c.find("SC01", a, 2, 2 * price(SCREW), until=2)
    txn = c.charged(a, SCREW.code, 2, night=2, on=1)
    c.charged(a, SCREW.code, 2, night=4, on=1, posted=4, kind="CD", reverses=txn)
    c.find("SC01", a, 2, 2 * price(SCREW), first=4)


def not_used(c: Chart) -> None:
    """A charge that no record of use supports; the record comes three nights later for another."""
    a = c.patient()
    c.charged(a, BALLOON.code)
    c.find("SC02", a, 1, -price(BALLOON))
    late = c.patient(discharged=None)
    c.charged(late, WIRE.code, dept="CATH")
    c.find("SC02", late, 1, -price(WIRE), until=4)
    c.used(late, WIRE, night=4, on=1, dept="CATH")


def too_few(c: Chart) -> None:
    """Six screws are used and four charged: six fours is no pack."""
    a = c.patient()
    c.used(a, SCREW, 6)
    c.charged(a, SCREW.code, 4)
    c.find("SC03", a, 2, 2 * price(SCREW))


def too_many(c: Chart) -> None:
    """Sixteen screws are documented and twenty-eight charged."""
    a = c.patient("EMC")
    c.used(a, SCREW, 16)
    c.charged(a, SCREW.code, 28)
    c.find("SC04", a, 12, -12 * price(SCREW))


def box_charged_as_one(c: Chart) -> None:
    """A box of ten is charged as one, on every account: one factor, many lines."""
    for night in (1, 1, 1, 2, 3):
        a = c.patient(discharged=None, night=night)
        c.used(a, SCREW, 1, night=night, uom="BX")
        c.charged(a, SCREW.code, 1, night=night)
        c.find("SC05", a, 9, 9 * price(SCREW), first=night)


def one_charged_as_box(c: Chart) -> None:
    """One suture is charged as the box of 36."""
    a = c.patient("EMC")
    c.used(a, SUTURE)
    c.charged(a, SUTURE.code, 36)
    c.find("SC05", a, 35, -35 * price(SUTURE))


def charged_per_piece(c: Chart) -> None:
    """The matrix is priced per half a square centimetre: 18 of them are right, one is not."""
    right, wrong = c.patient(), c.patient()
    c.care(right, MATRIX, on=0)
    c.used(wrong, MATRIX)
    c.charged(wrong, MATRIX.code, 1)
    c.find("SC05", wrong, 17, 17 * price(MATRIX))


def wrong_code(c: Chart) -> None:
    """The cheaper stent's code is charged: proven by the lot, or suggested by the circumstances."""
    difference = price(STENT) - price(BARE_STENT)
    proven, suggested = c.patient(), c.patient()
    lot = c.number("L4", 3_100)
    c.used(proven, STENT, lot=lot)
    c.charged(proven, BARE_STENT.code, item=STENT, lot=lot)
    c.find("SC06", proven, 1, difference)
    c.used(suggested, STENT, dept="CATH")
    c.charged(suggested, BARE_STENT.code, dept="CATH")
    c.find("SC06", suggested, 1, difference)


def wrong_account(c: Chart) -> None:
    """What was used on one stay is charged on another visit of the same patient."""
    stay = c.patient()
    visit = c.patient("NGH", "O", 1, 1, mrn=stay.mrn)
    c.used(stay, BALLOON, dept="CATH")
    c.charged(visit, BALLOON.code, dept="CATH")
    c.find("SC07", stay, 1, 0, at_risk=price(BALLOON))


def merged(c: Chart) -> None:
    """Two records of one patient become one on the third night: until then both sides are alone."""
    kept = c.patient("EMC", discharged=None)
    old = c.patient("EMC", discharged=None)
    c.used(kept, LENS)
    c.charged(old, LENS.code)
    c.find("SC01", kept, 1, price(LENS), until=3)
    c.find("SC02", old, 1, -price(LENS), until=3)
    c.merge(old, kept, night=3)


def charged_twice(c: Chart) -> None:
    """Two transactions charge the one balloon; two balloons charged twice are right."""
    a = c.patient()
    c.used(a, BALLOON)
    c.charged(a, BALLOON.code)
    c.charged(a, BALLOON.code)
    c.find("SC08", a, 1, -price(BALLOON))
    right = c.patient()
    for _ in range(2):
        c.care(right, BALLOON, on=0)


def credited(c: Chart) -> None:
    """A charge is taken back although the item was used; a credit comes without any charge."""
    a = c.patient()
    c.used(a, BALLOON)
    txn = c.charged(a, BALLOON.code)
    c.charged(a, BALLOON.code, kind="CD", reverses=txn)
    c.find("SC01", a, 1, price(BALLOON))
    alone = c.patient("EMC")
    c.charged(alone, SUTURE.code, 2, kind="CD")
    c.find("SC13", alone, 2, -2 * price(SUTURE))


def opened_not_used(c: Chart) -> None:
    """A stent of the wrong size never touched the patient and is charged; one that did may be."""
    a = c.patient()
    lot = c.number("L4", 3_100)
    c.used(a, STENT, lot=lot)
    c.used(a, STENT, disposition="WASTED_NOCONTACT")
    c.charged(a, STENT.code, item=STENT, lot=lot)
    c.charged(a, STENT.code)
    c.find("SC11", a, 1, -price(STENT))
    touched = c.patient()
    c.used(touched, STENT, on=0, disposition="WASTED_CONTACT")
    c.charged(touched, STENT.code, on=0, posted=0)


def routine(c: Chart) -> None:
    """Gloves are part of the room; sponges below the threshold are not charged either."""
    a = c.patient()
    c.used(a, GLOVES, uom="BX")
    c.charged(a, GLOVES.code)
    c.find("SC10", a, 1, -price(GLOVES))
    silent = c.patient()
    c.used(silent, GLOVES, 4)
    c.used(silent, SPONGE, 2, uom="PK")


def unmapped(c: Chart) -> None:
    """An item without a row in the map is used: what it may be worth follows from its cost."""
    a = c.patient()
    c.used(a, CLOSURE, 2, dept="CATH")
    c.find("SC09", a, 2, 2 * price(CLOSURE))


STORIES = (
    *(charged_as_used, not_charged, charged_then_taken_back, not_used, too_few, too_many),
    *(box_charged_as_one, one_charged_as_box, charged_per_piece, wrong_code, wrong_account),
    *(merged, charged_twice, credited, opened_not_used, routine, unmapped),
)
