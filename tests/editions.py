"""Editions that tests render: a block of every kind together, each alone, and far too many."""

import dataclasses
import datetime
import re
from collections.abc import Mapping
from pathlib import Path

from PIL import Image as Picture
from PIL import ImageDraw

from newsletter import blocks, markdown
from newsletter.announcement import Edition

FIRST_NAME = blocks.Slot(blocks.Field.FIRST_NAME, "collega")


SOURCES = Path(__file__).parent / "data" / "blocks"
LANGUAGES = ("nl", "fr", "en")


def kitchen_sink(folder: Path) -> Edition:
    """Return an edition with a block of every kind; what it names is put into *folder*."""
    furnish(folder)
    return Edition(
        path=folder / "verhuis.md",
        language="nl",
        title="We verhuizen naar het nieuwe stadskantoor",
        subject="We verhuizen op 2 maart: dit verandert er",
        preheader="Vier verdiepingen, één onthaal, en wat je zelf nog moet doen.",
        kicker="Binnenkort",
        greeting=(blocks.Text("Dag "), FIRST_NAME, blocks.Text(",")),
        date=datetime.date(2026, 2, 9),
        image=blocks.Image(
            "gebouw.png", "Het nieuwe stadskantoor aan het water", "Foto: eigen dienst"
        ),
        body=_KITCHEN_SINK,
    )


def monster(folder: Path) -> Edition:
    """Return a newsletter that is far too long: everything five times, 3,600 words.

    Longer it would leave what a filter can judge: rspamd adds up the accents of all words and
    divides them by a sample of the words, so that any Dutch of 5,000 words is "mixed" to it.
    """
    sink = kitchen_sink(folder)
    everything = tuple(block for source in sources("nl").values() for block in _read(source))
    return dataclasses.replace(sink, body=(*sink.body, *everything) * 5)


def one_of_each(folder: Path, language: str) -> dict[str, Edition]:
    """Return an edition in *language* for each kind of block, which holds nothing but that."""
    furnish(folder)
    return {
        kind: Edition(
            path=folder / f"{kind}.md",
            language=language,
            title=_TITLES[language],
            subject=_TITLES[language],
            preheader="",
            body=_read(source),
        )
        for kind, source in sources(language).items()
    }


def sources(language: str) -> Mapping[str, str]:
    """Return the Markdown of one block of each kind, by the name of the kind."""
    text = (SOURCES / f"{language}.md").read_text(encoding="utf-8")
    _, *parts = re.split(r"^%% (\w+)\n", text, flags=re.MULTILINE)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def furnish(folder: Path) -> None:
    """Put the pictures and files into *folder* that all these editions name."""
    paint(folder / "plan.png", 900, 500)
    _draw(folder / "gebouw.png", (1400, 700), _SKIES[0])
    for number, sky in enumerate(_SKIES, 1):
        _draw(folder / f"werf{number}.png", (800, 600), sky)
    _portray(folder / "mira.png")
    (folder / "verhuisplan.pdf").write_bytes(b"%PDF-1.7\n" + b"% leeg\n" * 34_000)


def paint(path: Path, width: int, height: int) -> None:
    """Paint a picture in many colours, as a photo has."""
    across = Picture.linear_gradient("L").rotate(90).resize((width, height))
    down = Picture.linear_gradient("L").resize((width, height))
    blue = Picture.new("L", (width, height), 150)
    Picture.merge("RGB", (across.point(lambda v: v // 3), down.point(lambda v: v // 2), blue)).save(
        path
    )


_SKIES = ("#cfe3f4", "#f6dcb8", "#dbe7d3", "#33476b")


def _draw(path: Path, size: tuple[int, int], sky: str) -> None:
    """Draw a row of houses at the waterside, in few colours."""
    width, height = size
    picture = Picture.new("RGB", size, sky)
    draw = ImageDraw.Draw(picture)
    draw.ellipse((width * 0.68, height * 0.12, width * 0.68 + 110, height * 0.12 + 110), "#fdf3dc")
    bottom, each = int(height * 0.78), width // 8
    for n, storeys in enumerate((4, 6, 5, 8, 3, 6, 7, 4)):
        left, top = n * each, bottom - storeys * height // 14
        draw.rectangle((left, top, left + each, bottom), ("#34608f", "#5b86b3", "#0b3a66")[n % 3])
        for window in range(2 * (storeys - 1)):
            x, y = left + each * (2 + 3 * (window % 2)) // 7, top + 18 + window // 2 * height // 14
            draw.rectangle((x, y, x + each // 6, y + height // 30), "#f6e7c1")
    draw.rectangle((0, bottom, width, height), "#8fb4d6")
    for n in range(9):
        y = bottom + 18 + n % 3 * 34
        draw.line((n * width // 9 + 20, y, n * width // 9 + 90, y), "#c4dbee", 4)
    picture.save(path)


def _portray(path: Path) -> None:
    """Draw somebody, before a wall."""
    portrait = Picture.new("RGB", (480, 480), "#cfdcec")
    draw = ImageDraw.Draw(portrait)
    draw.ellipse((70, 300, 410, 700), fill="#34608f")
    draw.ellipse((165, 105, 315, 290), fill="#7a4a2c")
    draw.ellipse((180, 140, 300, 305), fill="#e3b896")
    portrait.save(path)


_TITLES = {"nl": "De verhuis", "fr": "Le déménagement", "en": "The move"}


def _read(source: str) -> blocks.Blocks:
    body, faults = markdown.parse(source, "blocks.md")
    assert not faults, faults
    return body


def _p(words: str) -> blocks.Paragraph:
    return blocks.Paragraph((blocks.Text(words),))


_KITCHEN_SINK = (
    blocks.Lead(
        (
            blocks.Paragraph(
                (
                    blocks.Text("Vanaf "),
                    blocks.Strong((blocks.Text("maandag 2 maart"),)),
                    blocks.Text(" werken we met zijn allen onder één dak, dicht bij het station."),
                )
            ),
        )
    ),
    blocks.Paragraph(
        (
            blocks.Text("Alles over de verhuis staat op "),
            blocks.Link(
                (blocks.Text("het intranet"),),
                "https://intranet.example.org/verhuis?van=mail&dag=2",
            ),
            blocks.Text(", of bel "),
            blocks.Link((blocks.Text("de balie"),), "tel:+3290000000"),
            blocks.Text(". Typ bij de zuil "),
            blocks.Code("VERHUIS 2026"),
            blocks.Text(" in. Wie "),
            blocks.Emphasis((blocks.Text("thuis werkt"),)),
            blocks.Text(" hoeft niets te doen."),
            blocks.LineBreak(),
            blocks.Text("Tot snel!"),
        )
    ),
    blocks.Heading(2, (blocks.Text("Wat verandert er"),)),
    blocks.List(
        (
            (_p("Eén onthaal op het gelijkvloers, open van acht tot zes."),),
            (
                _p("Werkplekken per dienst:"),
                blocks.List(((_p("stil,"),), (_p("samen,"),), (_p("en op afspraak."),))),
            ),
            (_p("Een lange uitleg."), _p("Met een tweede alinea erbij.")),
        )
    ),
    blocks.Heading(3, (blocks.Text("In deze volgorde"),)),
    blocks.List(((_p("Maak je kast leeg."),), (_p("Plak een label op je doos."),)), start=3),
    blocks.Table(
        head=((blocks.Text("Dienst"),), (blocks.Text("Verdieping"),), (blocks.Text("Dozen"),)),
        rows=(
            ((blocks.Text("Onthaal"),), (blocks.Text("gelijkvloers"),), (blocks.Text("24"),)),
            (
                (blocks.Text("Burgerzaken"),),
                (blocks.Text("eerste"),),
                (blocks.Strong((blocks.Text("118"),)),),
            ),
            (
                (blocks.Link((blocks.Text("Bibliotheek"),), "https://example.org/bib"),),
                (blocks.Text("tweede"),),
                (blocks.Text("1.206"),),
            ),
        ),
        alignments=("left", "center", "right"),
    ),
    blocks.Quote(
        (_p("Een gebouw is pas klaar als iemand er de weg kwijtraakt en toch blijft lachen."),),
        attribution=(blocks.Text("Mira Peeters, gebouwbeheer"),),
    ),
    blocks.Heading(2, (blocks.Text("Drie vragen aan de verhuizers"),)),
    blocks.Question(
        (blocks.Text("Wat gaat er mee?"),),
        (
            _p("Alles wat in je doos past. De rest blijft staan, en dat valt mee."),
            _p("Planten reizen apart, met een eigen bestelwagen."),
        ),
    ),
    blocks.Question(
        (blocks.Text("En wie, "), FIRST_NAME, blocks.Text(", helpt ons?")),
        (
            _p("Een ploeg van twaalf."),
            blocks.Image("plan.png", "Plattegrond met de twaalf helpers", "Waar de helpers staan"),
            blocks.List(((_p("zes beneden"),), (_p("zes boven"),))),
        ),
    ),
    blocks.Callout(
        (blocks.Text("Let op"),),
        (
            blocks.Paragraph(
                (
                    blocks.Text("Je badge werkt pas na activering op "),
                    blocks.Link(
                        (blocks.Text("https://badge.example.org/activeren"),),
                        "https://badge.example.org/activeren",
                    ),
                    blocks.Text("."),
                )
            ),
        ),
    ),
    blocks.Image("plan.png", "Plattegrond van de eerste verdieping", "De eerste verdieping"),
    blocks.Figures(
        (
            blocks.Figure("12", (blocks.Text("diensten onder één dak"),)),
            blocks.Figure(
                "1.206", (blocks.Text("dozen, "), blocks.Strong((blocks.Text("geteld"),)))
            ),
            blocks.Figure("98 %", (blocks.Text("minder papier"),)),
        )
    ),
    blocks.Columns(
        (
            (
                blocks.Heading(3, (blocks.Text("De bibliotheek"),)),
                _p("Vanaf april open tot tien uur, ook op zondag."),
                blocks.Button("Bekijk de uren", "https://example.org/bib/uren"),
            ),
            (
                blocks.Heading(3, (blocks.Text("De fietsenstalling"),)),
                _p("Onder het plein, met laadpunten en een pomp."),
                blocks.Image("plan.png", "Plattegrond van de stalling", "Ingang aan de kade"),
            ),
        )
    ),
    blocks.Person(
        name="Mira Peeters",
        role="Gebouwbeheer",
        portrait=blocks.Image("mira.png", "Portret van Mira Peeters"),
        contacts=(
            blocks.Link((blocks.Text("mira@example.org"),), "mailto:mira@example.org"),
            blocks.Link((blocks.Text("+32 9 000 00 00"),), "tel:+3290000000"),
            blocks.Link((blocks.Text("Vraag Mira om raad"),), "https://intranet.example.org/mira"),
        ),
        children=(_p("Mira kent elke deur, en weet ook waar de sleutel ligt."),),
    ),
    blocks.Event(
        title="Welkomstdrink",
        date=datetime.date(2026, 12, 3),
        starts=datetime.time(12),
        ends=datetime.time(13, 30),
        place="Stadshal, Gent",
        children=(_p("Iedereen is welkom."),),
    ),
    blocks.Gallery(
        (
            blocks.Image("werf1.png", "De kade met de oude loodsen", "Zo begon het"),
            blocks.Image("werf2.png", "De hal in aanbouw"),
            blocks.Image("werf3.png", "De trap naar boven"),
            blocks.Image("werf4.png", "Het dakterras bij avond", "Zo eindigt het"),
        ),
        "De werf in vier beelden",
    ),
    blocks.Files(
        (blocks.Text("Om te bewaren"),),
        (
            blocks.File("Verhuisplan", "verhuisplan.pdf"),
            blocks.File("Alle verdiepingen", "https://intranet.example.org/plannen.xlsx"),
        ),
    ),
    blocks.Divider(),
    blocks.Paragraph(
        (
            blocks.Text("Vragen? Schrijf naar "),
            blocks.Slot(blocks.Field.EMAIL, "de balie"),
            blocks.Text("."),
        )
    ),
    blocks.Button("Reserveer je rondleiding", "https://intranet.example.org/rondleiding"),
)
