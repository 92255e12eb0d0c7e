from newsletter.clients import support
from newsletter.clients.gmail import inverted, without_styles
from newsletter.clients.pictures import NO_PICTURE, without_pictures
from newsletter.clients.word import DROPPED, approximated

MAIL = """\
<!DOCTYPE html>
<html><head><title>t</title><style>p{color:#ff0000}</style></head>
<body class="b" style="background-color:#ffffff">
<!--[if mso]><table id="ghost" style="width:600px"><tr><td><![endif]-->
<div class="c" id="d" style="max-width:600px;margin:0 auto;padding:9px;color:#111111">words</div>
<!--[if mso]></td></tr></table><![endif]-->
<!--[if !mso]><!--><p>not for Word</p><!--<![endif]-->
</body></html>
"""


def test_gmail_at_its_worst_keeps_the_words_and_the_style_attributes_alone() -> None:
    bare = without_styles(MAIL)

    assert "max-width:600px" in bare
    assert "words" in bare
    for gone in ("<style", "<title", "<!--", "class=", " id=", "<body class", "ghost"):
        assert gone not in bare
    assert bare.startswith("<!DOCTYPE html>")


def test_gmail_takes_tags_that_it_does_not_know_for_underlined_words() -> None:
    assert "<u>menu</u>" in without_styles("<body><nav>menu</nav></body>")


def test_inverted_turns_light_dark_and_dark_light() -> None:
    dark = inverted(MAIL)

    assert "background-color:#1b1b1b" in dark
    assert 'padding:9px;color:#ffffff"' in dark
    assert inverted('<p style="color:#FFF">x</p>') == inverted('<p style="color:#ffffff">x</p>')


def test_word_sees_the_table_that_is_for_it_and_not_what_is_hidden_from_it() -> None:
    word = approximated(MAIL)

    assert '<table id="ghost" style="width:600px">' in word
    assert "not for Word" not in word
    assert "<!DOCTYPE" not in word


def test_word_has_no_width_margin_or_padding_on_a_division() -> None:
    word = approximated(MAIL)

    for gone in ("max-width", "padding", "auto"):
        assert gone not in word
    assert "margin:0 0" in word


def test_word_has_padding_on_cells_and_the_padding_that_is_for_it_alone() -> None:
    word = approximated(
        '<table><tr><td style="padding:1px;mso-padding-alt:2px">'
        '<a style="padding:3px;mso-padding-alt:0">x</a></td></tr></table>'
    )

    assert "padding:1px;padding:2px" in word
    assert "3px" not in word


def test_word_hides_what_is_hidden_from_it_and_shows_a_picture_that_is_not_displayed() -> None:
    assert 'style="display:none"' in approximated('<p style="mso-hide:all">x</p>')
    assert "display" not in approximated('<img style="display:none">')


def test_word_applies_a_rule_without_a_query_and_without_a_pseudo_class() -> None:
    sheet = "@media screen{p{color:red}} a:hover{color:blue} p.a,td{color:green;float:left}"

    word = approximated(f"<html><head><style>{sheet}</style></head><body>x</body></html>")

    assert "p.a,td{color:green}" in word
    assert "red" not in word
    assert "blue" not in word


def test_word_drops_nothing_that_the_data_says_it_supports() -> None:
    features = support.support().features
    supported = [
        name
        for name in DROPPED
        if (feature := features.get(f"css-{name}")) and feature.level("outlook-windows") == "y"
    ]

    assert supported == []


def test_without_pictures_their_words_stay_and_nothing_is_fetched() -> None:
    html = without_pictures(
        '<!DOCTYPE html><img src="https://example.org/a.png" srcset="b.png 2x" alt="A house">'
        '<table background="c.png"><tr><td style="background:url(d.png)">x</td></tr></table>'
    )

    assert f'src="{NO_PICTURE}" alt="A house"' in html
    assert ".png" not in html
    assert html.startswith("<!DOCTYPE html>")
