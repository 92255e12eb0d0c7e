"""Files to download, written as a list of links: `- [Report](report.pdf)`."""

import re
from urllib.parse import unquote

from markdown_it.tree import SyntaxTreeNode as Node

from newsletter import blocks, screening
from newsletter.blocks import Blocks, File
from newsletter.markdown import points
from newsletter.markdown.container import Container

_EXAMPLE = "- [Annual report](report.pdf)"
_SCHEME = re.compile(r"\s*[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)


def read(container: Container) -> Blocks:
    """Read the files of *container*."""
    written = points.read(container, _EXAMPLE)
    found = [_file(container, nodes, line) for nodes, line in written]
    files = tuple(file for file in found if file)
    return (blocks.Files(container.title, files, line=container.line),)


def _file(container: Container, nodes: list[Node], line: int) -> File | None:
    if len(nodes) != 1 or nodes[0].type != "link":
        before = len(container.words.faults)
        container.words.inlines(nodes, line)  # says what is wrong with a link that is none
        if len(container.words.faults) == before:
            container.fault(f"a file is one link and nothing else; write `{_EXAMPLE}`", line)
        return None
    (link,) = nodes
    label = container.plain(container.words.inlines(link.children, line), "a file's name", line)
    if not label:
        container.fault(f"a file without words; write `{_EXAMPLE}`", line)
    elif "class" in link.attrs:
        container.fault("a file is no button; take what is in `{}` out", line)
    return File(label, _source(container, link, line), line=line)


def _source(container: Container, link: Node, line: int) -> str:
    written = str(link.attrs["href"])
    if written.lower().startswith(("https:", "http:")):
        return container.words.url(written, line)
    source = unquote(written)
    if screening.FORBIDDEN.search(source):
        container.fault("a file is the same for everybody; take the personal field out", line)
    elif _SCHEME.match(source) or not source:
        container.fault(
            f"`{source}` is no file; name one beside the announcement, or give its whole address, "
            "as in `https://intranet.example.org/report.pdf`",
            line,
        )
    return source
