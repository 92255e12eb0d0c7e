import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError
from lxml import html as lxml_html

from newsletter import theme
from newsletter.colours import READABLE, contrast
from newsletter.errors import SetupError
from newsletter.rendering import Organisation, Rendering, render
from newsletter.theme import legibility
from tests.editions import kitchen_sink, paint

DEFAULT = theme.load("default", [theme.shipped()])
HOUSE = Organisation(name="District09", contact="communicatie@example.org")
SHIPPED = sorted(path.parent.name for path in theme.shipped().glob("*/theme.toml"))


def own(folder: Path, settings: str, name: str = "stad") -> Path:
    (folder / name).mkdir(exist_ok=True)
    (folder / name / "theme.toml").write_text(settings, encoding="utf-8")
    return folder


def test_the_package_brings_the_theme_default() -> None:
    loaded = theme.load("default", [theme.shipped()])
    assert loaded.name == "default"
    assert loaded.width == 640
    assert loaded.colours.keys() == loaded.dark.keys()


def test_the_first_folder_that_holds_a_theme_wins(tmp_path: Path) -> None:
    own(tmp_path, "width = 600", name="default")
    assert theme.load("default", [tmp_path, theme.shipped()]).width == 600
    assert theme.load("default", [theme.shipped(), tmp_path]).width == 640


def test_an_unknown_theme_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(SetupError, match="unknown theme `defualt`; did you mean `default`"):
        theme.load("defualt", [theme.shipped()])


def test_a_theme_whose_settings_are_no_file_is_not_taken_for_default(tmp_path: Path) -> None:
    (tmp_path / "stad").mkdir()
    (tmp_path / "stad" / "theme.toml").symlink_to("gone.toml")
    with pytest.raises(SetupError, match="unknown theme `stad`"):
        theme.load("stad", [tmp_path, theme.shipped()])


def test_an_unknown_theme_like_no_other_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(SetupError, match="unknown theme `xyz`; there are `default`"):
        theme.load("xyz", [theme.shipped()])


@pytest.mark.parametrize("name", ["../default", "default/../default", "", ".", "/default"])
def test_a_name_that_is_a_path_is_an_unknown_theme(name: str) -> None:
    with pytest.raises(SetupError, match="unknown theme"):
        theme.load(name, [theme.shipped()])


def test_a_theme_needs_to_say_only_what_differs(tmp_path: Path) -> None:
    folders = [own(tmp_path, '[colours]\naccent = "#a00000"'), theme.shipped()]
    default, stad = theme.load("default", folders), theme.load("stad", folders)
    assert stad.colours == dict(default.colours) | {"accent": "#a00000"}
    assert stad.dark == default.dark
    assert stad.fonts == default.fonts


def test_a_theme_works_where_only_its_own_folder_is_given(tmp_path: Path) -> None:
    assert theme.load("stad", [own(tmp_path, "width = 600")]).colours["sheet"] == "#ffffff"


def test_a_theme_may_replace_one_template_and_takes_the_others_from_default(tmp_path: Path) -> None:
    own(tmp_path, "")
    (tmp_path / "stad" / "blocks").mkdir()
    (tmp_path / "stad" / "blocks" / "divider.html.j2").write_text("<hr>")
    templates = theme.environment(theme.load("stad", [tmp_path, theme.shipped()]).folders)
    assert templates.get_template("blocks/divider.html.j2").render() == "<hr>"
    assert templates.get_template("mail.html.j2").filename == str(
        theme.shipped() / "default" / "mail.html.j2"
    )


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ('[colours]\naccent = "#abc"', r"colours.accent: `#abc` is not a colour of six digits"),
        ('[dark]\naccent = "red"', r"dark.accent: `red` is not a colour"),
        ('[colours]\naccent = "#00000;}"', r"is not a colour"),
        ('[colours]\nacent = "#000000"', r"unknown setting `acent`; did you mean `accent`"),
        ('[color]\naccent = "#000000"', r"unknown setting `color`; did you mean `colours`"),
        ('colours = "#000000"', r"`colours` must be a table; write it as \[colours\]"),
        ("[fonts]\nreading = \"'Comic Sans'\"", r"fonts.reading: .* without quotes"),
        ("width = 2000", r"width: 2000 is not between 480 and 800"),
        ('width = "600"', r"width: 600 is not between"),
        ("width =", r"theme.toml: Invalid value"),
        ("radius = 90", r"radius: 90 is not between 0 and 24"),
        ("radius = true", r"radius: True is not between"),
        ('text_links = "below"', r"text_links: `below` is neither `inline` nor `numbered`"),
        ('fotter = ["x"]', r"unknown setting `fotter`; did you mean `footer`"),
        ('footer = "x"', r"footer: must be a list; write footer ="),
        ('footer = ["a", "b\\nc"]', r"footer, line 2: `b\nc` is not one line of words"),
        ("footer = ['{{ first_name | \"x\" }}']", r"footer, line 1: has a reader's own word"),
        ('footer = ["[x](/x)"]', r"footer, line 1: link `/x` does not begin with https:"),
        ('footer = ["[x](javascript:x)"]', r"footer, line 1: a link that cannot be read"),
        (f'footer = ["{"x" * 301}"]', r"footer, line 1: is longer than 300 characters"),
        ('logo = "x.png"', r"`logo` must be a table; write it as \[logo\]"),
        ("[logo]", r"logo.light: is missing; a logo has a picture beside theme.toml"),
        ("[logo]", r"logo.alt: is missing"),
        ("[logo]", r"logo.width: is missing"),
        ('[logo]\nligth = "x.png"', r"logo: unknown setting `ligth`; did you mean `light`"),
        ('[logo]\nlight = "x.svg"', r"logo.light: `x.svg` is not the name of a .png or .jpg file"),
        ('[logo]\nlight = "../x.png"', r"logo.light: `../x.png` is outside the folder of the"),
        ('[logo]\nlight = "/x.png"', r"logo.light: `/x.png` is outside"),
        ('[logo]\nlight = "\\u0000.png"', r"is not the name of a .png"),
        ('[logo]\ndark = "x.png"', r"logo.dark: `x.png` is not in .*; put it there"),
        ('[logo]\nalt = " "', r"logo.alt: ` ` are no words"),
        ("[logo]\nwidth = 4000", r"logo.width: 4000 is not between 16 and 400"),
    ],
)
def test_a_fault_in_theme_toml_says_file_key_and_mend(
    settings: str, complaint: str, tmp_path: Path
) -> None:
    with pytest.raises(SetupError, match=complaint) as caught:
        theme.load("stad", [own(tmp_path, settings), theme.shipped()])
    assert str(caught.value).startswith(str(tmp_path / "stad" / "theme.toml"))


@pytest.mark.parametrize("language", ["nl", "fr", "en", "nl-BE"])
def test_the_fixed_words_exist_in_every_language_of_the_house(language: str) -> None:
    words = theme.strings(theme.load("default", [theme.shipped()]), language)
    assert words.keys() == theme.strings(DEFAULT, "en").keys() >= {"date", "reason", "questions"}
    assert "{organisation}" in words["reason"]


def test_a_language_without_words_is_refused_with_the_file_to_write(tmp_path: Path) -> None:
    loaded = theme.load("stad", [own(tmp_path, ""), theme.shipped()])
    with pytest.raises(SetupError, match=r"`stad` has no words in `de`; copy .*en\.toml to") as e:
        theme.strings(loaded, "de")
    assert str(tmp_path / "stad" / "strings" / "de.toml") in str(e.value)


def test_a_theme_may_say_one_thing_in_its_own_words(tmp_path: Path) -> None:
    own(tmp_path, "")
    (tmp_path / "stad" / "strings").mkdir()
    (tmp_path / "stad" / "strings" / "nl.toml").write_text('questions = "Iets te vragen?"')
    words = theme.strings(theme.load("stad", [tmp_path, theme.shipped()]), "nl")
    assert words["questions"] == "Iets te vragen?"
    assert words["picture"] == "Beeld"


def test_a_language_of_which_words_are_missing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "stad" / "strings").mkdir(parents=True)
    (tmp_path / "stad" / "theme.toml").write_text("")
    (tmp_path / "stad" / "strings" / "de.toml").write_text('questions = "Fragen?"')
    with pytest.raises(SetupError, match=r"de\.toml: words are missing: date, day, time, .*reason"):
        theme.strings(theme.load("stad", [tmp_path, theme.shipped()]), "de")


def test_a_template_that_asks_for_what_is_not_there_fails() -> None:
    templates = theme.environment(DEFAULT.folders)
    with pytest.raises(UndefinedError):
        templates.from_string("{{ nothing }}").render()


def test_new_words_never_go_into_the_package() -> None:
    with pytest.raises(SetupError, match=r"`newsletter theme new default`\): templates/default/st"):
        theme.strings(DEFAULT, "de")


def test_what_a_theme_includes_escapes_whatever_it_is_called(tmp_path: Path) -> None:
    own(tmp_path, "")
    (tmp_path / "stad" / "note.html").write_text("{{ words }}")
    templates = theme.environment(theme.load("stad", [tmp_path, theme.shipped()]).folders)
    assert templates.get_template("note.html").render(words="<b>") == "&lt;b&gt;"


def test_html_templates_escape_and_text_templates_do_not(tmp_path: Path) -> None:
    own(tmp_path, "")
    for name in ("a.html.j2", "a.txt.j2"):
        (tmp_path / "stad" / name).write_text("{{ words }}")
    templates = theme.environment(theme.load("stad", [tmp_path, theme.shipped()]).folders)
    assert templates.get_template("a.html.j2").render(words="<b>") == "&lt;b&gt;"
    assert templates.get_template("a.txt.j2").render(words="<b>") == "<b>"


def test_every_fault_is_said_in_one_go(tmp_path: Path) -> None:
    own(tmp_path, 'width = 1\nradius = 99\n[fonts]\nreading = "\'"\n[dark]\nink = "red"')
    with pytest.raises(SetupError) as caught:
        theme.load("stad", [tmp_path, theme.shipped()])
    assert [line.split(": ")[1] for line in str(caught.value).splitlines()] == [
        "width",
        "radius",
        "fonts.reading",
        "dark.ink",
    ]


# The brand.


def test_a_logo_is_read_with_the_folder_that_it_is_in(tmp_path: Path) -> None:
    own(tmp_path, '[logo]\nlight = "logo.png"\ndark = "dark.png"\nalt = "Gent"\nwidth = 160')
    paint(tmp_path / "stad" / "logo.png", 320, 90)
    paint(tmp_path / "stad" / "dark.png", 320, 90)
    assert theme.load("stad", [tmp_path, theme.shipped()]).logo == theme.Logo(
        light=tmp_path / "stad" / "logo.png",
        dark=tmp_path / "stad" / "dark.png",
        alt="Gent",
        width=160,
    )
    assert DEFAULT.logo is None


def test_a_theme_takes_the_logo_and_footer_of_the_default_of_its_workspace(tmp_path: Path) -> None:
    own(
        tmp_path,
        'footer = ["Botermarkt 1"]\n[logo]\nlight = "l.png"\nalt = "Gent"\nwidth = 99',
        name="default",
    )
    paint(tmp_path / "default" / "l.png", 320, 90)
    loaded = theme.load("stad", [own(tmp_path, "radius = 0"), theme.shipped()])
    assert loaded.logo is not None
    assert loaded.logo.light == tmp_path / "default" / "l.png"
    assert loaded.footer == ("Botermarkt 1",)
    assert loaded.radius == 0


def test_a_misspelt_logo_is_refused_with_the_picture_that_is_there(tmp_path: Path) -> None:
    own(tmp_path, '[logo]\nlight = "lgo.png"\nalt = "Gent"\nwidth = 160')
    paint(tmp_path / "stad" / "logo.png", 320, 90)
    with pytest.raises(SetupError, match=r"`lgo.png` is not in .*; did you mean `logo.png`"):
        theme.load("stad", [tmp_path, theme.shipped()])


@pytest.mark.parametrize("name", SHIPPED)
def test_a_dark_logo_waits_out_of_sight_where_there_are_no_style_sheets(
    name: str, tmp_path: Path
) -> None:
    rendered = _with_logo(name, tmp_path)
    kept, _, body = rendered.html.rpartition("</style>")
    light, dark = re.findall(r"<img class=\"logo\".*?>", body)
    assert light != dark
    (hidden,) = re.findall(r'<!--\[if !mso\]><!--><div class="logo-dark" style="(.*?)">', body)
    assert "display:none" in hidden
    assert "mso-hide:all" in hidden
    assert re.search(r"prefers-color-scheme:dark.*\.logo-dark{display:block !important", kept, re.S)
    assert "[data-ogsc] .logo-light{display:none !important;}" in kept
    assert len(rendered.images) == len({image.cid for image in rendered.images}) >= 2


@pytest.mark.parametrize("name", SHIPPED)
def test_a_logo_whose_picture_is_not_shown_reads_as_its_words(name: str, tmp_path: Path) -> None:
    html = _with_logo(name, tmp_path).html
    (style,) = set(re.findall(r'<img class="logo".*? alt="Gent" style="(.*?)"', html))
    assert "font-weight:bold" in style
    colour = theme.load(name, [theme.shipped()]).colours["on_cover"]
    assert f"color:{colour}" in style


@pytest.mark.parametrize("name", SHIPPED)
def test_the_lines_of_the_footer_are_in_both_parts(name: str, tmp_path: Path) -> None:
    rendered = _with_logo(name, tmp_path)
    assert '<a class="link" href="https://example.org/stijl"' in rendered.html
    assert "Botermarkt 1 & 2" in rendered.text
    assert "Botermarkt 1 &amp; 2" in rendered.html
    assert "https://example.org/stijl" in rendered.text


def test_without_a_logo_the_name_stands_on_top(tmp_path: Path) -> None:
    html = render(kitchen_sink(tmp_path), DEFAULT, HOUSE).html
    assert re.search(r'<td class="mark"[^>]*>District09</td>', html)
    assert "logo-" not in html


def _with_logo(name: str, folder: Path) -> Rendering:
    for number, picture in enumerate(("light.png", "dark.png"), 300):
        paint(folder / picture, number, 90)
    logo = theme.Logo(light=folder / "light.png", dark=folder / "dark.png", alt="Gent", width=160)
    footer = ("Botermarkt 1 & 2", "[Huisstijl](https://example.org/stijl)")
    plain = theme.load(name, [theme.shipped()])
    look = dataclasses.replace(plain, logo=logo, footer=footer)
    return render(kitchen_sink(folder), look, HOUSE)


# Colours that can be read.


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_theme_passes_what_it_asks_of_others(name: str) -> None:
    assert {"default", "krant"} <= set(SHIPPED)
    loaded = theme.load(name, [theme.shipped()])
    for table, screens in legibility.SCREENS.items():
        colours = getattr(loaded, table)
        for words, ground in legibility.PAIRS:
            for screen in screens:
                assert contrast(colours[words], colours[ground], screen) >= READABLE


def test_a_faint_colour_is_refused_with_pair_measure_place_and_the_nearest(tmp_path: Path) -> None:
    own(tmp_path, '[colours]\ncover = "#ffd200"\n[dark]\nink = "#333333"')
    with pytest.raises(SetupError) as caught:
        theme.load("stad", [tmp_path, theme.shipped()])
    file = tmp_path / "stad" / "theme.toml"
    assert str(caught.value).splitlines() == [
        f"{file}: colours.cover: #ffd200 cannot be read; the nearest that can is #705b00, "
        "or keep it and give on_cover, on_cover_quiet other colours",
        "    on_cover on cover (#ffffff on #ffd200): "
        "1.45 in light, 2.81 inverted, 1.49 darkened; 4.5 is needed",
        "    on_cover_quiet on cover (#bfdaf2 on #ffd200): "
        "1.0 in light, 1.89 inverted, 1.01 darkened; 4.5 is needed",
        f"{file}: dark.ink: #333333 cannot be read; the nearest that can is #8f8f8f",
        "    ink on sheet (#333333 on #161d26): 1.34 in dark; 4.5 is needed",
        "    ink on wash (#333333 on #1e2a37): 1.15 in dark; 4.5 is needed",
    ]


def test_a_pair_that_fails_only_when_it_is_inverted_is_refused_too(tmp_path: Path) -> None:
    own(tmp_path, '[colours]\ncover="#7f7f7f"\non_cover = "#000000"\non_cover_quiet = "#000000"')
    with pytest.raises(SetupError) as caught:
        theme.load("stad", [tmp_path, theme.shipped()])
    assert "on_cover on cover (#000000 on #7f7f7f): 3.94 inverted, 3.54 darkened" in str(
        caught.value
    )
    assert "in light" not in str(caught.value)


def test_the_dark_colours_need_not_survive_an_inversion_of_their_own(tmp_path: Path) -> None:
    own(tmp_path, '[dark]\naccent = "#7f7f7f"\non_accent = "#000000"\nsheet = "#000000"\n'
        'ground = "#000000"\nwash = "#000000"')  # fmt: skip
    assert theme.load("stad", [tmp_path, theme.shipped()]).dark["accent"] == "#7f7f7f"


def test_the_theme_that_gives_the_faint_colour_is_named(tmp_path: Path) -> None:
    own(tmp_path, '[colours]\nquiet = "#aaaaaa"', name="default")
    own(tmp_path, "radius = 0")
    with pytest.raises(SetupError) as caught:
        theme.load("stad", [tmp_path, theme.shipped()])
    assert str(caught.value).startswith(f"{tmp_path / 'default' / 'theme.toml'}: colours.quiet:")


def test_two_grounds_that_leave_no_room_are_said_so(tmp_path: Path) -> None:
    own(tmp_path, '[colours]\nsheet = "#777777"')
    with pytest.raises(SetupError, match=r"colours.sheet: .* the nearest that can is #d"):
        theme.load("stad", [tmp_path, theme.shipped()])
    words = "".join(f'\n{key} = "#ffffff"' for key in _FIVE)
    own(tmp_path, f'[colours]\nsheet = "#222222"{words}')
    with pytest.raises(SetupError, match=r"no lightness of it can with all of sheet #222222, wash"):
        theme.load("stad", [tmp_path, theme.shipped()])


_FIVE = ("ink", "heading", "quiet", "voice", "accent")
SOME = st.dictionaries(
    st.sampled_from(sorted(DEFAULT.colours)),
    st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}"),
    max_size=4,
)


@given(colours=SOME, dark=SOME)
def test_a_theme_that_follows_the_advice_can_be_read(
    colours: dict[str, str], dark: dict[str, str]
) -> None:
    whole = {"colours": dict(DEFAULT.colours), "dark": dict(DEFAULT.dark)}
    given = {"colours": colours, "dark": dark}
    found = legibility.faults([(Path("own"), given), (Path("default"), whole)])
    for fault in found:
        table, key, mend = re.match(r"own: (\w+)\.(\w+): #\w+ cannot be read; (.*)", fault).groups()  # type: ignore[union-attr]
        if mend.startswith("no lightness"):
            return
        given[table][key] = re.match(r"the nearest that can is (#\w{6})", mend)[1]  # type: ignore[index]
    assert legibility.faults([(Path("own"), given), (Path("default"), whole)]) == []


@pytest.mark.parametrize("name", SHIPPED)
def test_every_pair_that_the_templates_use_is_among_those_that_are_measured(
    name: str, tmp_path: Path
) -> None:
    loaded = theme.load(name, [theme.shipped()])
    key_of = {f"#{number:06x}": key for number, key in enumerate(loaded.colours, 0x100000)}
    own_colour = {key: colour for colour, key in key_of.items()}
    painted = dataclasses.replace(loaded, colours=own_colour)
    html = render(kitchen_sink(tmp_path), painted, HOUSE).html
    seen = {(key_of[words], key_of[ground]) for words, ground in _painted(html)}
    assert len(seen) > 6
    assert seen <= set(legibility.PAIRS)


def _painted(html: str) -> Iterator[tuple[str, str]]:
    """Yield the colour of all words, and the one that is painted behind them."""
    for element in lxml_html.document_fromstring(html).iter("*"):
        said = (element.text or "").strip() or element.get("alt")
        if said and element.get("style") and not _hidden(element):
            yield _styled(element, "color"), _styled(element, "background-color")


def _hidden(element: lxml_html.HtmlElement) -> bool:
    return any("display:none" in e.get("style", "") for e in (element, *element.iterancestors()))


def _styled(element: lxml_html.HtmlElement, name: str) -> str:
    """Return the nearest value of a style; only words in links and the like take it from above."""
    for each in (element, *element.iterancestors()):
        if found := re.search(rf"(?:^|;)\s*{name}:\s*(#\w+)", each.get("style", "")):
            return found[1]
    raise AssertionError(f"<{element.tag}> has no {name}")


# Building on what is there.


def test_a_template_can_build_on_the_one_that_it_replaces(tmp_path: Path) -> None:
    own(tmp_path, "")
    (tmp_path / "stad" / "base.css").write_text('{% include "default/base.css" %}\n.own{margin:0;}')
    loaded = theme.load("stad", [tmp_path, theme.shipped()])
    sheet = _sheet(loaded)
    assert sheet.startswith(_sheet(DEFAULT))
    assert sheet.endswith(".own{margin:0;}")


def test_a_default_of_the_workspace_builds_on_the_one_that_is_shipped(tmp_path: Path) -> None:
    own(tmp_path, "", name="default")
    (tmp_path / "default" / "base.css").write_text(
        '{% include "default/base.css" %}.own{margin:0;}'
    )
    loaded = theme.load("default", [tmp_path, theme.shipped()])
    assert _sheet(loaded) == _sheet(DEFAULT) + ".own{margin:0;}"


def test_a_theme_may_build_on_another_that_is_shipped(tmp_path: Path) -> None:
    own(tmp_path, "")
    (tmp_path / "stad" / "base.css").write_text('{% include "krant/base.css" %}')
    sheet = _sheet(theme.load("stad", [tmp_path, theme.shipped()]))
    assert ".masthead" in sheet


def _sheet(loaded: theme.Theme) -> str:
    template = theme.environment(loaded.folders).get_template("base.css")
    return template.render(theme=loaded, colours=loaded.colours, fonts=loaded.fonts)


def test_the_radius_rounds_boxes_and_buttons(tmp_path: Path) -> None:
    loaded = theme.load("stad", [own(tmp_path, "radius = 13"), theme.shipped()])
    assert _sheet(loaded).count("border-radius:13px") >= 2
    assert "border-radius:6px" not in _sheet(loaded)
