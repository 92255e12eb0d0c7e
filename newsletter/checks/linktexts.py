"""What links are called, for who hears them one after the other, and how they are seen."""

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from newsletter.checks.cascade import declared
from newsletter.checks.finding import Finding
from newsletter.checks.mail import Mail
from newsletter.checks.rules import Rule, Rules

LONGEST_ADDRESS = 50  #: characters of an address as the words of a link

# Words that say nothing about where they lead. In every language, for mails mix them.
_EMPTY_WORDS = frozenset(
    "hier|klik hier|klik|lees meer|lees verder|meer|meer lezen|meer info|meer informatie|link|"
    "deze link|via deze link|deze pagina|lees hier meer|ga verder|verder|bekijk|lees|"
    "here|click here|click|read more|more|more info|more information|learn more|this link|this|"
    "this page|see more|details|continue|read|"
    "ici|cliquez ici|cliquer ici|lire la suite|en savoir plus|plus|plus d’infos|plus d'infos|"
    "plus d’informations|plus d'informations|suite|lien|ce lien|voir plus|"
    "par ici|lire plus|cette page|cliquez-ici|"
    "hier klicken|klicken sie hier|mehr|mehr lesen|weiterlesen|mehr erfahren|mehr infos|"
    "aquí|haga clic aquí|leer más|más|qui|clicca qui|leggi di più".split("|")
)
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)


def check(mail: Mail, rules: Rules) -> Iterator[Finding]:
    """Yield links without words, with words that say nothing, or that cannot be told from text."""
    named = [(element, url, mail.words(element)) for element, url in mail.links]
    for element, url, words in named:
        where = mail.where(element, url)
        if not words and not element.get("aria-label"):
            yield Rule.LINK_EMPTY.found(
                where, f"the link `{url[:200]}` has no words; write some, or take it out"
            )
        elif _bare(words) in _EMPTY_WORDS:
            yield Rule.LINK_TEXT.found(
                where,
                f"`{words}` does not say where the link leads, to who hears links one by one; "
                "name what is there, as in `the menu of this week`",
            )
        elif _ADDRESS.fullmatch(words) and len(words) > LONGEST_ADDRESS:
            yield Rule.LINK_TEXT.found(
                where,
                f"a link of {len(words)} characters is read out letter by letter; write what is "
                "there: `[the menu of this week](https://...)`",
            )
        if words and not _is_seen(element):
            yield Rule.LINK_UNDERLINE.found(
                where,
                f"the link `{words[:60]}` is not underlined, and who does not see colours misses "
                "it; underline it in the theme, or make it a button",
            )
    yield from _doubles(mail, named)


def _bare(words: str) -> str:
    return words.casefold().strip(" .…:!›»>→()[]")


def _is_seen(link: HtmlElement) -> bool:
    """Say whether *link* is underlined, a picture, or a button: with a ground or frame."""
    style = declared(link.get("style", ""))
    if "none" not in style.get("text-decoration", "") or "border-bottom" in style:
        return True
    cell = link.getparent()
    framed = _is_framed(link) or (cell is not None and cell.tag == "td" and _is_framed(cell))
    return framed or link.find(".//img") is not None


def _is_framed(element: HtmlElement) -> bool:
    style = declared(element.get("style", ""))
    return bool({"background-color", "background", "border"} & style.keys()) or bool(
        element.get("bgcolor")
    )


def _doubles(mail: Mail, named: list[tuple[HtmlElement, str, str]]) -> Iterator[Finding]:
    """Yield the same words for two addresses, and other words for the same."""
    urls: dict[tuple[str, str], dict[str, str]] = {}
    names: dict[tuple[str, str], dict[str, str]] = {}
    for element, url, words in named:
        bare = _bare(words)
        if not words or not url.startswith(("http:", "https:")) or bare in _EMPTY_WORDS:
            continue
        language = mail.language(element)
        known_urls = urls.setdefault((language, bare), {url: url})
        known_names = names.setdefault((language, url), {bare: words})
        if url not in known_urls:
            before = _first(known_urls)[:200]
            yield Rule.LINK_SAME_TEXT.found(
                mail.where(element, url),
                f"`{words[:60]}` leads to {url[:200]} here and to {before} before; give "
                "each its own words",
            )
        if bare not in known_names:
            before = _first(known_names)[:60]
            yield Rule.LINK_OTHER_TEXT.found(
                mail.where(element, url),
                f"the link is called `{words[:60]}` here and `{before}` before; call it "
                "the same, so that nobody opens it twice",
            )
        known_urls[url] = url
        known_names[bare] = words


def _first(known: dict[str, str]) -> str:
    return next(iter(known.values()))
