"""What is kept from one run to the next so that the next is faster, and never changes a mail."""

import subprocess
import sys
from pathlib import Path

import pytest
from jinja2 import Environment

from newsletter import theme
from newsletter.errors import SetupError
from newsletter.inlining import inline

PAGE = (
    "<!DOCTYPE html><html><head><style>p{margin:0;color:#aabbcc;} .a{padding:1px 2px;}</style>"
    '</head><body><p class="a" style="width:9px;">x</p><a href="https://example.org">y</a></body>'
    "</html>"
)


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    folder = tmp_path / "templates" / "stad"
    folder.mkdir(parents=True)
    (folder / "a.html.j2").write_text("{% if words %}<p>{{ words }}</p>{% endif %}")
    return folder


def rendered(templates: Path, kept: Path) -> str:
    return theme.environment([templates], kept).get_template("a.html.j2").render(words="<x>")


# -- templates


def test_a_template_is_compiled_once(
    templates: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert rendered(templates, tmp_path / "kept") == "<p>&lt;x&gt;</p>"
    monkeypatch.delattr(Environment, "compile")
    assert rendered(templates, tmp_path / "kept") == "<p>&lt;x&gt;</p>"


def test_a_template_that_changed_is_compiled_again(templates: Path, tmp_path: Path) -> None:
    rendered(templates, tmp_path / "kept")
    (templates / "a.html.j2").write_text("{{ words }}!")
    assert rendered(templates, tmp_path / "kept") == "&lt;x&gt;!"


def test_a_template_that_moves_before_another_is_not_taken_for_it(
    templates: Path, tmp_path: Path
) -> None:
    rendered(templates, tmp_path / "kept")
    other = templates.with_name("dorp")
    other.mkdir()
    (other / "a.html.j2").write_text("{{ words }}?")
    both = theme.environment([other, templates], tmp_path / "kept")
    assert both.get_template("a.html.j2").render(words="x") == "x?"


def test_nothing_is_kept_where_nobody_says_where(templates: Path, tmp_path: Path) -> None:
    theme.environment([templates]).get_template("a.html.j2")
    assert [path.name for path in tmp_path.iterdir()] == ["templates"]


# -- style sheets


def test_css_that_was_read_once_is_not_read_again(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from newsletter.inlining import inline\n"
        "print('cssutils.css' in sys.modules, inline(sys.argv[1], Path(sys.argv[2])),"
        " 'cssutils.css' in sys.modules)"
    )
    told = [
        subprocess.run(
            [sys.executable, "-c", script, PAGE, tmp_path / "kept"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for _ in range(2)
    ]
    assert told == [f"False {inline(PAGE)} True\n", f"False {inline(PAGE)} False\n"]


def test_a_fault_in_css_is_told_every_time_and_never_kept(tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(SetupError, match="the theme's CSS has a fault"):
            inline(PAGE.replace("#aabbcc", "#12"), tmp_path / "kept")
    assert not (tmp_path / "kept").exists()


def test_a_sheet_with_what_cannot_be_written_down_is_inlined_all_the_same(tmp_path: Path) -> None:
    page = PAGE.replace("p{", "@media print{p{color:#111111;}} p{")
    assert inline(page, tmp_path / "kept") == inline(page)


# -- both


@pytest.mark.parametrize("broken", [b"", b"\x80", b"{}", None])
def test_what_is_kept_and_broken_is_made_again(
    templates: Path, tmp_path: Path, broken: bytes | None
) -> None:
    kept = tmp_path / "kept"
    inline(PAGE, kept)
    before = rendered(templates, kept)
    files = list(kept.iterdir())
    assert len(files) == 2
    for file in files:
        file.write_bytes(file.read_bytes()[:-9] if broken is None else broken)

    script = "import sys; from pathlib import Path; from newsletter.inlining import inline\n"
    command = [sys.executable, "-c", f"{script}print(inline(sys.argv[1], Path(sys.argv[2])))"]
    told = subprocess.run([*command, PAGE, kept], capture_output=True, text=True, check=True)

    assert told.stdout == inline(PAGE) + "\n"
    assert rendered(templates, kept) == before


def test_where_nothing_can_be_written_nothing_is_kept(templates: Path, tmp_path: Path) -> None:
    taken = tmp_path / "kept"
    taken.write_text("a file")
    assert rendered(templates, taken) == "<p>&lt;x&gt;</p>"
    assert inline(PAGE, taken) == inline(PAGE)
