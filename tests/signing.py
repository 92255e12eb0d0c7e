"""Keys for signatures, the DNS that publishes them, and somebody else's verifier."""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import dkim as dkimpy
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from newsletter.dkim import Signer

Key = RSAPrivateKey | Ed25519PrivateKey


@cache
def rsa_key(bits: int = 2048) -> RSAPrivateKey:
    return generate_private_key(65537, bits)


@cache
def ed25519_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


@cache
def rsa() -> Signer:
    return Signer("example.org", "news2026", rsa_key())


@cache
def ed25519() -> Signer:
    return Signer("example.org", "news2026e", ed25519_key())


def both() -> tuple[Signer, Signer]:
    return rsa(), ed25519()


def pem(key: Key, password: bytes = b"") -> bytes:
    """Return *key* as a file has it."""
    encryption = BestAvailableEncryption(password) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


def put(path: Path, content: bytes, mode: int = 0o600) -> Path:
    """Write a key's file."""
    path.write_bytes(content)
    path.chmod(mode)
    return path


def verified(data: bytes, *signers: Signer) -> list[bool]:
    """Return for each signature of *data* whether it verifies with the records of *signers*."""
    return verified_by(data, [each.record for each in signers])


def verified_by(data: bytes, records: Sequence[str]) -> list[bool]:
    """Return for each signature of *data*, the first on top, whether it verifies."""
    zone = dict(map(_read, records))

    def look_up(name: bytes, timeout: int = 5) -> bytes | None:
        return zone.get(name)

    mail = dkimpy.DKIM(data)
    count = len([name for name, _ in mail.headers if name.lower() == b"dkim-signature"])
    return [_verifies(dkimpy.DKIM(data), number, look_up) for number in range(count)]


def _read(record: str) -> tuple[bytes, bytes]:
    """Read a line of a zone file: RFC 1035 section 5.1."""
    name, kind, _, strings = re.fullmatch(r"(\S+) IN (TXT) (\() (.*) \)", record).groups()  # type: ignore[union-attr]
    assert kind == "TXT"
    parts = re.findall(r'"([^"]*)"', strings)
    assert all(len(part) <= 255 for part in parts)
    return name.encode(), "".join(parts).encode()


def _verifies(mail: dkimpy.DKIM, number: int, look_up: object) -> bool:
    try:
        return bool(mail.verify(number, dnsfunc=look_up))
    except dkimpy.DKIMException:
        return False
