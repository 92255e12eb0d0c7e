"""The signatures of our own that every copy gets, where the settings name a key."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from newsletter.config import Config
from newsletter.skeleton import Skeleton
from newsletter.workspace import Workspace

if TYPE_CHECKING:
    from newsletter.dkim import Signer


def signers(workspace: Workspace, settings: Config) -> "tuple[Signer, ...]":
    """Return a signer for each key in the settings; `SetupError` when one cannot be used."""
    if not settings.dkim.domain:
        return ()
    from newsletter import dkim  # loads cryptography

    return dkim.signers(settings.dkim, workspace.root)


def signing(
    keys: "tuple[Signer, ...]", skeletons: Mapping[str, Skeleton]
) -> dict[str, Callable[[bytes], bytes]]:
    """Return by language what signs a copy; nothing without *keys*."""
    if not keys:
        return {}
    from newsletter import dkim

    return {language: dkim.prepare(each, keys).sign for language, each in skeletons.items()}
