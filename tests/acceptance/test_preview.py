"""`newsletter preview`: every view of every language, from a browser that fetches nothing."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageStat
from playwright.sync_api import Browser, Page, sync_playwright

from newsletter.errors import SetupError
from newsletter.preview import browser as camera
from newsletter.preview.views import in_scheme, with_pictures
from newsletter.workspace import create_sample
from tests.servers.programs import require
from tests.workplace import COMMAND, Workplace

PICTURES = ("320", "375", "600", "800", "dark", "inverted", "no-pictures", "gmail", "word", "text")
HOSTILE = """\
---
title: Ha <script>alert(1)</script> </iframe>
preheader: Wat </script><script>document.title="fout"</script> staat hier allemaal in, en waarom.
---

Kijk op [het intranet](http://localhost/<b>) voor `code` en <img src=x onerror=alert(1)>.
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = require("chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The preview of the sample announcement, which is in three languages."""
    require("chromium")
    workspace = create_sample(tmp_path_factory.mktemp("preview") / "workspace")
    done = subprocess.run(
        [COMMAND, "preview", "nieuwe-ceo", "--out", "seen"],
        cwd=workspace.root,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("seen/preview.html\n")
    return workspace.root / "seen"


@pytest.fixture
def page(browser: Browser, sample: Path) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1480, "height": 1000})
    opened.goto((sample / "preview.html").as_uri())
    yield opened
    opened.close()


def words_in(page: Page) -> str:
    return page.frame_locator("#mail").locator("body").inner_text()


def test_there_is_a_picture_of_every_view_of_every_language(sample: Path) -> None:
    expected = {f"{language}.{view}" for language in ("nl", "fr", "en") for view in PICTURES}

    taken = {path.stem.removeprefix("nieuwe-ceo.") for path in sample.glob("*.png")}
    assert taken == expected | {"mul.375", "mul.600"}


def test_a_picture_is_as_wide_as_it_says_and_shows_the_whole_mail(sample: Path) -> None:
    for width in (320, 375, 600, 800):
        with Image.open(sample / f"nieuwe-ceo.nl.{width}.png") as picture:
            assert picture.width == width
            assert picture.height > 1000
            foot = picture.convert("RGB").crop((0, picture.height - 150, width, picture.height))
            assert len(foot.getcolors(100_000) or ()) > 10  # words, not an empty ground


def test_the_views_differ_and_the_dark_is_dark(sample: Path) -> None:
    light, dark = (brightness(sample / f"nieuwe-ceo.nl.{view}.png") for view in ("600", "dark"))
    assert light > 180
    assert dark < 100
    assert brightness(sample / "nieuwe-ceo.nl.inverted.png") < 120

    every = [(sample / f"nieuwe-ceo.nl.{view}.png").read_bytes() for view in PICTURES]
    assert len(set(every)) == len(PICTURES)


def brightness(path: Path) -> float:
    with Image.open(path) as picture:
        return ImageStat.Stat(picture.convert("L")).mean[0]


def test_the_page_is_one_file_that_asks_for_nothing(browser: Browser, sample: Path) -> None:
    page = browser.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto((sample / "preview.html").as_uri())
    for view in page.locator("input[name=view]").all():
        view.check(force=True)
        page.frame_locator("#mail").locator("body").wait_for()
    page.close()

    assert [url for url in asked if not url.startswith(("file:", "data:", "about:"))] == []
    assert said == []


def test_the_keyboard_goes_through_views_widths_and_languages(page: Page) -> None:
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    assert page.locator("input[name=language]:checked").input_value() == "fr"
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    assert page.locator("input[name=view]:checked").input_value() == "dark"
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    assert page.locator("#mail").get_attribute("width") == "800"


def test_each_language_shows_its_own_mail_and_its_own_findings(page: Page) -> None:
    dutch, places = words_in(page), page.locator(".language:visible .where").all_inner_texts()
    assert "District09 heeft een nieuwe CEO" in dutch
    assert places
    assert all("nl.md" in place for place in places)

    page.check("input[value=en]", force=True)
    assert "en.md" in page.locator(".language:visible .where").first.inner_text()
    assert words_in(page) != dutch


def test_the_mail_is_shown_light_and_dark_whatever_the_screen_prefers(
    browser: Browser, sample: Path
) -> None:
    seen = set()
    for scheme in ("light", "dark"):
        page = browser.new_page(color_scheme=scheme)
        page.goto((sample / "preview.html").as_uri())
        for view in ("written", "dark"):
            page.check(f"input[value={view}]", force=True)
            sheet = page.frame_locator("#mail").locator(".sheet").first
            sheet.wait_for()
            script = "element => getComputedStyle(element).backgroundColor"
            seen.add((view, sheet.evaluate(script)))
        page.close()

    assert len(seen) == 2


def test_all_of_the_mail_fits_in_its_frame(page: Page) -> None:
    for width in ("320", "800"):
        page.check(f"input[value='{width}']", force=True)
        body = page.frame_locator("#mail").locator("body")
        body.wait_for()
        tall = body.evaluate("() => document.documentElement.scrollHeight")
        assert tall == int(page.locator("#mail").get_attribute("height") or 0)


def test_nothing_that_an_author_wrote_runs_in_the_page(browser: Browser, tmp_path: Path) -> None:
    workplace = Workplace(tmp_path / "workspace")
    workplace.announce("hostile", HOSTILE)
    workplace.run("preview", "hostile")
    page = browser.new_page()
    page.on("dialog", lambda dialog: pytest.fail("a script of the author ran"))
    made = workplace.root / "var" / "outbox" / "hostile" / "preview" / "preview.html"
    page.goto(made.as_uri())

    assert "Ha <script>alert(1)</script>" in words_in(page)
    assert page.title() == "hostile · preview"
    assert "localhost" in page.locator(".findings").inner_text()
    page.close()


def test_without_a_browser_it_says_how_to_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workplace = Workplace(tmp_path / "workspace")
    workplace.announce()
    monkeypatch.setenv("PATH", str(tmp_path))

    failed = workplace.run("preview", "kantine", status=3)

    assert "apt-get install chromium" in failed.stderr


def test_without_playwright_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    require("chromium")
    monkeypatch.setitem(sys.modules, "playwright.sync_api", None)

    with pytest.raises(SetupError, match=r"pip install '\.\[preview\]'"), camera.opened():
        pass


def test_a_browser_that_breaks_off_is_said_so() -> None:
    program = require("chromium")

    def broken_off() -> None:
        with camera.opened() as opened:
            opened._page.close()
            opened.look("<p>x</p>")

    with ThreadPoolExecutor(1) as thread, pytest.raises(SetupError, match=f"{program} broke off"):
        thread.submit(broken_off).result()


def test_the_browser_reaches_nothing_and_runs_no_script_of_a_document() -> None:
    require("chromium")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        outside = f"http://127.0.0.1:{server.getsockname()[1]}/a"
        html = (
            '<body style="margin:0"><script>document.body.style.height="9000px"</script>'
            f'<img src="{outside}" width="10" height="10" style="display:block">'
            f'<link rel="stylesheet" href="{outside}"><style>@import "{outside}";</style>'
            f'<iframe src="{outside}" hidden></iframe>'
        )
        with ThreadPoolExecutor(1) as thread:  # playwright wants one without an event loop
            heights, taken = thread.submit(photographed, html).result()

        with pytest.raises(BlockingIOError):
            server.accept()
    assert set(heights.values()) == {10}
    assert Image.open(BytesIO(taken)).size == (320, 10)


def photographed(html: str) -> tuple[dict[int, int], bytes]:
    with camera.opened() as opened:
        return opened.look(html), opened.picture(320)


def test_a_query_for_the_other_scheme_never_applies() -> None:
    sheet = "@media (prefers-color-scheme: dark){a} :root{color-scheme:light dark}"

    assert in_scheme(sheet, dark=True) == "@media (min-width:0){a} :root{color-scheme:dark}"
    assert in_scheme(sheet, dark=False) == "@media (max-width:0){a} :root{color-scheme:light}"


def test_pictures_stand_in_the_document() -> None:
    html = with_pictures('<img src="cid:a@b">', {"cid:a@b": "data:image/png;base64,AA=="})

    assert html == '<img src="data:image/png;base64,AA==">'
