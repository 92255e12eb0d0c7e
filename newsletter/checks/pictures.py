"""Pictures: as somebody meets them who does not see them, and what they weigh."""

import io
import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from newsletter.checks.cascade import declared
from newsletter.checks.finding import Finding
from newsletter.checks.mail import Mail
from newsletter.checks.rules import Rule, Rules

LONGEST_ALT = 150  #: characters; longer belongs in the text
HEAVY_IMAGE, HEAVY_IMAGES = 300_000, 1_500_000  #: bytes of one file, and of all
SHARPEST = 2.5  #: pixels of the file for one shown
FEWEST_WORDS = 40  #: beside a picture

_FILE_NAME = re.compile(
    r"\S+\.(?:png|jpe?g|gif|webp|svg|heic|bmp|tiff?)|(?:img|dsc[nf]?|pxl|image|foto|photo|screenshot|"
    r"schermafbeelding|whatsapp image)[ _-]?\d[\d_ .:-]*",
    re.IGNORECASE,
)


def check(mail: Mail, rules: Rules) -> Iterator[Finding]:
    """Yield pictures without words, and those that are too wide, too heavy or not there."""
    shown = [element for element in mail.elements if element.tag == "img"]
    for element in shown:
        yield from _words(mail, element)
        yield from _size(mail, element)
    yield from _files(mail, shown)
    if (weight := sum(map(len, mail.images.values()))) > HEAVY_IMAGES:
        yield Rule.IMAGES_HEAVY.found(
            mail.whole, f"the pictures weigh {weight / 1e6:.1f} MB together; use fewer or smaller"
        )
    words = sum(len(each.words.split()) for each in mail.prose if each.element.tag != "title")
    if shown and words < FEWEST_WORDS:
        yield Rule.IMAGE_ONLY.found(
            mail.whole,
            f"a mail of pictures and {words} words looks like spam to a filter, and like nothing "
            "where pictures are off; say it in words too",
        )
    for edition in mail.editions:
        if edition.image and not edition.image.source:
            yield Rule.CAPTION_ALONE.at(
                edition,
                edition.image.line,
                "a caption without a picture: put the picture beside this file and name it in "
                "`image:`, or delete `image_caption:`",
            )


# -- words


def _words(mail: Mail, element: HtmlElement) -> Iterator[Finding]:
    alt = element.get("alt")
    where = mail.where(element)
    if alt is None:
        yield Rule.ALT_MISSING.found(
            where, "this picture has no `alt`, and its file name is read out; add it in the theme"
        )
    elif not alt.strip() and element.get("role") not in ("presentation", "none"):
        yield Rule.ALT_EMPTY.found(
            where,
            "this picture has no words for who cannot see it; write `![what it shows](file)`, or "
            "`image_alt:` for the one on top",
        )
    elif _FILE_NAME.fullmatch(alt.strip()):
        yield Rule.ALT_FILE_NAME.found(
            where, f"`{alt.strip()}` is the name of a file; say what the picture shows"
        )
    elif len(alt) > LONGEST_ALT:
        yield Rule.ALT_LONG.found(
            where,
            f"the words for this picture have {len(alt)} characters; keep {LONGEST_ALT}, and tell "
            "the rest in the text",
        )


# -- size


def _size(mail: Mail, element: HtmlElement) -> Iterator[Finding]:
    width, height = _number(element, "width"), _number(element, "height")
    if not width or not height:
        yield Rule.IMAGE_SIZE.found(
            mail.where(element),
            "this picture does not say its width and height in pixels, and Outlook shows it as "
            "large as its file; put both in the theme",
        )
    elif (room := _room(element)) and width > room:
        yield Rule.IMAGE_WIDE.found(
            mail.where(element),
            f"this picture is {width} pixels wide and has room for {room}; Outlook would stretch "
            "the mail, so show it smaller in the theme",
        )


def _number(element: HtmlElement, name: str) -> int:
    value = element.get(name, "").strip()
    return int(value) if value.isascii() and value.isdigit() else 0


def _room(element: HtmlElement) -> int:
    """Return the pixels that what is around *element* leaves it; 0: nothing says so."""
    widths = (
        re.match(r"(\d+)px", declared(around.get("style", "")).get("max-width", ""))
        for around in element.iterancestors()
    )
    return min((int(found[1]) for found in widths if found), default=0)


# -- files


def _files(mail: Mail, shown: list[HtmlElement]) -> Iterator[Finding]:
    seen = set()
    for element in shown:
        source = element.get("src", "")
        data = mail.images.get(source)
        if data is None and source.startswith("cid:"):
            yield Rule.IMAGE_MISSING.found(
                mail.where(element), "this picture is not in the mail; build it again"
            )
        elif data is not None and source not in seen:
            seen.add(source)
            yield from _file(mail, element, data)


def _file(mail: Mail, element: HtmlElement, data: bytes) -> Iterator[Finding]:
    from PIL import Image  # late, for most mails have no picture

    where = mail.where(element)
    if len(data) > HEAVY_IMAGE:
        yield Rule.IMAGE_HEAVY.found(
            where,
            f"this picture weighs {len(data) / 1e3:,.0f} KB; a photo with fewer details, or a "
            "smaller cut of it, stays under 300",
        )
    try:
        with Image.open(io.BytesIO(data)) as picture:
            width, moves = picture.width, getattr(picture, "is_animated", False)
    except OSError:
        yield Rule.IMAGE_MISSING.found(where, "this picture cannot be shown; save it again as PNG")
        return
    shown = _number(element, "width")
    if shown and width > SHARPEST * shown:
        yield Rule.IMAGE_SHARPER.found(
            where,
            f"this picture's file is {width} pixels wide and shown at {shown}; twice that is "
            "enough, and lighter",
        )
    if moves:
        yield Rule.IMAGE_ANIMATED.found(
            where,
            "this picture moves, which distracts and in Outlook stands still at the first; use a "
            "still one",
        )
