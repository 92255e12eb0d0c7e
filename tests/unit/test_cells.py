import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.address import INVISIBLE
from newsletter.sources import cells
from newsletter.sources.cells import BadCell

_letters = st.text("aZé9ÿÅÃÂ ’'.,-/©=?#\u0301\u200b\ufb01Ω\n")


@given(_letters)
def test_however_plain_a_cell_is_it_is_read_by_the_same_rules(text: str) -> None:
    plain = unicodedata.normalize("NFC", " ".join(text.split()))
    if INVISIBLE.search(text.replace("\r", " ").replace("\n", " ")):
        reason = "invisible"
    elif "Ã©" in plain or "Â©" in plain or "Â’" in plain or "Ã’" in plain:
        reason = "garbled"
    else:
        assert cells.words(text) == plain
        return
    with pytest.raises(BadCell, match=reason):
        cells.words(text)


@given(_letters)
def test_a_name_is_what_the_cell_says_or_there_is_none(text: str) -> None:
    try:
        found = cells.name(text)
    except BadCell:
        assert not text.isalpha() or len(text) > 200 or not text.isascii()
    else:
        assert (found, len(found) <= 200) == (cells.words(text), True)


@pytest.mark.parametrize(("cell", "code"), [("nl", "nl"), (" FR-be ", "fr"), ("", ""), ("  ", "")])
def test_people_share_the_code_of_their_language(cell: str, code: str) -> None:
    assert cells.language(cell) == code
    assert cells.language(cell) is cells.language("".join([code, ""]))
