"""What the README says can be done, can be done; what can be done, it says."""

import re
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from recon.cli import app

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = sorted(typer.main.get_command(app).commands)
TARGETS = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_explained(command):
    shown = CliRunner().invoke(app, ["--help"]).output
    assert re.search(rf"\b{command}\b", shown)
    assert re.search(rf"`recon {command}\b", README)


@pytest.mark.parametrize("target", TARGETS)
def test_a_make_target_is_named(target):
    assert re.search(rf"\bmake {target}\b", README)


def test_no_command_is_named_that_does_not_exist():
    code = re.findall(r"`([^`\n]+)`", README) + re.findall(r"^\$ (.*)$", README, re.MULTILINE)
    named = {word for text in code for word in re.findall(r"^recon ([a-z][a-z0-9-]*)", text)}
    made = set(re.findall(r"^(?:`)?make ([a-z-]+)", README, re.MULTILINE))
    assert named <= set(COMMANDS)
    assert made <= set(TARGETS)


def test_every_file_the_readme_links_to_is_there():
    links = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", README)
    missing = [link for link in links if not (ROOT / link).exists()]
    assert missing == []
