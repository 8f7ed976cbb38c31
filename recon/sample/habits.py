"""How each trading partner writes its X12: separators, numbers, units, which sets it sends.

The habits are those that real partners have; the partners are invented.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Habit:
    """How one trading partner writes its X12 810.

    Attributes:
        sender: interchange sender id (ISA06).
        element, component, terminator: its separators; the terminator with what follows it.
        lines: ``echo`` repeats the order's line number in IT101, ``own`` counts its own, ``none``
            leaves it empty.
        ids: which number says what was sold: ``VN`` and ``VC`` its catalogue number, ``UK`` the
            GTIN alone, ``IN`` our item number beside the catalogue number.
        punctuated: its catalogue numbers are printed with dots, dashes and leading zeros.
        ship_to: qualifier of the hospital's id (92 ours, UL GLN, 21 HIN).
        units: our unit -> what it calls it.
        negative_credits: a credit has negative quantities and a negative total; else only BIG07
            tells that it is one.
        type_code: BIG07 of an ordinary invoice; empty where it sends none.
        explicit_point: TDS01 and SAC05 carry a decimal point, which the standard does not ask for.
        last_terminator: the last segment of its file is terminated.
        mailbox: comes in the network's shared mailbox file, else in a file of its own.
        direct: has a feed of its own.
        group_size: transactions in one functional group.
        slips: cites the packing slip on each line.
        sends: transaction sets that it sends beside the 810.
        packs: its 856 names the pack of each item (SSCC), and CTT counts levels; else items.
        multipack: its 832 lists units as PKL, else as SLN.
    """

    sender: str
    element: str = "*"
    component: str = ">"
    terminator: str = "~"
    lines: str = "echo"
    ids: str = "VN"
    punctuated: bool = False
    ship_to: str = "92"
    units: dict[str, str] = field(default_factory=dict)
    negative_credits: bool = True
    type_code: str = ""
    explicit_point: bool = False
    last_terminator: bool = True
    mailbox: bool = True
    direct: bool = False
    group_size: int = 500
    slips: bool = False
    sends: tuple[str, ...] = ()
    packs: bool = False
    multipack: bool = False


HABITS = (
    Habit("ALDERFINCH", terminator="~\r\n", ship_to="UL", type_code="DI", sends=("855",)),
    Habit(
        "BRIARMED",
        "|",
        "<",
        "~\n",
        lines="none",
        punctuated=True,
        negative_credits=False,
        sends=("832",),
    ),
    Habit(
        "COPPERLEAF", units={"CA": "CS"}, ids="VC", group_size=20, sends=("855", "856"), packs=True
    ),
    Habit(
        "DUNWICKLAB",
        "*",
        ":",
        "\n",
        lines="own",
        ship_to="21",
        mailbox=False,
        sends=("832",),
        multipack=True,
    ),
    Habit(
        "ELMGATE",
        "^",
        ">",
        "'\n",
        lines="none",
        ids="UK",
        negative_credits=False,
        sends=("832",),
    ),
    Habit("FALLOWSURG", "*", ">", "~", ids="IN", last_terminator=False, mailbox=False, slips=True),
    Habit(
        "GREYLOCK",
        "|",
        ">",
        "\r\n",
        units={"BX": "CT", "CA": "CS"},
        explicit_point=True,
        type_code="PR",
        sends=("855",),
    ),
    Habit(
        "HOLMEDIRECT",
        "*",
        ":",
        "~\n",
        ship_to="UL",
        direct=True,
        mailbox=False,
        group_size=50,
        sends=("856",),
    ),
)

# Somebody whose interchange arrives although no rule table knows the sender.
STRANGER = Habit("NEWCOMER")
