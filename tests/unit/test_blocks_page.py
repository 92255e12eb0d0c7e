"""docs/blocks.md is what `make blocks` makes of the examples, and shows every block."""

import re

import pytest

from newsletter import blocks
from newsletter.markdown import parse
from tools.blocks_page import DOCS, PICTURES, page

KINDS = [block.__name__ for block in blocks.Block.__args__]
HEAVIEST = 60_000  #: bytes of a picture
PAGE = (DOCS / "blocks.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"^## (\w+)\n.*?^````markdown\n(.*?)^````$", PAGE, re.DOTALL | re.M))


def test_the_page_is_made_of_the_examples_as_they_are_now() -> None:
    assert page() == PAGE, "run `make blocks`"


@pytest.mark.parametrize("kind", KINDS)
def test_every_block_is_on_the_page_with_markdown_that_makes_it_and_its_picture(kind: str) -> None:
    content, faults = parse(EXAMPLES[kind], "blocks.md")
    assert faults == []
    assert kind in {type(block).__name__ for block in content}
    assert f"](pictures/blocks/{kind.lower()}.png)" in PAGE
    assert 0 < (PICTURES / f"{kind.lower()}.png").stat().st_size <= HEAVIEST
