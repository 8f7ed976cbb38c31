"""What a file is that a reader of messages finds nothing in, and what to do about it.

What belongs here: the kinds of files that land in the wrong place. What does not: reading them.
"""

import re

CUT_X12 = "it begins like X12, perhaps cut short"
BARE_X12 = "it is X12 without its envelope: ask for the interchange as it was sent, from ISA to IEA"
CUT_HL7 = "it begins like HL7 v2, perhaps cut short"

# The same, to a reader of the other kind of messages.
_OTHER = {
    CUT_X12: "it begins like X12: that is for `recon x12`, or a feed of `kind: x12`",
    CUT_HL7: "it begins like HL7 v2: that is for `recon hl7`, or a feed of `kind: hl7`",
}

# The head's first bytes, and what they say of the file; the first that fits counts.
_KINDS: list[tuple[bytes, str]] = [
    (rb"\Z", "it is empty: have it sent again"),
    (rb"[\s\0]+\Z", "it begins with nothing but blanks or zero bytes: have it sent again"),
    (rb"\x1f\x8b", "it is compressed (gzip): unpack it first"),
    (rb"PK\x03\x04", "it is a zip archive or a workbook: unpack it, or read it as a spreadsheet"),
    (rb"\s*-----BEGIN PGP MESSAGE", "it is encrypted (PGP): decrypt it first"),
    (rb"%PDF", "it is a PDF: ask for the data it was printed from"),
    (rb"\xff\xfe|\xfe\xff", "it is UTF-16 text: save it as UTF-8"),
    (rb"\x00*[ -~]\x00[ -~]\x00|\x00[ -~]\x00[ -~]", "it is UTF-16 text: save it as UTF-8"),
    (rb"\xc9\xe2\xc1|\xd4\xe2\xc8", "it is EBCDIC: have it transferred as text, not as binary"),
    (rb"[\s\x0b]*ISA[^A-Za-z0-9\s]", CUT_X12),
    (rb"[\s\x0b]*(?:MSH|FHS|BHS)[^A-Za-z0-9\s]", CUT_HL7),
    (
        rb"\s*(?:GS([^A-Za-z0-9\s])[A-Z]{2}|ST([^A-Za-z0-9\s])\d{3}(?![A-Za-z0-9]))",
        BARE_X12,
    ),
    (rb"\s*(?:UNA.{6}|UNB\+)", "it is EDIFACT, which is not read"),
    (rb"\s*STX=", "it is TRADACOMS, which is not read"),
    (rb"\s*DXS[^A-Za-z0-9\s]", "it is a DEX file of direct store delivery, which is not read"),
    (
        rb"\s*(?:isa[^A-Za-z0-9\s]|msh[^A-Za-z0-9\s])",
        "it is in small letters: X12 and HL7 v2 write the names of segments in capitals",
    ),
    (rb"\s*[{\[]", "it looks like JSON"),
    (rb"\s*<", "it looks like XML or a web page"),
]
HEAD = 64  # bytes that are enough to tell
_BOM = b"\xef\xbb\xbf"


def looks_like(head: bytes, own: str) -> str:
    """What a file that begins so seems to be, as the end of a sentence.

    Args:
        head: its first bytes.
        own: what is said to this reader of the rest of a file of its own kind.
    """
    text = head.removeprefix(_BOM)
    found = (said for kind, said in _KINDS if re.match(kind, text))
    said = next(found, "check that this is the file that was meant")
    return said if said == own else _OTHER.get(said, said)
