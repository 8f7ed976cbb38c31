"""The locked dependencies: how they are compiled, and what they were compiled from.

`make lock` runs this file; `tests/unit/test_lock.py` says when it has to be run.
"""

import hashlib
import json
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
COMPILE = [
    *("pip", "compile", "--quiet", "--universal", "--python-version", "3.11"),
    *("--generate-hashes", "--no-header", "--no-annotate", "--no-emit-index-url"),
    "--no-emit-find-links",
]
# The larger first: what runs a night is of the versions that were tested.
LOCKS = {"requirements-dev.txt": ["build", "dev"], "requirements.txt": ["build"]}
TESTED = ["--constraint", "requirements-dev.txt"]


def fingerprint(groups: list[str]) -> str:
    """A hash of everything in pyproject.toml that a lock depends on."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [
        project["project"]["requires-python"],
        project["project"]["dependencies"],
        *(project["dependency-groups"][group] for group in groups),
    ]
    return hashlib.sha256(json.dumps(wanted).encode()).hexdigest()


def header(groups: list[str]) -> str:
    """The first line of a lock."""
    return f"# Compiled by `make lock` from pyproject.toml: requirements {fingerprint(groups)}\n"


if __name__ == "__main__":
    for name, groups in LOCKS.items():
        lock = ROOT / name
        chosen = [word for group in groups for word in ("--group", group)]
        uv = str(Path(sys.executable).with_name("uv"))
        words = [*COMPILE, "pyproject.toml", *chosen, *([] if "dev" in groups else TESTED)]
        subprocess.run([uv, *words, "-o", name], cwd=ROOT, check=True)
        lock.write_text(header(groups) + lock.read_text(encoding="utf-8"), encoding="utf-8")
