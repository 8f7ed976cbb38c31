"""What a scenario's UDI says of a device, where the scenario does not say it itself.

What belongs here: which strings are UDIs, and which column each part fills. A string in no
issuer's form, such as ``x``, only says that there is a UDI.
"""

import re
from datetime import date
from typing import Any

import polars as pl

from recon.parse.udi import parse_udi

_ISSUED = re.compile(r"\(01\)|01\d{14}|\+|=")
# Key of a record of use -> the part of its UDI that stands for it.
_SAID = {
    "di": "di",
    "lot": "lot",
    "serial": "serial",
    "donation": "donation",
    "expiry": "expiry_date",
    "udi_verdict": "verdict",
}


def with_udi(uses: list[dict[str, Any]], as_of: date) -> list[dict[str, Any]]:
    """The records of use, with what their UDIs say where they say nothing themselves."""
    parsed = parse_udi(pl.Series([use.get("udi") for use in uses], dtype=pl.String), as_of)
    return [
        _said(part) | use if _ISSUED.match(use.get("udi") or "") else use
        for use, part in zip(uses, parsed.to_dicts(), strict=True)
    ]


def _said(part: dict[str, Any]) -> dict[str, Any]:
    said = {name: part[source] for name, source in _SAID.items() if part[source] is not None}
    return said | ({"expiry": said["expiry"].isoformat()} if "expiry" in said else {})
