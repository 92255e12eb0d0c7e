from pathlib import Path

import pytest
from jinja2 import UndefinedError

from newsletter import theme
from newsletter.errors import SetupError


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
    templates = theme.environment(theme.load("stad", [tmp_path, theme.shipped()]))
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
    assert words.keys() == {"date", "reason", "questions", "picture"}
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


def test_a_template_that_asks_for_what_is_not_there_fails() -> None:
    templates = theme.environment(theme.load("default", [theme.shipped()]))
    with pytest.raises(UndefinedError):
        templates.from_string("{{ nothing }}").render()


def test_html_templates_escape_and_text_templates_do_not(tmp_path: Path) -> None:
    own(tmp_path, "")
    for name in ("a.html.j2", "a.txt.j2"):
        (tmp_path / "stad" / name).write_text("{{ words }}")
    templates = theme.environment(theme.load("stad", [tmp_path, theme.shipped()]))
    assert templates.get_template("a.html.j2").render(words="<b>") == "&lt;b&gt;"
    assert templates.get_template("a.txt.j2").render(words="<b>") == "<b>"
