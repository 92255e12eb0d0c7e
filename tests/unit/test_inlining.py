import logging
import re
import subprocess
import sys
from pathlib import Path

import css_inline
import pytest
from lxml import etree as lxml_etree
from lxml import html as lxml_html

from newsletter import inlining, rendering, theme
from newsletter.errors import SetupError
from newsletter.inlining import inline
from tests.editions import kitchen_sink

ORGANISATION = rendering.Organisation(name="Stad", contact="post@example.org")


def page(css: str, body: str = "<p class='a'>x</p>", head: str = "") -> str:
    return f"<!DOCTYPE html><html><head>{head}<style>{css}</style></head><body>{body}</body></html>"


def test_a_style_sheet_moves_into_style_attributes_and_disappears() -> None:
    inlined = inline(page("p{color:#ffffff;} .a{margin:0 0 1px 0;}"))
    assert "<style" not in inlined
    assert 'style="color:#ffffff; margin:0 0 1px 0"' in inlined


def test_colours_keep_their_six_digits() -> None:
    assert "#aabbcc" in inline(page("p{color:#aabbcc;}"))


def test_a_block_marked_to_be_ignored_survives_byte_for_byte() -> None:
    kept = "@media (max-width:9px){p{color:#111111 !important;}} [data-ogsc] p{color:#222222;}"
    inlined = inline(page("p{margin:0;}", head=f'<style data-premailer="ignore">{kept}</style>'))
    assert f"<style>{kept}</style>" in inlined


def test_width_and_height_attributes_are_left_alone() -> None:
    inlined = inline(
        page("img{width:100%;height:auto;}", '<img src="cid:x" width="300" height="200" alt="">')
    )
    assert 'width="300" height="200"' in inlined


def test_conditional_comments_for_word_survive() -> None:
    comment = '<!--[if mso]><table role="presentation"><tr><td><![endif]-->'
    assert comment in inline(page("p{margin:0;}", f"{comment}<p>x</p>"))


def test_markers_of_slots_survive() -> None:
    assert "\ue00012\ue001" in inline(page("p{margin:0;}", "<p>Dag \ue00012\ue001</p>"))


@pytest.mark.fault(60, "`@import` in a theme", "refused before anything is fetched")
@pytest.mark.parametrize(
    "css",
    [
        "@import url(https://example.org/a.css);",
        "@IMPORT 'a.css';",
        "@ import 'a.css';",
        "p{margin:0;} @import url(file:///etc/passwd);",
    ],
)
def test_an_import_is_refused_before_anything_could_fetch_it(css: str) -> None:
    with pytest.raises(SetupError, match="has an @import"):
        inline(page(css))


def test_an_import_in_a_style_that_is_ignored_or_in_a_comment_is_refused_too() -> None:
    for head in (
        '<style data-premailer="ignore">@import "a.css";</style>',
        '<!--[if mso]><style>@import "a.css";</style><![endif]-->',
    ):
        with pytest.raises(SetupError, match="has an @import"):
            inline(page("p{margin:0;}", head=head))


def test_an_import_in_disguise_is_refused_and_reaches_no_file(tmp_path: Path) -> None:
    canary = tmp_path / "canary.css"
    canary.write_text("p{color:#c0ffee;}")
    disguised = f"@\\69mport url({canary.as_uri()});"
    with pytest.raises(SetupError, match="Cannot read Stylesheet"):
        inline(page(disguised))


def test_a_linked_style_sheet_is_refused() -> None:
    with pytest.raises(SetupError, match="links a style sheet"):
        inline(page("", head='<LINK href="a.css" rel="stylesheet">'))


def test_words_about_imports_are_words() -> None:
    assert "@import" in inline(page("p{margin:0;}", "<p>gebruik geen @import</p>"))


@pytest.mark.parametrize("css", ["p{color:#12;}", "p{;:x}"])
def test_css_that_the_parser_remarks_on_is_refused_every_time(css: str) -> None:
    for _ in range(2):  # the second time premailer would take it from its cache, silently
        with pytest.raises(SetupError, match="the theme's CSS has a fault: "):
            inline(page(css))


@pytest.mark.parametrize("css", ["} p{margin:0;}", "p{color:red", "@media x{p{margin:0;}"])
def test_braces_that_do_not_match_are_refused(css: str) -> None:
    with pytest.raises(SetupError, match="brace"):
        inline(page("", head=f'<style data-premailer="ignore">{css}</style>'))


def test_the_parsers_log_is_put_back_as_it_was() -> None:
    log = logging.getLogger("CSSUTILS")
    inline(page("p{margin:0;}"))
    before = (list(log.handlers), log.propagate)
    with pytest.raises(SetupError):
        inline(page("p{color:#12;}"))
    assert (log.handlers, log.propagate) == before


def test_two_inliners_agree_on_the_css_of_the_theme(tmp_path: Path) -> None:
    default = theme.load("default", [theme.shipped()])
    rendered = rendering.render(kitchen_sink(tmp_path), default, ORGANISATION)
    css = (
        theme.environment(default.folders)
        .get_template("base.css")
        .render(theme=default, colours=default.colours, fonts=default.fonts)
    )
    bare = re.sub(
        r' style="[^"]*"',
        "",
        re.sub(r"<style>.*?</style>|<!--.*?-->", "", rendered.html, flags=re.S),
    )
    source = bare.replace("</head>", f"<style>{css}</style></head>")
    ours = styles(inlining.inline(source))
    theirs = styles(css_inline.CSSInliner(load_remote_stylesheets=False).inline(source))
    assert len(ours) > 100
    assert ours == theirs


def styles(html: str) -> list[tuple[str, dict[str, str]]]:
    elements = lxml_html.document_fromstring(html).iter(lxml_etree.Element)
    styled = ((element.tag, element.get("style")) for element in elements)
    return [(str(tag), declarations(style)) for tag, style in styled if style]


def declarations(style: str) -> dict[str, str]:
    pairs = (pair.partition(":") for pair in style.split(";") if pair.strip())
    return {name.strip(): " ".join(value.split()) for name, _, value in pairs}


def test_what_was_read_before_changes_nothing() -> None:
    pages = [
        page("p{margin:0;padding:1px 2px;} a:hover{color:#111111;}", "<p>x</p><a>y</a>"),
        page("p{color:#222222 !important;} @media print{p{color:#333333;}}"),
        page("p{margin:0;}", "<p style='margin:3px'>x</p>"),
    ]
    first = [inline(each) for each in pages]
    assert [inline(each) for each in reversed(pages)] == first[::-1]


def test_a_fault_is_told_again_however_often_it_is_read() -> None:
    for _ in range(2):
        with pytest.raises(SetupError, match="fault"):
            inline(page("p{color:#12;}"))


def test_the_http_client_that_premailer_wants_is_not_there_for_it() -> None:
    code = "import sys; from newsletter.inlining import inline; inline('<p>x</p>')"
    shown = f"{code}; print(sorted({{'requests', 'urllib3'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", shown], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
