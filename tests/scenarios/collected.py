"""The scenario files: of this folder, the shared ones where present, and of RECON_SCENARIOS."""

import json
import os
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SHARED = HERE.parents[2] / "shared" / "scenarios"
FILE = "three_way_match.json"
# Written here, for what the shared file has no scenario of.
OWN = ("codes.json", "paths.json")


def collected() -> dict[str, dict[str, Any]]:
    """Scenario id -> scenario of the three-way match; of two with one id the first is taken."""
    files = [HERE / FILE, *(HERE / own for own in OWN), SHARED / FILE]
    for folder in filter(None, os.environ.get("RECON_SCENARIOS", "").split(os.pathsep)):
        # In a folder that the caller names, a file may be called what it likes.
        files += sorted(Path(folder).glob("*.json"))
    found: dict[str, dict[str, Any]] = {}
    for file in files:
        for scenario in json.loads(file.read_text(encoding="utf-8")) if file.exists() else []:
            if isinstance(scenario, dict) and "invoices" in scenario:
                found.setdefault(scenario["id"], scenario)
    return found
