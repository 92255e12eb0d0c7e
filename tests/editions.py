"""An edition that tests render, with a block of every kind."""

import datetime
from pathlib import Path

from PIL import Image as Picture

from newsletter.announcement import Edition
from newsletter.blocks import (
    Button,
    Callout,
    Code,
    Divider,
    Emphasis,
    Field,
    Heading,
    Image,
    Lead,
    LineBreak,
    Link,
    List,
    Paragraph,
    Question,
    Quote,
    Slot,
    Strong,
    Table,
    Text,
)

FIRST_NAME = Slot(Field.FIRST_NAME, "collega")


def kitchen_sink(folder: Path) -> Edition:
    """Return an edition with a block of every kind; its pictures are painted into *folder*."""
    paint(folder / "gebouw.png", 1400, 700)
    paint(folder / "plan.png", 900, 500)
    return Edition(
        path=folder / "verhuis.md",
        language="nl",
        title="We verhuizen naar het nieuwe stadskantoor",
        subject="We verhuizen op 2 maart: dit verandert er",
        preheader="Vier verdiepingen, één onthaal, en wat je zelf nog moet doen.",
        kicker="Binnenkort",
        greeting=(Text("Dag "), FIRST_NAME, Text(",")),
        date=datetime.date(2026, 2, 9),
        image=Image("gebouw.png", "Het nieuwe stadskantoor aan het water", "Foto: eigen dienst"),
        body=_KITCHEN_SINK,
    )


def paint(path: Path, width: int, height: int) -> None:
    """Paint a picture in many colours, as a photo has."""
    across = Picture.linear_gradient("L").rotate(90).resize((width, height))
    down = Picture.linear_gradient("L").resize((width, height))
    blue = Picture.new("L", (width, height), 150)
    Picture.merge("RGB", (across.point(lambda v: v // 3), down.point(lambda v: v // 2), blue)).save(
        path
    )


def _p(words: str) -> Paragraph:
    return Paragraph((Text(words),))


_KITCHEN_SINK = (
    Lead(
        (
            Paragraph(
                (
                    Text("Vanaf "),
                    Strong((Text("maandag 2 maart"),)),
                    Text(" werken we met zijn allen onder één dak, dicht bij het station."),
                )
            ),
        )
    ),
    Paragraph(
        (
            Text("Alles over de verhuis staat op "),
            Link((Text("het intranet"),), "https://intranet.example.org/verhuis?van=mail&dag=2"),
            Text(", of bel "),
            Link((Text("de balie"),), "tel:+3290000000"),
            Text(". Typ bij de zuil "),
            Code("VERHUIS 2026"),
            Text(" in. Wie "),
            Emphasis((Text("thuis werkt"),)),
            Text(" hoeft niets te doen."),
            LineBreak(),
            Text("Tot snel!"),
        )
    ),
    Heading(2, (Text("Wat verandert er"),)),
    List(
        (
            (_p("Eén onthaal op het gelijkvloers, open van acht tot zes."),),
            (
                _p("Werkplekken per dienst:"),
                List(((_p("stil,"),), (_p("samen,"),), (_p("en op afspraak."),))),
            ),
            (_p("Een lange uitleg."), _p("Met een tweede alinea erbij.")),
        )
    ),
    Heading(3, (Text("In deze volgorde"),)),
    List(((_p("Maak je kast leeg."),), (_p("Plak een label op je doos."),)), start=3),
    Table(
        head=((Text("Dienst"),), (Text("Verdieping"),), (Text("Dozen"),)),
        rows=(
            ((Text("Onthaal"),), (Text("gelijkvloers"),), (Text("24"),)),
            ((Text("Burgerzaken"),), (Text("eerste"),), (Strong((Text("118"),)),)),
            (
                (Link((Text("Bibliotheek"),), "https://example.org/bib"),),
                (Text("tweede"),),
                (Text("1.206"),),
            ),
        ),
        alignments=("left", "center", "right"),
    ),
    Quote(
        (_p("Een gebouw is pas klaar als iemand er de weg kwijtraakt en toch blijft lachen."),),
        attribution=(Text("Mira Peeters, gebouwbeheer"),),
    ),
    Heading(2, (Text("Drie vragen aan de verhuizers"),)),
    Question(
        (Text("Wat gaat er mee?"),),
        (
            _p("Alles wat in je doos past. De rest blijft staan, en dat valt mee."),
            _p("Planten reizen apart, met een eigen bestelwagen."),
        ),
    ),
    Question(
        (Text("En wie, "), FIRST_NAME, Text(", helpt ons?")),
        (
            _p("Een ploeg van twaalf."),
            Image("plan.png", "Plattegrond met de twaalf helpers", "Waar de helpers staan"),
            List(((_p("zes beneden"),), (_p("zes boven"),))),
        ),
    ),
    Callout(
        (Text("Let op"),),
        (
            Paragraph(
                (
                    Text("Je badge werkt pas na activering op "),
                    Link(
                        (Text("https://badge.example.org/activeren"),),
                        "https://badge.example.org/activeren",
                    ),
                    Text("."),
                )
            ),
        ),
    ),
    Image("plan.png", "Plattegrond van de eerste verdieping", "De eerste verdieping"),
    Divider(),
    Paragraph((Text("Vragen? Schrijf naar "), Slot(Field.EMAIL, "de balie"), Text("."))),
    Button("Reserveer je rondleiding", "https://intranet.example.org/rondleiding"),
)
