"""Pictures and files that a mail names instead of carrying: a folder to copy to the web site."""

from collections.abc import Iterable
from pathlib import Path

from newsletter.rendering import Rendering
from newsletter.workspace import Workspace


def publish(workspace: Workspace, renderings: Iterable[Rendering]) -> tuple[Path, ...]:
    """Write what *renderings* name under `images.base_url` into var/public; return those files.

    A file's name holds a hash of its content, so that one that is there already is the same.
    """
    files = {file.filename: file.data for each in renderings for file in each.published}
    paths = {workspace.public / name: data for name, data in files.items()}
    for path, data in paths.items():
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_name(path.name + ".new")
            unfinished.write_bytes(data)
            unfinished.replace(path)
    return tuple(paths)
