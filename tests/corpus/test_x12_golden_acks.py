"""The acknowledgements that pyx12 expects of its own test files, and those we give.

Compared is what they say: every verdict, and the place and code of every error. What is not:
delimiters, dates and control numbers of their own, how many sets share a group, the counts of AK9
(pyx12 counts no set that has no SE), the element's number in the dictionary (AK402) and the copy
of its value (AK404), which is never sent back for claims.
"""

from collections import Counter
from pathlib import Path

import pytest

from recon.parse.x12 import read_x12
from recon.parse.x12.acks import acknowledge

CORPUS = Path(__file__).resolve().parents[2] / ".." / "shared" / "corpus" / "x12"
GOLDEN = {
    path.name.removeprefix("azoner_pyx12__").removesuffix(".expected_ack.edi"): path
    for path in sorted(CORPUS.glob("99[79]/azoner_pyx12__*.expected_ack.edi"))
}

pytestmark = pytest.mark.skipif(
    not CORPUS.exists(), reason="the corpus of third-party X12 files is not here"
)

# Why we say something else, and what: pyx12 alone says what "-" begins, we alone what "+" does.
# Groups and their transaction sets are counted from 1: "2/1" is the first set of the second group.
DIFFERENT: dict[str, dict[str, list[str]]] = {
    # --- the verdict is another
    "ele": {
        "blanks after a value are not part of it: ST02 and SE02 agree": [
            "- 1/1 AK5 R 3 7",
            "+ 1/1 AK5 A",
            "- 1 AK9 R 1",
            "+ 1 AK9 A",
        ],
        "nothing depends on ISA10, and that no clock shows 33:39 is no reason to refuse": [
            "- TA1 R 015",
            "+ TA1 A 000",
        ],
    },
    "834_eol_in_element": {
        "a line break in a segment is taken for a wrapped line, and taken out": [
            "- 1/1 AK3 N3 12 8",
            "- 1/1 AK3 N3 12 AK4 1 6",
            "- 1/1 AK5 R 5",
            "+ 1/1 AK5 A",
            "- 1 AK9 R",
            "+ 1 AK9 A",
        ],
    },
    **{
        name: {
            "50 lines are the professional guide's limit; ours is the institutional one's, 999": [
                "- 1/1 AK3 LX 385 4",
                "- 1/1 AK3 LX 392 4",
                "- 1/1 AK3 LX 399 4",
                "- 1/1 AK3 LX 406 4",
                "- 1/1 AK5 R 5",
                "+ 1/1 AK5 A",
                "- 1 AK9 R",
                "+ 1 AK9 A",
            ],
        }
        for name in ("loop_counting", "loop_counting2")
    },
    "trailing_terms": {
        "CLM18 is demanded by the institutional guide only, and by its old release": [
            "- 1/1 AK3 CLM 22 8",
            "- 1/1 AK3 CLM 22 AK4 18 1",
            "- 1/1 AK5 R 5",
            "+ 1/1 AK5 A",
            "- 1 AK9 R",
            "+ 1 AK9 A",
        ],
    },
    "trailer_errors": {
        "a set is refused with its group: to say A would have the sender keep what we do not": [
            "- 1/2 AK5 A",
            "+ 1/2 AK5 R",
        ],
        "001 says that ISA13 and IEA02 differ; 018 that ISA13 cannot be read": [
            "- TA1 R 018",
            "+ TA1 R 001",
        ],
    },
    # --- refused by both, for other reasons
    "837miss": {
        "what is there is checked, though SE is missing": [
            "+ 1/1 AK3 BHT 1 3",
            "+ 1/1 AK3 HL 1 3",
            "+ 1/1 AK3 NM1 1 3",
            "+ 1/1 AK3 NM1 1 3",
            "- 1/1 AK5 R 2",
            "+ 1/1 AK5 R 2 5",
        ],
    },
    **{
        name: {
            "submitter and receiver are missing as well": [
                "+ 1/1 AK3 NM1 1 3",
                "+ 1/1 AK3 NM1 1 3",
            ],
        }
        for name in ("simple1", "fail_no_IEA")
    },
    "mult_isa": {
        "REF with the guide's number is no longer sent; GS08 says it": [
            "- 2/1 AK3 REF 2 3",
            "- 7/1 AK3 REF 2 3",
        ],
        "TRN is missing as well as BPR": [
            "+ 3/1 AK3 TRN 1 3",
            "+ 4/1 AK3 TRN 1 3",
            "+ 5/1 AK3 TRN 1 3",
            "+ 8/1 AK3 TRN 1 3",
        ],
    },
    "multiple_trn": {
        "REF with the guide's number is no longer sent; GS08 says it": ["- 2/1 AK3 REF 2 3"],
        "TRN is missing as well as BPR": ["+ 3/1 AK3 TRN 1 3"],
    },
    "per_segment_repeat": {
        "a contact too many is a loop too many here: the same place, and the same verdict": [
            "- 1/1 AK3 PER 7 5",
            "+ 1/1 AK3 PER 7 4",
        ],
    },
    "bad_header_looping": {
        "1111-11-11 is a day, however long ago": [
            "- 1/1 AK3 DTM 5 8",
            "- 1/1 AK3 DTM 5 AK4 2 8",
        ],
        "a second payer is a loop too many; its address stands in it": [
            "- 1/1 AK3 N1 39 1",
            "- 1/1 AK3 N3 40 1",
            "- 1/1 AK3 N4 41 1",
            "- 1/1 AK3 N1 42 1",
            "+ 1/1 AK3 N1 39 4",
            "+ 1/1 AK3 N1 42 4",
        ],
    },
    "blank1": {
        "components of blanks are missing, not wrong; one of a composite is told": [
            "- 1/1 AK3 SV2 57 AK4 2:1 7",
            "- 1/1 AK3 SV2 57 AK4 2:2 1",
            "+ 1/1 AK3 SV2 57 AK4 2:1 1",
            "- 1/1 AK3 SVD 59 AK4 3:1 7",
            "- 1/1 AK3 SVD 59 AK4 3:2 1",
            "+ 1/1 AK3 SVD 59 AK4 3:1 1",
        ],
    },
    "elements": {
        "these elements are not read: names, the guide's number, where a service was given": [
            "- 1/1 AK3 CLM 23 8",
            "- 1/1 AK3 CLM 23 AK4 5:1 7",
            "- 1/1 AK3 NM1 15 8",
            "- 1/1 AK3 NM1 15 AK4 8 5",
            "- 1/1 AK3 NM1 15 AK4 8 7",
            "- 1/1 AK3 REF 3 8",
            "- 1/1 AK3 REF 3 AK4 2 7",
        ],
    },
}


def segments(data: bytes) -> list[list[str]]:
    text = data.decode().replace("\r", "").replace("\n", "")
    return [segment.split(text[3]) for segment in text.split("~")[:-1]]


def said(data: bytes) -> Counter[str]:
    """What an acknowledgement says, a line for each thing."""
    lines = []
    group = number = 0
    error = ""
    for tag, *elements in segments(data):
        values = [*elements, *[""] * 9]
        if tag == "TA1":
            lines.append(f"TA1 {values[3]} {values[4]}")
        elif tag == "AK1":
            group, number = group + 1, 0
            lines.append(f"{group} AK1 {values[0]} {values[1]}")
        elif tag == "AK2":
            number += 1
            lines.append(f"{group}/{number} AK2 {values[0]} {values[1]}")
        elif tag in ("AK3", "IK3"):
            error = f"{group}/{number} AK3 {values[0]} {values[1]}"
            lines.append(f"{error} {values[3]}")
        elif tag in ("AK4", "IK4"):
            lines.append(f"{error} AK4 {values[0]} {values[2]}")
        elif tag in ("AK5", "IK5"):
            lines.append(f"{group}/{number} AK5 {' '.join(elements)}")
        elif tag == "AK9":
            lines.append(f"{group} AK9 {' '.join([values[0], *elements[4:]])}")
    return Counter(lines)


@pytest.mark.parametrize("name", GOLDEN)
def test_we_say_what_pyx12_says_or_why_not(name):
    source = next(CORPUS.glob(f"*/azoner_pyx12__{name}.edi"))
    theirs = said(GOLDEN[name].read_bytes())
    ours = said(acknowledge(read_x12(source)).data)
    found = [f"- {line}" for line in (theirs - ours).elements()]
    found += [f"+ {line}" for line in (ours - theirs).elements()]
    explained = [line for lines in DIFFERENT.get(name, {}).values() for line in lines]
    assert sorted(found) == sorted(explained)


def test_every_golden_acknowledgement_is_here():
    assert len(GOLDEN) == 23
