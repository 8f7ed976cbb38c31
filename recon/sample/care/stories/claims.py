"""Stories of claims and what payers answer (DN), and of devices that claims need (SD01, SD02)."""

from recon.sample.care.catalogue import PACEMAKER, SCREW, STENT, price
from recon.sample.care.chart import Chart


def device_not_on_the_claim(c: Chart) -> None:
    """A pacemaker is implanted, neither charged nor claimed, and the claim will be refused."""
    a = c.patient("LSC", "O", 0, 0)
    c.used(a, PACEMAKER, on=0, serial=c.number("SN6", 10_700))
    c.claimed(a, [("0360", "33208", 1, 450_000)])
    c.find("SC01", a, 1, price(PACEMAKER))
    c.find("SD01", a, None, 0, at_risk=450_000)


def procedure_not_on_the_claim(c: Chart) -> None:
    """The device is claimed without the procedure that puts it in."""
    a = c.patient("LSC", "O", 0, 0)
    serial = c.number("SN6", 10_700)
    usage = c.used(a, PACEMAKER, on=0, serial=serial)
    c.charged(a, PACEMAKER.code, on=0, posted=0, serial=serial, order=usage)
    c.claimed(a, [("0275", "C1785", 1, price(PACEMAKER))])
    c.find("SD02", a, None, 0, at_risk=price(PACEMAKER))


def denied(c: Chart) -> None:
    """Twenty-eight screws were charged and sixteen used: the payer denies the rest, and more."""
    a = c.patient("EMC", "I", -12, -8)
    c.used(a, SCREW, 16, on=-10)
    c.charged(a, SCREW.code, 28, on=-10, posted=-10)
    c.find("SC04", a, 12, -12 * price(SCREW))
    screws, stent = 28 * price(SCREW), price(STENT)
    c.care(a, STENT, on=-10)
    claim = c.claimed(
        a, [("0278", "C1713", 28, screws), ("0278", "C1874", 1, stent)], sent=-6, night=1
    )
    c.remitted(
        a,
        claim,
        night=2,
        lines=[
            (1, screws, [("CO", "151", 12 * price(SCREW)), ("CO", "45", 90_000)], []),
            (2, stent, [("CO", "16", stent)], ["M23"]),
        ],
    )
    c.find("DN03", a, None, 12 * price(SCREW), first=2)
    c.find("DN01", a, None, stent, first=2)


def denied_otherwise(c: Chart) -> None:
    """Bundled, a duplicate, too late: one claim each; the patient's share is no denial."""
    for code, carc in (("DN02", "97"), ("DN04", "18"), ("DN07", "29")):
        a = c.patient("EMC", "I", -12, -8)
        c.care(a, STENT, on=-10)
        claim = c.claimed(a, [("0278", "C1874", 1, price(STENT))], sent=-6)
        answer = [("CO", carc, price(STENT) - 10_000), ("PR", "3", 10_000)]
        c.remitted(a, claim, night=2, lines=[(1, price(STENT), answer, [])])
        c.find(code, a, None, price(STENT) - 10_000, first=2)


def refused_at_the_door(c: Chart) -> None:
    """The clearing house refuses one claim and takes the other."""
    for category, status in (("A3", "460"), ("A1", "20")):
        a = c.patient("LSC", "O", 0, 0)
        c.care(a, STENT, on=0)
        c.claimed(a, [("0278", "C1874", 1, price(STENT))])
        c.reported(a, category, status, price(STENT), night=2)
        if category == "A3":
            c.find("DN05", a, None, price(STENT), first=2)


STORIES = (
    *(device_not_on_the_claim, procedure_not_on_the_claim),
    *(denied, denied_otherwise, refused_at_the_door),
)
