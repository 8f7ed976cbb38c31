"""Stories of records that cannot be used as they are (DQ)."""

from recon.sample.care.catalogue import BALLOON, SCREW, SUTURE, price
from recon.sample.care.chart import Chart


def nobody(c: Chart) -> None:
    """A charge names no account."""
    c.charged(None, SUTURE.code)
    c.find("DQ01", None, None, 0)


def sent_again(c: Chart) -> None:
    """One charge in two messages: with the same content, and with another quantity."""
    same, other = c.patient(discharged=None), c.patient(discharged=None)
    c.used(same, BALLOON)
    txn = c.charged(same, BALLOON.code)
    c.charged(same, BALLOON.code, txn=txn, message=f"{txn}-2", night=2, on=1, posted=1)
    c.used(other, BALLOON, 2)
    txn = c.charged(other, BALLOON.code, 1)
    c.find("SC03", other, 1, price(BALLOON), until=2)
    c.charged(other, BALLOON.code, 2, txn=txn, message=f"{txn}-2", night=2, on=1, posted=2)
    c.find("DQ04", other, None, 0, first=2)


def unknown_type(c: Chart) -> None:
    """A charge of a type that nobody declared; a payment is none of ours."""
    a = c.patient("EMC")
    c.charged(a, SUTURE.code, kind="ZZ")
    c.find("DQ05", a, None, 0)
    c.charged(a, SUTURE.code, kind="PY")


def unknown_unit(c: Chart) -> None:
    """Screws by the tray: nobody said how many a tray holds."""
    a = c.patient()
    c.used(a, SCREW, 1, uom="TY")
    c.find("DQ06", a, None, 0)


def taken_back(c: Chart) -> None:
    """Two balloons are put back of one that was used: whose the other was, nobody said."""
    a = c.patient()
    c.used(a, BALLOON)
    c.used(a, BALLOON, -2)
    c.find("DQ07", a, 1, 0)


def new_interface(c: Chart) -> None:
    """A radiology interface goes live and its charges have every field one place early."""
    a = c.patient("EMC")
    for _ in range(2):
        c.charged(a, SUTURE.code, dept="RAD")
    c.find("DQ03", None, 2, 0, facility=None)


STORIES = (new_interface, nobody, sent_again, unknown_type, unknown_unit)
