"""A theme of one's own, from the command that begins it to the mail that has it."""

import re
import tomllib
from pathlib import Path

import pytest

from newsletter import theme
from newsletter.theme import legibility
from tests.workplace import ANNOUNCEMENT, Workplace

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "themes.md").read_text()
IN_CITY = ANNOUNCEMENT.replace("title:", "theme: city\ntitle:")


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    return Workplace(tmp_path / "workspace")


@pytest.fixture
def settings(workplace: Workplace) -> Path:
    workplace.run("theme", "new", "city")
    return workplace.root / "templates" / "city" / "theme.toml"


def test_a_new_theme_says_what_was_made_and_what_to_do_next(workplace: Workplace) -> None:
    said = workplace.run("theme", "new", "city").stdout
    assert said.splitlines()[:2] == ["templates/city/theme.toml", "templates/city/README.txt"]
    assert "Next: your colours in theme.toml" in said
    assert "`theme: city`" in said


def test_a_new_theme_looks_like_default_until_something_is_said(
    workplace: Workplace, settings: Path
) -> None:
    assert _html(workplace, "plain", ANNOUNCEMENT) == _html(workplace, "city", IN_CITY)


def test_what_a_new_theme_says_is_in_the_mail(workplace: Workplace, settings: Path) -> None:
    before = settings.read_text()
    said = re.sub(r'^# (accent = ")#0a5ca8', r"\1#7a1f5c", before, flags=re.M)
    said = said.replace("# radius = 6", "radius = 17")
    said = said.replace("# footer = []", 'footer = ["Botermarkt 1, [kaart](https://example.org)"]')
    assert said != before
    settings.write_text(said)

    html = _html(workplace, "city", IN_CITY)

    assert 'Botermarkt 1, <a class="link" href="https://example.org"' in html
    assert "color:#7a1f5c" in html
    assert "#0a5ca8" not in html


def test_every_setting_of_a_new_theme_is_there_as_default_has_it(settings: Path) -> None:
    silent = settings.read_text()
    logo = tomllib.loads(re.sub(r"^# (?=\w+ = |\[)", "", silent, flags=re.M))["logo"]
    assert logo.keys() == {"light", "dark", "alt", "width"}

    all_but_logo = r"^# (?=\w+ = )(?!light|dark|alt|width = 160)"
    settings.write_text(re.sub(all_but_logo, "", silent, flags=re.M))
    loaded = theme.load("city", [settings.parent.parent, theme.shipped()])
    default = theme.load("default", [theme.shipped()])
    for name in ("width", "radius", "text_links", "colours", "dark", "fonts", "footer"):
        assert getattr(loaded, name) == getattr(default, name)


def test_the_readme_of_a_new_theme_lists_every_file_that_it_may_replace(settings: Path) -> None:
    readme = (settings.parent / "README.txt").read_text()
    folder = theme.shipped() / "default"
    files = [path.relative_to(folder) for path in folder.rglob("*.*") if path.is_file()]
    assert len(files) > 20
    assert not [file for file in files if str(file) not in readme and file.name != "theme.toml"]


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("city", "templates/city is there already; give the new theme another name"),
        ("../city", "`../city` is no name for a theme; use small letters, digits and hyphens"),
        ("/tmp/city", "is no name for a theme"),
        (".", "is no name for a theme"),
        ("", "is no name for a theme"),
        ("City", "is no name for a theme"),
        ("krant", "`krant` comes with newsletter; give your theme another name"),
    ],
)
def test_a_name_that_cannot_be_is_refused(
    name: str, complaint: str, workplace: Workplace, settings: Path
) -> None:
    before = sorted(workplace.root.rglob("*"))
    assert complaint in workplace.run("theme", "new", name, status=2).stderr
    assert sorted(workplace.root.rglob("*")) == before


def test_a_theme_named_default_is_the_look_of_all(workplace: Workplace) -> None:
    said = workplace.run("theme", "new", "default").stdout
    assert "`theme:" not in said
    settings = workplace.root / "templates" / "default" / "theme.toml"
    settings.write_text('footer = ["Botermarkt 1"]')
    assert "Botermarkt 1" in _html(workplace, "plain", ANNOUNCEMENT)


def test_a_colour_that_cannot_be_read_stops_the_build(workplace: Workplace, settings: Path) -> None:
    settings.write_text('[colours]\naccent = "#ffd200"')
    refused = workplace.run("build", workplace.announce("city", IN_CITY), status=3).stderr
    assert "templates/city/theme.toml: colours.accent: #ffd200 cannot be read" in refused
    nearest = re.search(r"the nearest that can is (#\w{6})", refused)
    assert nearest
    settings.write_text(f'[colours]\naccent = "{nearest[1]}"')
    workplace.run("build", "city")


def test_the_example_of_the_page_is_a_theme(workplace: Workplace, settings: Path) -> None:
    (example,) = re.findall(r"^```toml\n(.*?)^```", PAGE, re.M | re.S)
    settings.write_text(example)
    for picture in ("logo.png", "logo-dark.png"):
        (settings.parent / picture).write_bytes((ROOT / "docs/pictures/mail.png").read_bytes())
    assert 'alt="City of Ghent"' in _html(workplace, "city", IN_CITY)


def test_the_blocks_of_the_page_can_be_made_otherwise(workplace: Workplace, settings: Path) -> None:
    _, css, divider = re.findall(r"^```text\n(.*?)^```", PAGE, re.M | re.S)
    (settings.parent / "base.css").write_text(css)
    (settings.parent / "blocks").mkdir()
    (settings.parent / "blocks" / "divider.html.j2").write_text(divider)
    body = "\n\n---\n\n::: callout Let op\nDe vloer is nat.\n:::\n"
    html = _html(workplace, "city", IN_CITY + body)
    assert "* * *</p>" in html
    assert re.search(r'class="box"[^>]*border:1px solid #c9def1', html)


def test_every_setting_is_on_the_page() -> None:
    default = tomllib.loads((theme.shipped() / "default" / "theme.toml").read_text())
    tables = {"logo": ("light", "dark", "alt", "width")} | {
        key: value for key, value in default.items() if isinstance(value, dict)
    }
    named = [f"{table}.{key}" for table, keys in tables.items() for key in keys]
    named += [key for key in default if key not in tables]
    assert len(named) > 40
    assert not [name for name in named if f"`{name}`" not in PAGE]


def test_the_page_shows_the_pairs_that_are_measured() -> None:
    table = PAGE.split("| words | on |\n|---|---|\n")[1].split("\n\n")[0]
    rows = [row.split("|") for row in table.splitlines()]
    assert set(legibility.PAIRS) == {
        (word, ground)
        for _, words, grounds, _ in rows
        for word in re.findall(r"`(\w+)`", words)
        for ground in re.findall(r"`(\w+)`", grounds)
    }


def _html(workplace: Workplace, name: str, content: str) -> str:
    workplace.announce(name, content)
    workplace.run("build", name)
    (page,) = (workplace.root / "var" / "outbox" / name).glob("*.html")
    return page.read_text()
