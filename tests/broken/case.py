"""One broken announcement, and what must become of it."""

import re
from dataclasses import dataclass

SAFE = ""  #: a mail in which it does no harm


@dataclass(frozen=True, slots=True)
class Case:
    """*complaint* is a pattern that one of the faults matches; `SAFE`: there is a mail."""

    name: str
    source: bytes
    complaint: str = SAFE

    def __str__(self) -> str:
        return self.name


def body(name: str, markdown: str, complaint: str = SAFE) -> Case:
    """Return a case with *markdown* under a front matter; it begins on line 4."""
    return Case(name, f"---\ntitle: Nieuws\n---\n{markdown}\n".encode(), complaint)


def head(name: str, fields: str, complaint: str = SAFE) -> Case:
    """Return a case with *fields* as its front matter; they begin on line 2."""
    return Case(name, f"---\n{fields}\n---\nTekst.\n".encode(), complaint)


def everywhere(name: str, word: str, complaint: str = SAFE) -> Case:
    """Return a case with *word* in every place that takes words."""
    source = EVERY_PLACE.replace("YAML", word.replace("'", "''"))
    source = source.replace("LABEL", re.sub(r"[\[\]]", r"\\\g<0>", word))
    source = source.replace("TITLE", word.replace('"', r"\""))
    return Case(name, source.replace("WORD", word).encode(), complaint)


EVERY_PLACE = """\
---
title: 'YAML titel'
subject: 'YAML onderwerp'
preheader: 'YAML voorproef'
kicker: 'YAML rubriek'
greeting: 'YAML aanhef'
image: foto.png
image_alt: 'YAML beeld'
image_caption: 'YAML bijschrift'
---

::: lead
Inleiding WORD hier
:::

## Kop WORD hier

Tekst WORD hier, *nadruk WORD hier*, **vet WORD hier**, [link LABEL hier](https://example.org/)

- punt WORD hier
  1. punt WORD hier

| kop WORD hier | b |
|---|---:|
| cel WORD hier | c |

> Citaat WORD hier
> — Naam WORD hier

::: question Vraag WORD hier
Antwoord WORD hier
:::

::: callout Let op WORD hier
Kader WORD hier
:::

![Foto LABEL hier](foto.png "Bijschrift TITLE hier")

[Knop LABEL hier](https://example.org/){.button}

::: columns
Kolom WORD hier

***

Kolom WORD daar
:::

::: person Naam WORD hier
role: Rol WORD hier
email: x@example.org
link: [Over LABEL hier](https://example.org/)

![Portret LABEL hier](foto.png)

Wie WORD hier
:::

::: event Feest WORD hier
date: 2030-12-03
time: 12:00-13:30
place: Zaal WORD hier

Kom WORD hier
:::

::: gallery Beelden WORD hier
![Links LABEL hier](foto.png "Eigen TITLE hier")
![Rechts LABEL hier](foto.png)
:::

::: figures
- **12** maal WORD hier
- **13** maal WORD daar
:::

::: files Stukken WORD hier
- [Verslag LABEL hier](verslag.pdf)
- [Beleid LABEL hier](https://example.org/beleid.pdf)
:::
"""
