"""Stories of devices in patients (SD): identified, in date, not recalled, used once."""

from recon.sample.care.catalogue import BARE_STENT, PACEMAKER, SCREW, STENT, price
from recon.sample.care.chart import Chart

RECALLED_LOT = "LR7731"


def unidentified(c: Chart) -> None:
    """A stent is implanted and neither UDI nor lot nor serial number is written down."""
    a = c.patient()
    c.used(a, STENT, lot=None)
    c.charged(a, STENT.code)
    c.find("SD05", a, None, 0)


def expired(c: Chart) -> None:
    """A stent is implanted a month after its last day; another on its last day."""
    a, in_time = c.patient(), c.patient()
    c.used(a, BARE_STENT, expiry=-30)
    c.charged(a, BARE_STENT.code)
    c.find("SD07", a, None, 0)
    c.used(in_time, BARE_STENT, on=0, expiry=0)
    c.charged(in_time, BARE_STENT.code, on=0, posted=0)


def recalled(c: Chart) -> None:
    """A lot that was recalled in February is implanted; the recall of another comes afterwards."""
    a = c.patient("EMC")
    c.recalled(STENT, RECALLED_LOT, since=-20)
    c.used(a, STENT, lot=RECALLED_LOT)
    c.charged(a, STENT.code, item=STENT, lot=RECALLED_LOT)
    c.find("SD08", a, None, 0)


def implanted_twice(c: Chart) -> None:
    """One pacemaker, two patients: one of the serial numbers is wrong."""
    serial = c.number("SN6", 10_700)
    for night in (1, 2):
        a = c.patient(discharged=None, night=night)
        usage = c.used(a, PACEMAKER, night=night, serial=serial)
        c.charged(a, PACEMAKER.code, night=night, serial=serial, order=usage)
        if night == 2:
            c.find("SD09", a, None, 0, first=2)


def taken_out(c: Chart) -> None:
    """Screws are taken out: was there a warranty, was it a recall?"""
    a = c.patient()
    c.used(a, SCREW, 2, disposition="EXPLANTED")
    c.find("SD04", a, None, 0)


def credited_by_the_maker(c: Chart) -> None:
    """The maker pays back 60 % of a pacemaker and the claim does not say so; of another it does."""
    silent, told = c.patient("LSC", "O", 0, 0), c.patient("LSC", "O", 0, 0)
    for a, values, conditions in ((silent, "", ""), (told, "FD", "50")):
        serial = c.number("SN6", 10_700)
        usage = c.used(a, PACEMAKER, on=0, serial=serial)
        c.charged(a, PACEMAKER.code, on=0, posted=0, serial=serial, order=usage)
        c.credited_device(a, PACEMAKER, 546_000)
        c.claimed(
            a,
            [("0360", "33208", 1, 450_000), ("0275", "C1785", 1, price(PACEMAKER))],
            value_codes=values,
            condition_codes=conditions,
        )
    c.find("SD03", silent, None, -546_000, at_risk=450_000 + price(PACEMAKER))


STORIES = (unidentified, expired, recalled, implanted_twice, taken_out, credited_by_the_maker)
