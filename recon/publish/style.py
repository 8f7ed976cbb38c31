"""How a workbook looks: fonts, fills and number formats, once.

What belongs here: looks. What does not: what is in a cell (``columns.py``, ``summary.py``).
"""

from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.styles.differential import DifferentialStyle

from recon.publish.columns import Kind

FACE = "Calibri"
INK = "1F2A37"
NAVY = "1F3A5F"
GREY = "6B7280"
RULE = "D1D5DB"

MONEY = '_(* #,##0.00_);_(* (#,##0.00);_(* "-"??_);_(@_)'
FORMATS: dict[Kind, str] = {
    "id": "@",
    "text": "@",
    "prose": "General",
    "entry": "General",
    "due": "yyyy-mm-dd",
    "date": "yyyy-mm-dd",
    "money": MONEY,
    "quantity": "#,##0.######",
    "price": "#,##0.00####",
    "percent": '#,##0.00"%"',
    "count": "#,##0",
}

BODY = Font(name=FACE, size=10, color=INK)
BOLD = Font(name=FACE, size=10, color=INK, bold=True)
LINK = Font(name=FACE, size=10, color="1D4ED8", underline="single")
QUIET = Font(name=FACE, size=9, color=GREY, italic=True)
TITLE = Font(name=FACE, size=18, color=NAVY, bold=True)
SECTION = Font(name=FACE, size=12, color=NAVY, bold=True)
HEADER = Font(name=FACE, size=10, color="FFFFFF", bold=True)

HEADER_FILL = PatternFill("solid", fgColor=NAVY)
ENTRY_HEADER_FILL = PatternFill("solid", fgColor="8A6100")
ENTRY_FILL = PatternFill("solid", fgColor="FFF8E1")
GREEN_FILL = PatternFill("solid", fgColor="D1FAE5")
RED_FILL = PatternFill("solid", fgColor="FEE2E2")
GREEN_WORD = Font(name=FACE, size=10, color="065F46", bold=True)
RED_WORD = Font(name=FACE, size=10, color="991B1B", bold=True)

# Colour of a cell by the word in it: the word says it, the colour makes it quick.
HOLD_LOOK = DifferentialStyle(
    font=Font(color="991B1B", bold=True), fill=PatternFill(bgColor="FEE2E2")
)
WARN_LOOK = DifferentialStyle(
    font=Font(color="92400E", bold=True), fill=PatternFill(bgColor="FEF3C7")
)
GOOD_LOOK = DifferentialStyle(
    font=Font(color="065F46", bold=True), fill=PatternFill(bgColor="D1FAE5")
)

THIN = Side(style="thin", color=RULE)
UNDERLINE = Border(bottom=THIN)
TOTAL_LINE = Border(top=Side(style="thin", color=INK), bottom=Side(style="double", color=INK))

RIGHT: tuple[Kind, ...] = ("money", "quantity", "price", "percent", "count")
UNLOCKED = Protection(locked=False)


NUMBERS = Alignment(horizontal="right", vertical="top")
TEXTS = Alignment(horizontal="left", vertical="top", indent=1, wrap_text=False)
PROSE = Alignment(horizontal="left", vertical="top", indent=1, wrap_text=True)
HEAD_RIGHT = Alignment(horizontal="right", vertical="center", indent=0, wrap_text=True)
HEAD_LEFT = Alignment(horizontal="left", vertical="center", indent=1, wrap_text=True)


def alignment(kind: Kind) -> Alignment:
    """Numbers to the right, text a little off the number before it, prose wrapped."""
    if kind in RIGHT:
        return NUMBERS
    return PROSE if kind in ("prose", "entry") else TEXTS
