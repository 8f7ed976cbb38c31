"""Bytes closed under a site's key: what senders sent, and the numbers behind tokens.

AES-256 in SIV mode (RFC 5297): the same bytes under the same key give the same bytes, so that a
night that is run again writes what it wrote before; nothing random is needed, and a changed byte is
noticed. A first line in the open says under which key it was closed. The key is derived from the
site's own (HKDF-SHA-256), so that it is not the one that tokens are made with.

What belongs here: closing and opening bytes. What does not: where the key comes from
(``site/keys.py``), which bytes are closed (``lake.py``, ``parse/restricted.py``).
"""

from collections.abc import Callable, Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from recon.errors import ConfigError, IntegrityError

_MARK = b"recon sealed 1 "
_BYTES = 64  # SIV takes two keys of 32 bytes


class Seal:
    """Closes under one key, opens under every key that is declared.

    Args:
        key_id: the key to close with.
        keys: key id -> what reads it; a key is read when it is first needed.
    """

    def __init__(self, key_id: str, keys: Mapping[str, Callable[[], bytes]]) -> None:
        self.key_id = key_id
        self._keys = keys
        self._ready: dict[str, AESSIV] = {}

    def check(self) -> None:
        """Read every key that is declared.

        Raises:
            ConfigError: one of them cannot be used.
        """
        for key_id in self._keys:
            self._cipher(key_id)

    def closed(self, data: bytes, about: str) -> bytes:
        """``data`` closed; it opens for the same ``about`` only (a hash, a token).

        Raises:
            ConfigError: the key cannot be read.
        """
        head = _MARK + self.key_id.encode() + b"\n"
        return head + self._cipher(self.key_id).encrypt(data, [head, about.encode()])

    def opened(self, closed: bytes, about: str) -> bytes:
        """The bytes that were closed.

        Raises:
            ConfigError: their key is not declared, or cannot be read.
            IntegrityError: they changed, or the key of that name is another one.
        """
        head, _, rest = closed.partition(b"\n")
        key_id = closed_under(closed) or ""
        if key_id not in self._keys:
            raise ConfigError(
                f"{about} is encrypted with the key '{key_id}', which recon.yaml does not declare: "
                "name it in privacy.old_keys."
            )
        try:
            return self._cipher(key_id).decrypt(rest, [head + b"\n", about.encode()])
        except InvalidTag:
            raise IntegrityError(
                f"{about} cannot be decrypted with the key '{key_id}': its bytes changed, or it "
                "was encrypted with another key of that name. Put back the right key, or restore "
                "the file from a backup."
            ) from None

    def _cipher(self, key_id: str) -> AESSIV:
        if key_id not in self._ready:
            derived = HKDF(SHA256(), _BYTES, salt=None, info=b"recon seal 1")
            self._ready[key_id] = AESSIV(derived.derive(self._keys[key_id]()))
        return self._ready[key_id]


def closed_under(data: bytes) -> str | None:
    """The id of the key that bytes are closed under; None for bytes in the open."""
    if not data.startswith(_MARK):
        return None
    return data[len(_MARK) : len(_MARK) + 16].partition(b"\n")[0].decode("ascii", "replace")
