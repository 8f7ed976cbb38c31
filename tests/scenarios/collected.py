"""The scenario files: of this folder, the shared ones where present, and of RECON_SCENARIOS."""

import json
import os
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SHARED = HERE.parents[2] / "shared" / "scenarios"
FILE = "three_way_match.json"
# Written here, for what the shared file has no scenario of.
OWN = ("codes.json", "paths.json", "found.json", "found_more.json", "found_again.json")
OWN += ("found_fourth.json", "found_fifth.json", "found_sixth.json", "found_seventh.json")
OWN += ("found_eighth.json", "found_ninth.json")
CHARGES = "usage_charge.json"
OWN_CHARGES = "usage_codes.json"
# On which the statements have differed from the plain reference, or from the specification.
FOUND_CHARGES = ("usage_found.json", "usage_found_more.json", "usage_found_again.json")
FOUND_CHARGES += ("usage_found_sixth.json", "usage_found_seventh.json", "usage_found_eighth.json")
FOUND_CHARGES += ("usage_found_ninth.json",)
UDI_CHARGES = "usage_udi.json"


def collected() -> dict[str, dict[str, Any]]:
    """Scenario id -> scenario of the three-way match; of two with one id the first is taken."""
    return _found([HERE / FILE, *(HERE / own for own in OWN), SHARED / FILE], is_charge=False)


def collected_charges() -> dict[str, dict[str, Any]]:
    """Scenario id -> scenario of use and charge; of two with one id the first is taken."""
    own = (CHARGES, OWN_CHARGES, *FOUND_CHARGES, UDI_CHARGES)
    return _found([*(HERE / name for name in own), SHARED / CHARGES], is_charge=True)


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
