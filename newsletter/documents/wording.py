"""The words by which Dutch, French and English give away what a paragraph is for."""

import re
from collections import Counter

NAMES = {"nl": "Dutch", "fr": "French", "en": "English"}
GREETINGS = {
    "nl": 'Dag {{ first_name | "collega" }},',
    "fr": 'Bonjour {{ first_name | "chère collègue, cher collègue" }},',
    "en": 'Hello {{ first_name | "colleague" }},',
}

_COMMON = {
    "nl": "de het een en van ik niet die dat zijn op aan met voor er om als ook naar bij onze wij "
    "wordt worden heeft deze uit over",
    "fr": "le les des du et une est dans pour que qui pas sur au aux avec ce il nous vous sont par "
    "ne cette ou plus notre nos à été",
    "en": "the of and to a is that it for was on are with as be this have from at by we our you "
    "will not an they has",
}
_FIRST_PERSON = {
    "nl": r"\b(?:ik|mij|mijn|mezelf)\b",
    "fr": r"\b(?:je|mon|ma|mes|moi)\b|\bj['’]|\bm['’]",
    "en": r"\b(?:I|I['’]\w+)\b|\b(?i:my|me|myself)\b",
}
_SECOND_PERSON = {
    "nl": r"\b(?:je|jij|jou|jouw|u|uw)\b",
    "fr": r"\b(?:vous|votre|vos|tu|toi|ton|ta|tes)\b",
    "en": r"\b(?:you|your)\b",
}
_REPLY = re.compile(
    r"(?:klopt|ja|nee|neen|zeker|inderdaad|absoluut|precies|natuurlijk|dank\s?je|dank\s?u|graag"
    r"|oui|non|si|tout à fait|bien sûr|exactement|absolument|effectivement|merci"
    r"|yes|no|right|sure|exactly|absolutely|indeed|certainly|of course|thank you|thanks)\b",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"(?:(?:hartelijk|heel erg|alvast|van harte|un grand|grand|many|warm|we|wij|nous)\s+)*"
    r"(?:bedankt|bedanken|dank|dankjewel|dankuwel|merci|remercions|thank|thanks"
    r"|wensen|wish|veel succes|good luck|bonne chance|tot binnenkort|à bientôt"
    r"|met (?:vriendelijke|hartelijke) groet(?:en)?|vriendelijke groet(?:en)?|groeten"
    r"|(?:kind|best|warm) regards|cordialement|bien à vous)\b",
    re.IGNORECASE,
)
_FOOTER = re.compile(
    r"[^\s@]+@[^\s@]+\.\w|https?://|\bwww\."
    r"|^(?:tekst|foto|foto['’]s|interview|redactie|bron|contact|vragen|info|meer info|meer weten"
    r"|texte|photo|photos|rédaction|source|questions|plus d['’]infos?"
    r"|text|editor|more info|more information)\s?[:?]",
    re.IGNORECASE,
)
_SALUTATION = re.compile(
    r"(?:beste|dag|hallo|geachte|goeiedag|goedendag|liefste|hi|hello|dear|bonjour|chère?s?"
    r"|madame|mesdames)\b.{0,80},$",
    re.IGNORECASE,
)
_PICTURE = re.compile(
    r"(?:foto|photo|beeld|afbeelding|illustratie|image|picture)\b|.*©|.*\((?:foto|photo|beeld)\b",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"(?:over|wie is|contact|meer|praktisch|info|à propos|qui est|en savoir|pratique|about|who is"
    r"|more|practical)\b",
    re.IGNORECASE,
)
_BYLINE = re.compile(
    r"(?:door|tekst|par|texte|by|text)\b\s*:?\s+\w"
    r"|(?:redactie|interview|auteur|author|rédaction)\s?:",
    re.IGNORECASE,
)
_CREDIT = re.compile(r"(?:foto|photo|beeld)(?:['’]?s)?\s?[:©]|©", re.IGNORECASE)
_CALL = re.compile(
    r"(?:lees (?:meer|verder|ook)|meer lezen|schrijf (?:je|u) in|inschrijven|ontdek"
    r"|lire (?:la suite|aussi|plus)|en savoir plus|inscri(?:vez|s)-|s['’]inscrire"
    r"|read (?:more|also|on)|sign up|register|find out)\b",
    re.IGNORECASE,
)
_BETWEEN_PARTS = re.compile(r"\s*[,|·•]\s*|\s+[-–—]\s+")
_PLACE_OR_PERSON = re.compile(r"['’]?[^\W\d_][\w.'’-]*(?: [\w.'’-]+){0,2}")
_MONTHS = (
    "januari februari maart april mei juni juli augustus september oktober november december "
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre "
    "january february march may june july august october"
)
_WHOLE_DATE = re.compile(rf"\b(?:{'|'.join(_MONTHS.split())})\b|\d[/.-]\d", re.IGNORECASE)
_DATE_WORD = re.compile(
    rf"\d{{1,4}}(?:e|er|st|nd|rd|th)?|(?:{'|'.join(_MONTHS.split())})"
    r"|(?:maan|dins|woens|donder|vrij|zater|zon)dag|(?:lun|mar|mercre|jeu|vendre|same)di|dimanche"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day|le|op|on|the|of",
    re.IGNORECASE,
)
_SPEAKER = re.compile(r"([^\W\d_][\w.'’-]*(?: [\w.'’-]+){0,3}?) ?\d* ?:\s+(?=\S)")
_ASKERS = frozenset(
    "vraag v q question interviewer interviewster redactie journalist intervieweur journaliste"
    " rédaction".split()
)
_ANSWERERS = frozenset("antwoord a answer réponse r".split())


def language(text: str, *, default: str) -> str:
    """Guess the language of *text* by its commonest words; *default* where they do not tell."""
    words = Counter(re.findall(r"[^\W\d_]+", text.lower()))
    scores = {code: sum(words[word] for word in common.split()) for code, common in _COMMON.items()}
    best, second = sorted(scores.values(), reverse=True)[:2]
    return max(scores, key=lambda code: scores[code]) if best > second else default


def first_person(text: str, language: str) -> bool:
    """Tell whether somebody speaks of herself in *text*."""
    return _says(_FIRST_PERSON, text, language)


def second_person(text: str, language: str) -> bool:
    """Tell whether somebody is spoken to in *text*."""
    return _says(_SECOND_PERSON, text, language)


def _says(patterns: dict[str, str], text: str, language: str) -> bool:
    pattern = patterns.get(language, patterns["en"])
    flags = 0 if language == "en" else re.IGNORECASE
    return re.search(pattern, text, flags) is not None


def is_reply(text: str) -> bool:
    """Tell whether *text* opens as an answer does."""
    return _REPLY.match(text) is not None


def is_thanks(text: str) -> bool:
    """Tell whether *text* opens as a goodbye does."""
    return _THANKS.match(text) is not None


def is_footer(text: str) -> bool:
    """Tell whether *text* is a line of contact or credits."""
    return len(text) < 160 and _FOOTER.search(text) is not None


def is_salutation(text: str) -> bool:
    """Tell whether *text* opens a letter: "Beste collega's,"."""
    return _SALUTATION.match(text) is not None


def is_about_a_picture(text: str) -> bool:
    """Tell whether *text* says that it belongs to a picture."""
    return _PICTURE.match(text) is not None


def is_credit(text: str) -> bool:
    """Tell whether *text* says whose a picture is or what is on it: "Foto: Jan"."""
    return _CREDIT.match(text) is not None


def is_call(text: str) -> bool:
    """Tell whether *text* asks to read on or to sign up."""
    return len(text) < 160 and _CALL.match(text) is not None


def is_aside(text: str) -> bool:
    """Tell whether *text* heads a box beside an interview: "Over Mira"."""
    return _ASIDE.match(text) is not None


def is_date_or_byline(text: str) -> bool:
    """Tell whether *text* says only when, where or by whom: "Kortrijk, 3 november 2026"."""
    return _is_date(text) or _is_byline(text) or _is_dateline(text)


def _is_date(text: str) -> bool:
    words = re.findall(r"\w+", text)
    return any(word.isdigit() for word in words) and all(map(_DATE_WORD.fullmatch, words))


def _is_byline(text: str) -> bool:
    return len(text) < 60 and _BYLINE.match(text) is not None


def _is_dateline(text: str) -> bool:
    """Tell whether *text* is a whole date with a place or a name before or after it."""
    parts = _BETWEEN_PARTS.split(text)
    dates = [part for part in parts if _is_date(part)]
    if len(text) > 80 or not any(map(_WHOLE_DATE.search, dates)):
        return False
    others = [part for part in parts if part not in dates]
    return all(_is_byline(part) or _PLACE_OR_PERSON.fullmatch(part) for part in others)


def speaker(text: str) -> str:
    """Return who speaks in *text* according to its label: "vraag", "mira van acker" or nobody.

    >>> speaker("Vraag 2: Wat mogen we dit jaar verwachten?")
    'vraag'
    """
    label = _SPEAKER.match(text[:100])
    return label[1].lower() if label else ""


def is_asker(label: str) -> bool:
    """Tell whether the *label* of a speaker is one of somebody who asks."""
    return label in _ASKERS


def is_answerer(label: str) -> bool:
    """Tell whether the *label* of a speaker is one of somebody who answers."""
    return label in _ANSWERERS
