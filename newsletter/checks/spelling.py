"""Numbers as words, for one language writes "fifteen" where another has 15."""

import re

KNOWN_TO_BE_WORDS = 100  #: in a language that we cannot count in, smaller numbers are believed

_NUMBERS = {
    "nl": "0:nul 1:een/één/eerste 2:twee/tweede 3:drie/derde 4:vier/vierde 5:vijf/vijfde 6:zes "
    "7:zeven 8:acht 9:negen 10:tien 11:elf 12:twaalf/middag 13:dertien 14:veertien 15:vijftien "
    "16:zestien 17:zeventien 18:achttien 19:negentien 20:twintig 30:dertig 40:veertig 50:vijftig "
    "60:zestig 70:zeventig 80:tachtig 90:negentig 100:honderd 1000:duizend",
    "fr": "0:zéro/minuit 1:un/une/premier/première 2:deux/deuxième/second/seconde "
    "3:trois/troisième 4:quatre/quatrième 5:cinq/cinquième 6:six 7:sept 8:huit 9:neuf "
    "10:dix/dizaine 11:onze 12:douze/midi/douzaine 13:treize 14:quatorze 15:quinze/quinzaine "
    "16:seize 20:vingt/vingtaine 30:trente/trentaine 40:quarante 50:cinquante/cinquantaine "
    "60:soixante 70:septante 80:quatre-vingts 90:nonante 100:cent/cents/centaine 1000:mille",
    "en": "0:zero/midnight 1:one/first/a 2:two/second 3:three/third 4:four/fourth 5:five/fifth "
    "6:six 7:seven 8:eight 9:nine 10:ten 11:eleven 12:twelve/noon/dozen 13:thirteen 14:fourteen "
    "15:fifteen 16:sixteen 17:seventeen 18:eighteen 19:nineteen 20:twenty 30:thirty 40:forty "
    "50:fifty 60:sixty 70:seventy 80:eighty 90:ninety 100:hundred 1000:thousand",
    "de": "0:null/mitternacht 1:ein/eine/einen/eins/erste/ersten 2:zwei/zweite/zweiten "
    "3:drei/dritte/dritten 4:vier 5:fünf 6:sechs 7:sieben 8:acht 9:neun 10:zehn 11:elf "
    "12:zwölf/mittag 13:dreizehn 14:vierzehn 15:fünfzehn 16:sechzehn 17:siebzehn 18:achtzehn "
    "19:neunzehn 20:zwanzig 30:dreißig 40:vierzig 50:fünfzig 60:sechzig 70:siebzig 80:achtzig "
    "90:neunzig 100:hundert 1000:tausend",
}
_VALUES = {
    language: {
        word: int(number)
        for number, _, words in (entry.partition(":") for entry in entries.split())
        for word in words.split("/")
    }
    for language, entries in _NUMBERS.items()
}


def numbers(text: str, language: str) -> frozenset[int]:
    """Return the numbers that *text*, in *language*, has as words.

    >>> sorted(numbers("Vijftien jaar, twee huizen", "nl"))
    [2, 15]
    """
    known = _VALUES.get(language.partition("-")[0])
    if known is None:
        return frozenset(range(KNOWN_TO_BE_WORDS))
    words = re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", text.lower())
    return frozenset(known[word] for word in words if word in known)
