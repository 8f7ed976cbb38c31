"""The file that is read: DFT^P03 of many patients, no two messages alike.

    python messages.py FILE MESSAGES SEED

Half of the messages are as small as an interface's own (two FT1), a tenth hold a long stay (forty).
"""

import sys
from pathlib import Path

from recon.sample.chance import Chance

CODES = [f"C{n}" for n in range(100, 900)]


def message(chance: Chance, n: int) -> str:
    """One message, CR after each segment."""
    day = f"202603{chance.one(1, 28):02d}"
    hour = f"{chance.one(0, 23):02d}{chance.one(0, 59):02d}00"
    lines = [
        f"MSH|^~\\&|OR{n % 7}|NGH|FIN|NGH|{day}{hour}-0500||DFT^P03^DFT_P03|D{n}|P|2.7",
        f"EVN|P03|{day}{hour}",
        (
            f"PID|1||{chance.one(10**6, 10**7)}^^^NGH^MR||Doe{n}^Jane||19{n % 80 + 10}0101|F|||"
            f"{n} Elm St^^Dayton^OH^45402|||||||{chance.one(10**7, 10**8)}^^^NGH"
        ),
        f"PV1|1|{chance.pick('IOE')}|OR^{n % 30}^1||||1234^Jones^Robert|||SUR|||||||||{n}V",
    ]
    for place in range(chance.pick([2, 2, 2, 2, 2, 5, 5, 5, 10, 40])):
        quantity, cents = chance.one(1, 9), chance.one(100, 900_000)
        total, one = quantity * cents, cents
        lines.append(
            f"FT1|{place + 1}|T{n}-{place}||{day}{hour}|{day}|{chance.pick(['CG', 'CG', 'CD'])}|"
            f"{chance.pick(CODES)}^Item {place} of the case^NGH|||{quantity}|"
            f"{total // 100}.{total % 100:02d}&USD|{one // 100}.{one % 100:02d}&USD|OR{n % 30}"
        )
        if chance.one(1, 5) == 1:
            lines.append(f"PRT|{place + 1}|||||||||||||||00643169001763|||L{n}|S{n}-{place}")
    return "".join(f"{line}\r" for line in lines)


def main() -> None:
    """Write the file."""
    chance = Chance(int(sys.argv[3]), "hl7")
    with Path(sys.argv[1]).open("w", encoding="ascii", newline="") as file:
        file.writelines(message(chance, n) for n in range(int(sys.argv[2])))


if __name__ == "__main__":
    main()
