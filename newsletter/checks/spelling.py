"""Numbers as words, for one language writes "fifteen" where another has 15."""

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

KNOWN_TO_BE_WORDS = 100  #: in a language that we cannot count in, smaller numbers are believed

_NUMBERS = {
    "nl": "0:nul 1:een/één/eerste 1.5:anderhalf/anderhalve 2:twee/tweede 3:drie/derde "
    "4:vier/vierde 5:vijf/vijfde 6:zes 7:zeven 8:acht 9:negen 10:tien 11:elf 12:twaalf/middag "
    "13:dertien 14:veertien 15:vijftien 16:zestien 17:zeventien 18:achttien "
    "19:negentien 20:twintig 30:dertig 40:veertig 50:vijftig 60:zestig "
    "70:zeventig 80:tachtig 90:negentig 100:honderd 1000:duizend",
    "fr": "0:zéro/minuit 1:un/une/premier/première 2:deux/deuxième/second/seconde "
    "3:trois/troisième 4:quatre/quatrième 5:cinq/cinquième 6:six 7:sept 8:huit 9:neuf "
    "10:dix/dizaine 11:onze 12:douze/midi/douzaine 13:treize 14:quatorze 15:quinze/quinzaine "
    "16:seize 17:dix-sept 18:dix-huit 19:dix-neuf 20:vingt/vingtaine 30:trente/trentaine "
    "40:quarante 50:cinquante/cinquantaine 60:soixante 70:septante 80:quatre-vingts/quatre-vingt "
    "90:nonante 100:cent/cents/centaine 1000:mille",
    "en": "0:zero/midnight 1:one/first/a 2:two/second 3:three/third 4:four/fourth 5:five/fifth "
    "6:six 7:seven 8:eight 9:nine 10:ten 11:eleven 12:twelve/noon/dozen 13:thirteen 14:fourteen "
    "15:fifteen 16:sixteen 17:seventeen 18:eighteen 19:nineteen 20:twenty 30:thirty 40:forty "
    "50:fifty 60:sixty 70:seventy 80:eighty 90:ninety 100:hundred 1000:thousand",
    "de": "0:null/mitternacht 1:ein/eine/einen/eins/erste/ersten 1.5:anderthalb 2:zwei/zweite "
    "2:zweiten 3:drei/dritte/dritten 4:vier 5:fünf 6:sechs 7:sieben 8:acht 9:neun 10:zehn 11:elf "
    "12:zwölf/mittag 13:dreizehn 14:vierzehn 15:fünfzehn 16:sechzehn 17:siebzehn 18:achtzehn "
    "19:neunzehn 20:zwanzig 30:dreißig 40:vierzig 50:fünfzig 60:sechzig 70:siebzig 80:achtzig "
    "90:neunzig 100:hundert 1000:tausend",
}
# "Vijfentwintig", "tweeëntwintig", "fünfundzwanzig", "twenty-five", "vingt-cinq".
_JOINED = {
    "nl": ("{unit}en{ten}", "{unit}ën{ten}"),
    "fr": ("{ten}-{unit}",),
    "en": ("{ten}-{unit}",),
    "de": ("{unit}und{ten}",),
}
_HALF_BEFORE = {"half", "halb"}  # in Dutch and German "half ten" is 9.30
_HALF_AFTER = {"fr": {"demi", "demie"}, "en": {"half"}}  # "neuf heures et demie", "half past nine"


@cache
def _known(language: str) -> dict[str, float]:
    """Return the number that each word of *language* is."""
    simple = {
        word: float(number)
        for number, _, words in (entry.partition(":") for entry in _NUMBERS[language].split())
        for word in words.split("/")
    }
    tens = {word: number for word, number in simple.items() if number in range(20, 100)}
    units = {word: number for word, number in simple.items() if number in range(1, 20)}
    joined = {
        way.format(unit=unit, ten=ten): tens[ten] + units[unit]
        for way in _JOINED[language]
        for ten in tens
        for unit in units
    }
    return joined | simple


def numbers(text: str, language: str) -> frozenset[float]:
    """Return the numbers that *text*, in *language*, has as words.

    >>> sorted(numbers("Vijftien jaar, twee huizen", "nl"))
    [2, 15]
    """
    language = language.partition("-")[0]
    if language not in _NUMBERS:
        return frozenset(range(KNOWN_TO_BE_WORDS))
    known = _known(language)
    words = re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*|\b\d{1,2}\b", text.lower())
    whole = {known[word] for word in words if word in known}
    return frozenset(whole.union(_halves(words, whole, language)))


def _halves(words: list[str], whole: set[float], language: str) -> Iterator[float]:
    if not _HALF_AFTER.get(language, set()).isdisjoint(words):
        yield from (number + half for number in whole for half in (0.5, 12.5))
    elif language in ("nl", "de"):
        for half, hour in pairwise(words):
            number = float(hour) if hour.isdecimal() else _known(language).get(hour)
            if half in _HALF_BEFORE and number:
                yield from (number - 0.5, number + 11.5)
