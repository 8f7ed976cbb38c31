"""The scenario files: of this folder, the shared ones where present, and of RECON_SCENARIOS."""

import json
import os
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SHARED = HERE.parents[2] / "shared" / "scenarios"
# As they were given; and written here, a file for each subject.
GIVEN = "three_way_match.json"
GIVEN_CHARGES = "usage_charge.json"
OWN = sorted((HERE / "match").glob("*.json"))
OWN_CHARGES = sorted((HERE / "usage").glob("*.json"))


def collected() -> dict[str, dict[str, Any]]:
    """Scenario id -> scenario of the three-way match; of two with one id the first is taken."""
    return _found([HERE / GIVEN, *OWN, SHARED / GIVEN], is_charge=False)


def collected_charges() -> dict[str, dict[str, Any]]:
    """Scenario id -> scenario of use and charge; of two with one id the first is taken."""
    return _found([HERE / GIVEN_CHARGES, *OWN_CHARGES, SHARED / GIVEN_CHARGES], is_charge=True)


def read(files: list[Path]) -> list[dict[str, Any]]:
    """The scenarios of such files, as they stand there."""
    return [scenario for file in files for scenario in json.loads(file.read_text("utf-8"))]


def _found(files: list[Path], *, is_charge: bool) -> dict[str, dict[str, Any]]:
    for folder in filter(None, os.environ.get("RECON_SCENARIOS", "").split(os.pathsep)):
        # In a folder that the caller names, a file may be called what it likes.
        files = [*files, *sorted(Path(folder).glob("*.json"))]
    found: dict[str, dict[str, Any]] = {}
    for file in files:
        rows = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
        for scenario in rows if isinstance(rows, list) else []:
            if isinstance(scenario, dict) and (
                _is_charge(scenario) if is_charge else "invoices" in scenario
            ):
                found.setdefault(scenario["id"], scenario)
    return found


def _is_charge(scenario: dict[str, Any]) -> bool:
    """What is used, charged, stocked and claimed stands under ``input``."""
    return "invoices" not in scenario and isinstance(scenario.get("input"), dict)
