"""X12 as tests write it: an interchange around transaction sets, and its controls as numbers."""

from decimal import Decimal

from recon.parse.x12 import X12

ISA = (
    "ISA*00*          *00*          *ZZ*SENDER         *ZZ*HOSPITAL       "
    "*260402*0102*U*00401*000000007*0*P*>"
)


def interchange(*sets: tuple[str, list[str]]) -> bytes:
    """An interchange of one group; ST and SE of each set are written here."""
    segments = [ISA, "GS*XX*S*H*20260402*0102*70*X*004010"]
    for number, (code, body) in enumerate(sets, start=1):
        segments += [f"ST*{code}*{number:04}", *body, f"SE*{len(body) + 2}*{number:04}"]
    segments += [f"GE*{len(sets)}*70", "IEA*1*000000007"]
    return ("~\n".join(segments) + "~\n").encode()


def controls(x12: X12, name: str) -> list[tuple[Decimal, Decimal, bool]]:
    """Declared, found and verdict of every check of that name."""
    rows = x12.controls.filter(x12.controls["control"] == name)
    return [
        (Decimal(declared), Decimal(found), agrees)
        for declared, found, agrees in rows.select("declared", "found", "agrees").rows()
    ]
