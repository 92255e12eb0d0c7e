"""Builds the interview and a newsletter by each tool, with its own command."""

import os
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.editions import paint
from tests.engines.packages import node
from tests.workplace import COMMAND, Workplace

HERE = Path(__file__).parent
PACKAGES = HERE.parents[2] / ".tools" / "rivals"
INTERVIEW = HERE.parents[1] / "data" / "interview"
LANGUAGES = ("nl", "fr", "en")
PICTURES = {
    "zwembad.jpg": (1280, 640),
    "nora.jpg": (400, 400),
    "bad.jpg": (900, 600),
    "tegels.jpg": (900, 600),
}
ROUNDS = 5


@dataclass(frozen=True)
class Tool:
    """A tool that makes mail: the commands that build one newsletter, and where that ends up."""

    name: str
    folder: Path
    commands: Mapping[
        str, tuple[str | Path, ...]
    ]  #: by newsletter; of the interview in 3 languages
    html: str  #: a pattern of the files that it writes, `{}` for the newsletter and language
    text: str = ""  #: the same of text; empty: it makes none
    text_command: tuple[str | Path, ...] = ()  #: what writes it, where that is another command

    def build(self, newsletter: str) -> None:
        run(self.commands[newsletter], self.folder)

    def build_text(self, newsletter: str) -> None:
        if self.text_command:
            run(
                [str(part).format(newsletter=newsletter) for part in self.text_command], self.folder
            )

    def made(self, newsletter: str, language: str) -> str:
        return self._read(self.html, newsletter, language)

    def made_text(self, newsletter: str, language: str) -> str:
        return self._read(self.text, newsletter, language) if self.text else ""

    def _read(self, pattern: str, newsletter: str, language: str) -> str:
        path = self.folder / pattern.format(newsletter=newsletter, language=language)
        return path.read_text(encoding="utf-8")


def tools(folder: Path) -> list[Tool]:
    """Return the tools, each with a folder of its own in *folder* and what it builds from."""
    return [_ours(folder / "ours"), _mjml(folder / "mjml"), _react(folder / "react")]


def _ours(folder: Path) -> Tool:
    workplace = Workplace(folder)
    settings = folder / "newsletter.toml"
    settings.write_text(settings.read_text().replace('"nl", "en"', '"nl", "fr", "en"'))
    for name, source in (("interview", INTERVIEW), ("newsletter", HERE / "newsletter")):
        shutil.copytree(source, workplace.root / "announcements" / name)
    for name, size in PICTURES.items():
        paint(workplace.root / "announcements" / "newsletter" / name, *size)
    names = ("interview", "newsletter")
    return Tool(
        name="newsletter",
        folder=folder,
        commands={name: (COMMAND, "build", name) for name in names},
        html="var/outbox/{newsletter}/{newsletter}.{language}.html",
        text="var/outbox/{newsletter}/{newsletter}.{language}.txt",
    )


def _mjml(folder: Path) -> Tool:
    shutil.copytree(HERE / "mjml", folder)
    (folder / "out").mkdir()
    program = (node(), PACKAGES / "node_modules" / "mjml" / "bin" / "mjml")
    options = ("-o", "out", "--config.allowIncludes", "true")
    return Tool(
        name="MJML",
        folder=folder,
        commands={
            "interview": (*program, *(f"interview-{each}.mjml" for each in LANGUAGES), *options),
            "newsletter": (*program, "newsletter-nl.mjml", *options),
        },
        html="out/{newsletter}-{language}.html",
    )


def _react(folder: Path) -> Tool:
    """It builds a folder at a time: one for each newsletter."""
    shutil.copytree(HERE / "react-email", folder)
    (folder / "node_modules").symlink_to(PACKAGES / "node_modules")
    (folder / "package.json").write_text('{"type": "module"}')
    program = (node(), PACKAGES / "node_modules" / "react-email" / "dist" / "cli" / "index.mjs")
    command = (*program, "export", "--silent", "--dir")
    return Tool(
        name="react-email",
        folder=folder,
        commands={
            name: (*command, f"emails/{name}", "--outDir", f"out/{name}")
            for name in ("interview", "newsletter")
        },
        html="out/{newsletter}/{language}.html",
        text="text/{newsletter}/{language}.txt",
        text_command=(
            *command,
            *("emails/{newsletter}", "--outDir", "text/{newsletter}", "--plainText"),
        ),
    )


def run(command: Sequence[str | Path], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, env=_environment(folder))
    assert done.returncode == 0, done.stderr.decode()


def _environment(folder: Path) -> dict[str, str]:
    """Ours with the bytecode that an installed package has; others as they are."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPYCACHEPREFIX": str(folder.parent / "bytecode")}


def seconds(tools: Sequence[Tool], newsletter: str) -> dict[str, float]:
    """Return the median wall time of each tool's command, in turns on the same machine."""
    taken: dict[str, list[float]] = {tool.name: [] for tool in tools}
    for round_ in range(ROUNDS + 1):  # the first is to warm up
        for tool in tools:
            start = time.perf_counter()
            tool.build(newsletter)
            if round_:
                taken[tool.name].append(time.perf_counter() - start)
    return {name: median(each) for name, each in taken.items()}
