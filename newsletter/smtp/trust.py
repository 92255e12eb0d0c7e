"""Whom we believe over TLS: the system's authorities, and one of one's own."""

import functools
import ssl
from pathlib import Path

from newsletter.errors import SetupError
from newsletter.smtp.explaining import reason


@functools.cache
def tls(ca_file: Path | None) -> ssl.SSLContext:
    """Return the terms for a connection: TLS 1.2 or newer, and a certificate of who it says."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file is not None:
        try:
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ssl.SSLError) as error:
            raise SetupError(
                f"{ca_file}: no certificates can be read from it: {reason(error)}"
            ) from None
    return context
