"""The keys that a site's ``privacy`` names: read when they are needed, and never shown.

What belongs here: where a key is, and whether it protects anything there. What does not: what is
done with it (``parse/privacy.py``, ``recon/seal.py``).
"""

from pathlib import Path

from recon.errors import ConfigError
from recon.seal import Seal
from recon.site.declared import Privacy

KEY_BYTES = 32
# What the key of invented data begins with: it is published on purpose, and a checkout of the
# sample cannot keep it from others on the machine.
PUBLISHED = b"published with the sample, protects nothing"
_MAKE_ONE = "make one with `(umask 077; openssl rand -hex 32 > FILE)`"


def site_key(folder: Path, lake: Path, declared: Privacy) -> bytes:
    """The key in use.

    Args:
        folder: the site's.
        lake: the lake's root, where no key may stand.
        declared: ``privacy`` of ``recon.yaml``.

    Raises:
        ConfigError: the key cannot be read, is too short, or lies where others can read it.
    """
    if declared.key is not None:
        return _long_enough(
            declared.key.get_secret_value().encode(), "the key that privacy.key names"
        )
    return _from_file(folder / str(declared.key_file), lake, "privacy.key_file")


def site_seal(folder: Path, lake: Path, declared: Privacy) -> Seal:
    """What closes the site's raw files, and opens them under its older keys too."""
    older = {
        key_id: lambda file=file: _from_file(folder / file, lake, "privacy.old_keys")
        for key_id, file in declared.old_keys.items()
    }
    return Seal(
        declared.key_id, {**older, declared.key_id: lambda: site_key(folder, lake, declared)}
    )


def _long_enough(key: bytes, where: str) -> bytes:
    if len(key) < KEY_BYTES:
        raise ConfigError(
            f"{where} has {len(key)} bytes and must have {KEY_BYTES} or more, or tokens could be "
            f"guessed: {_MAKE_ONE}."
        )
    if not any(key):
        raise ConfigError(
            f"{where} is all zeros, as a power cut leaves a file, and tokens could be guessed: put "
            f"back the key, or for a new lake {_MAKE_ONE}."
        )
    return key


def _from_file(file: Path, lake: Path, declared_by: str) -> bytes:
    where = f"the key file {file} ({declared_by} of recon.yaml)"
    # A lake is copied and backed up; with the key beside them its tokens can be guessed.
    if file.resolve().is_relative_to(lake.resolve()):
        raise ConfigError(f"{where} stands in the lake that it protects: move it elsewhere.")
    try:
        mode = file.stat().st_mode
        key = file.read_bytes().rstrip(b"\r\n")
    except PermissionError as broken:
        raise ConfigError(
            f"{where} cannot be read, {broken.strerror}: give this account the right to read it."
        ) from None
    except OSError as broken:
        raise ConfigError(
            f"{where} cannot be read, {broken.strerror}: put back the key that the lake's tokens "
            f"were made with, or for a new lake {_MAKE_ONE}."
        ) from None
    if mode & 0o007 and not key.startswith(PUBLISHED):
        raise ConfigError(
            f"{where} is open to everyone on this machine (mode {mode & 0o777:o}): `chmod 600` it, "
            "and if another person may have read it, make a new key under a new key_id."
        )
    return _long_enough(key, where)
