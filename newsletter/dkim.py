"""Our own DKIM signatures (RFC 6376, RFC 8463), for where the relay does not sign.

The head is signed `relaxed`, for relays fold it anew. The body is signed `simple`: quoted-printable
lines of 76 octets without a space at their end leave a relay nothing that `relaxed` would forgive,
and what has to be made canonical for nobody is hashed as it leaves.
"""

import hashlib
import re
import textwrap
from binascii import b2a_base64
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from newsletter import config
from newsletter.config import Dkim
from newsletter.errors import SetupError
from newsletter.skeleton import Skeleton

RSA_BITS = (2048, 4096)  #: more than that nobody has to verify: RFC 8301 section 3.2
LONGEST_STRING = 255  #: octets of one string in a TXT record: RFC 1035 section 3.3

# In this order, so that what only one copy has comes last. The first kind may stand in a mail once
# (RFC 5322 section 3.6) and is named once more than it stands there: a second one put on top, for a
# program to show instead, breaks the signature (RFC 6376 section 8.15).
_ONCE = ("From", "Reply-To", "Cc", "Subject", "Date", "MIME-Version", "Content-Type")
_OTHERS = (
    "Content-Transfer-Encoding",
    "List-Id",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "Auto-Submitted",
    "Content-Language",
)
_OWN = ("To", "Message-ID")  # of each copy; once, too

_HEAD_ENDS = b"\r\n\r\n"
_PADDING, _HASH = PKCS1v15(), Prehashed(SHA256())


@dataclass(frozen=True, slots=True)
class Signer:
    """One key, and where in DNS its public half stands."""

    domain: str
    selector: str
    _key: RSAPrivateKey | Ed25519PrivateKey = field(repr=False)

    @property
    def algorithm(self) -> str:
        """Return what `a=` names."""
        return f"{self._kind}-sha256"

    @property
    def record(self) -> str:
        """Return the TXT record of the public key, as a zone file has it."""
        value = f"v=DKIM1; k={self._kind}; p={_base64(self._public()).decode()}"
        strings = (
            f'"{value[at : at + LONGEST_STRING]}"' for at in range(0, len(value), LONGEST_STRING)
        )
        return f"{self.selector}._domainkey.{self.domain}. IN TXT ( {' '.join(strings)} )"

    def sign(self, digest: bytes) -> bytes:
        """Return the signature of a SHA-256 digest, which is always the same."""
        if isinstance(self._key, RSAPrivateKey):
            return self._key.sign(digest, _PADDING, _HASH)
        return self._key.sign(digest)

    def verifies(self, signature: bytes, digest: bytes) -> bool:
        """Whether the public key says that *signature* is ours."""
        try:
            if isinstance(self._key, RSAPrivateKey):
                self._key.public_key().verify(signature, digest, _PADDING, _HASH)
            else:
                self._key.public_key().verify(signature, digest)
        except InvalidSignature:
            return False
        return True

    @property
    def _kind(self) -> str:
        return "rsa" if isinstance(self._key, RSAPrivateKey) else "ed25519"

    def _public(self) -> bytes:
        """RFC 6376 section 3.6.1, RFC 8463 section 4.2."""
        public = self._key.public_key()
        if isinstance(self._key, RSAPrivateKey):
            return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return public.public_bytes(Encoding.Raw, PublicFormat.Raw)


def signers(settings: Dkim, folder: Path) -> tuple[Signer, ...]:
    """Return a signer for each key in the settings of the workspace *folder*: none, one or two.

    Raises `SetupError` when a key cannot be used; no message has anything of the key in it.
    """
    return tuple(
        Signer(settings.domain, selector, _key(folder / file, kind))
        for selector, file, kind in (
            (settings.selector, settings.key_file, RSAPrivateKey),
            (settings.ed25519_selector, settings.ed25519_key_file, Ed25519PrivateKey),
        )
        if file
    )


_MENDS = {
    RSAPrivateKey: "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048",
    Ed25519PrivateKey: "openssl genpkey -algorithm ed25519",
}


def _key(
    path: Path, kind: type[RSAPrivateKey] | type[Ed25519PrivateKey]
) -> RSAPrivateKey | Ed25519PrivateKey:
    written = config.secret(path, "the key that signs the mail")
    mend = f"make one with `{_MENDS[kind]} -out {path}`"
    try:
        key = load_pem_private_key(written.encode(), password=None)
    except TypeError:
        raise SetupError(
            f"{path}: the key is encrypted, and nobody is there to type its password; name a copy "
            f"without one instead: `openssl pkey -in {path} -out {path}.plain`"
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise SetupError(f"{path}: not a private key as PEM; {mend}") from None
    if not isinstance(key, kind):
        raise SetupError(f"{path}: a key of another kind; {mend}")
    least, most = RSA_BITS
    if isinstance(key, RSAPrivateKey) and not least <= key.key_size <= most:
        raise SetupError(
            f"{path}: a key of {key.key_size} bits; from {least} to {most} are verified "
            f"everywhere: {mend}"
        )
    return key


# -- a skeleton


@dataclass(frozen=True, slots=True)
class Prepared:
    """What all copies of one skeleton have in common, hashed once; any thread may `sign`."""

    _signatures: tuple["_Signature", ...]
    _body: "hashlib._Hash"
    _hashed: int  #: octets of the body that are in it already: those before the first hole

    def sign(self, data: bytes) -> bytes:
        """Return the composed copy *data* with its signatures on top: the same bytes every time."""
        starts = data.index(_HEAD_ENDS) + len(_HEAD_ENDS)
        body = self._body.copy()
        body.update(memoryview(data)[starts + self._hashed :])
        own, body_hash = _own(data), _base64(body.digest())
        return b"".join([*(each.line(own, body_hash) for each in self._signatures), data])


@dataclass(frozen=True, slots=True)
class _Signature:
    """The part of a DKIM-Signature that all copies share, and the hash of what it covers."""

    signer: Signer
    written: bytes  #: up to the hash of the body
    canonical: bytes  #: the same, as it is hashed
    shared: "hashlib._Hash"

    def line(self, own: bytes, body_hash: bytes) -> bytes:
        digest = self.shared.copy()
        digest.update(b"%b%b%b; b=" % (own, self.canonical, body_hash))
        signature = _base64(self.signer.sign(digest.digest()))
        folded = b"\r\n\t".join(signature[at : at + 72] for at in range(0, len(signature), 72))
        return b"%b%b;\r\n\tb=%b\r\n" % (self.written, body_hash, folded)


def prepare(skeleton: Skeleton, signers: Sequence[Signer]) -> Prepared:
    """Hash once what no reader changes: most of the head, and the body up to its first hole.

    The time of the signature is that of the Date field, so that a second try has the same bytes.
    """
    head, shared_body = _without_reader(skeleton)
    fields = {name.lower(): value for name, value in _FIELD.findall(head + b"\r\n")}
    time = int(parsedate_to_datetime(fields[b"date"].decode()).timestamp())
    shared = hashlib.sha256()
    for name in (*_ONCE, *_OTHERS):
        if (key := name.lower().encode()) in fields:
            shared.update(_canonical(key, fields[key]) + b"\r\n")
    names = list(_names(fields))
    return Prepared(
        tuple(_signature(each, names, time, shared) for each in signers),
        hashlib.sha256(shared_body),
        len(shared_body),
    )


def _without_reader(skeleton: Skeleton) -> tuple[bytes, bytes]:
    """Return the head with its holes empty, and the body up to its first hole."""
    last = skeleton.chunks[-1]
    if not last.endswith(b"\r\n") or last.endswith(_HEAD_ENDS):  # else it were not canonical
        raise ValueError("a message that ends in an empty line, or in none")
    ends = next(n for n, chunk in enumerate(skeleton.chunks) if _HEAD_ENDS in chunk)
    head, _, shared_body = b"".join(skeleton.chunks[: ends + 1]).partition(_HEAD_ENDS)
    return head, shared_body


def _names(present: Container[bytes]) -> Iterator[str]:
    """Yield what `h=` names, in the order in which it is hashed."""
    for name in (*_ONCE, *_OTHERS, *_OWN):
        if name.lower().encode() in present:
            yield name
        if name not in _OTHERS:
            yield name


def _signature(
    signer: Signer, names: Sequence[str], time: int, shared: "hashlib._Hash"
) -> _Signature:
    lines = (
        f"v=1; a={signer.algorithm}; c=relaxed/simple; t={time};",
        f"d={signer.domain}; s={signer.selector};",
        *textwrap.wrap(f"h={': '.join(names)};", 76, break_on_hyphens=False),
        "bh=",
    )
    value = "\r\n\t".join(line.replace(": ", ":") for line in lines).encode()
    canonical = _canonical(b"dkim-signature", value)
    return _Signature(signer, b"DKIM-Signature: " + value, canonical, shared)


_VALUE = rb"(.*(?:\r\n[ \t].*)*)\r\n"
_FIELD = re.compile(rb"^([!-9;-~]+):" + _VALUE, re.MULTILINE)
_OWN_FIELDS = {
    name.lower().encode(): re.compile(b"\r\n%b:" % name.encode() + _VALUE) for name in _OWN
}
_SPACE = re.compile(rb"[ \t\r\n]+")


def _own(data: bytes) -> bytes:
    """Return the fields that only this copy has, as they are hashed."""
    found = ((name, field.search(data)) for name, field in _OWN_FIELDS.items())
    return b"".join(_canonical(name, at[1]) + b"\r\n" for name, at in found if at)


def _canonical(name: bytes, value: bytes) -> bytes:
    """RFC 6376 section 3.4.2."""
    return name + b":" + _SPACE.sub(b" ", value).strip(b" ")


def _base64(data: bytes) -> bytes:
    return b2a_base64(data, newline=False)
