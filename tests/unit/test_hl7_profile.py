"""Mistakes in the profile of an HL7 feed: each is one sentence with file, line, key and cure."""

import shutil
from pathlib import Path

import pytest

import recon.sample
from recon.site import read_site

TEMPLATE = Path(recon.sample.__file__).parent / "site"


@pytest.fixture
def said(tmp_path):
    shutil.copytree(TEMPLATE, tmp_path, dirs_exist_ok=True)
    file = tmp_path / "sources" / "charge_dft_early.yaml"
    for other in file.parent.glob("*.yaml"):  # to check all of them takes a second each time
        if other != file:
            other.unlink()
    head, _, tail = file.read_text().partition("  profile:\n")
    rest = tail[tail.index("extract:") :]

    def of(*lines):
        file.write_text(f"{head}  profile:\n" + "".join(f"    {line}\n" for line in lines) + rest)
        _, mistakes = read_site(tmp_path, {"RECON_KEY": "k" * 64})
        return [str(m).removeprefix(f"{file}:") for m in mistakes if str(file) in str(m)]

    return of


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("positons: {FT1.code: 8}", "unknown key 'positons'; did you mean 'positions'?"),
        ("positions: {FT1.cod: 8}", "no field 'FT1.cod' is read; did you mean 'FT1.code'?"),
        (
            "positions: {FT1.code: x}",
            "'FT1-x' is not the place of a field, such as FT1-7 or PID-18.1",
        ),
        (
            "positions: {FT1.code: -1}",
            "FT1.code: -1 is not a field: write 1 or more, or 0 if it is not sent",
        ),
        ("default_quantity: one", "default_quantity: "),
        ("default_type: XX", "'XX' is not a valid default_type; "),
        ("type_aliases: {P: XX}", "'XX' is not a valid P; "),
        ("time_zone: Chicago", "'Chicago' is not an IANA time zone; "),
        ("code_pattern: '['", "'[' is not a regular expression; one is e.g. ^[A-Z]{3,8}$"),
    ],
)
def test_each_mistake_is_one_sentence_at_its_line(said, line, told):
    (mistake,) = said("default_quantity: 1" if "quantity" not in line else "default_type: CG", line)
    number, _, sentence = mistake.partition(": ")
    assert number.isdigit()
    assert told in sentence
