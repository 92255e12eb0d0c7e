"""What a mail in the making gathers on the way: pictures, files to go along, faults."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

from newsletter import enclosure
from newsletter import images as pictures
from newsletter.enclosure import Enclosure
from newsletter.errors import Fault


@dataclass
class Gathering:
    """The pictures and files of one mail, and what is wrong with it."""

    base_url: str  #: where files are published; empty: they travel in the message
    images: dict[str, pictures.Embedded] = field(default_factory=dict)
    attachments: dict[str, Enclosure] = field(default_factory=dict)
    published: dict[str, Enclosure] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def embed(self, file: Path, width: int) -> pictures.Embedded:
        """Return the picture in *file*, having put it where the reader will find it."""
        embedded = pictures.embed(file, shown_width=width, base_url=self.base_url)
        if self.base_url:
            self._publish(embedded)
        elif embedded.cid not in self.images:
            taken = {each.filename for each in self.images.values()}
            name = next(name for name in _names(embedded.filename) if name not in taken)
            self.images[embedded.cid] = replace(embedded, filename=name)
        return embedded

    def enclose(self, file: Enclosure) -> tuple[str, str]:
        """Return the name of *file* and its address; "" where it travels in the mail."""
        if self.base_url:
            return file.filename, self._publish(file)
        name = next(name for name in _names(file.filename) if self._is_free(name, file))
        self.attachments[name] = replace(file, filename=name)
        return name, ""

    def _is_free(self, name: str, file: Enclosure) -> bool:
        return name not in self.attachments or self.attachments[name].data == file.data

    def _publish(self, file: Enclosure | pictures.Embedded) -> str:
        name = enclosure.public_name(file.filename, file.data)
        public = Enclosure(filename=name, content_type=file.content_type, data=file.data)
        self.published.setdefault(name, public)
        return f"{self.base_url}/{name}"


def _names(filename: str) -> Iterator[str]:
    """Yield *filename*, and more like it: two events may have one title, a picture two widths."""
    yield filename
    stem, dot, suffix = filename.rpartition(".")
    for number in count(2):
        yield f"{stem}-{number}{dot}{suffix}"
