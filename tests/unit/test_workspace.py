import os
import subprocess
import tomllib
from pathlib import Path

import pytest

from newsletter import announcement, config, sources, workspace
from newsletter.errors import SetupError, UsageError
from newsletter.workspace import MARK, Workspace

SAMPLE_FILES = {
    MARK,
    "announcements/nieuwe-ceo/en.md",
    "announcements/nieuwe-ceo/fr.md",
    "announcements/nieuwe-ceo/nieuwe-ceo.png",
    "announcements/nieuwe-ceo/nl.md",
    "recipients/medewerkers.csv",
    "recipients/leidinggevenden.csv",
    "recipients/lists.toml",
}


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_new_workspace_can_be_loaded_and_delivers_to_the_built_in_mail_server(
    tmp_path: Path,
) -> None:
    made = workspace.create(tmp_path / "deep" / "news")

    assert {str(path.relative_to(tmp_path / "deep" / "news")) for path in made} == {
        "newsletter.toml",
        "announcements/README.txt",
        "recipients/README.txt",
        "templates/README.txt",
        ".gitignore",
    }
    assert config.load(tmp_path / "deep" / "news").relay.security is config.Security.INBOX


def test_a_new_workspace_holds_nothing_that_a_send_would_pick_up(tmp_path: Path) -> None:
    workspace.create(tmp_path)

    assert sources.names(tmp_path / "recipients") == ()
    assert not list((tmp_path / "announcements").glob("*.md"))


def test_ledger_and_password_stay_out_of_git(tmp_path: Path) -> None:
    workspace.create(tmp_path)

    private = [
        *("var/ledger.db", "password", "database-password"),
        *("client-secret", "dkim.pem", "dkim-ed25519.pem"),
    ]
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    told = subprocess.run(
        ["git", "check-ignore", *private], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    assert told.stdout.split() == private


def test_init_changes_nothing_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "recipients").mkdir()
    (tmp_path / "recipients" / "README.txt").write_text("ours")
    (tmp_path / ".gitignore").write_text("*.pyc\n")

    made = workspace.create(tmp_path)

    assert (tmp_path / "recipients" / "README.txt").read_text() == "ours"
    assert (tmp_path / ".gitignore").read_text() == "*.pyc\n"
    assert {path.name for path in made} == {MARK, "README.txt"}
    assert len(made) == 3


def test_init_of_a_workspace_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / MARK).write_text("# ours")

    with pytest.raises(SetupError, match=r"newsletter\.toml is there already"):
        workspace.create(tmp_path)

    assert contents(tmp_path) == {MARK: b"# ours"}


def test_the_nearest_workspace_upwards_is_found(tmp_path: Path) -> None:
    (tmp_path / "outer" / "inner" / "announcements").mkdir(parents=True)
    (tmp_path / "outer" / MARK).touch()
    (tmp_path / "outer" / "inner" / MARK).touch()
    start = tmp_path / "outer" / "inner" / "announcements"

    found = workspace.find(None, start)

    assert (start / found.root).resolve() == start.parent
    assert found.root == Path("..")


def test_a_workspace_here_is_found(tmp_path: Path) -> None:
    (tmp_path / MARK).touch()

    assert workspace.find(None, tmp_path).root == Path(".")


def test_a_folder_named_like_the_mark_is_no_workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # a start that is relative looks no higher than here
    (tmp_path / "news" / MARK).mkdir(parents=True)

    with pytest.raises(SetupError, match=r"no newsletter\.toml here or in a folder above"):
        workspace.find(None, Path("news"))


def test_the_workspace_named_wins_over_the_one_around(tmp_path: Path) -> None:
    (tmp_path / MARK).touch()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / MARK).touch()

    assert workspace.find(tmp_path / "other", tmp_path).root == tmp_path / "other"


def test_a_named_folder_that_is_no_workspace_is_refused(tmp_path: Path) -> None:
    (tmp_path / MARK).touch()

    with pytest.raises(SetupError, match=rf"newsletter init {tmp_path}/other` makes a workspace"):
        workspace.find(tmp_path / "other", tmp_path)


def test_every_part_is_inside_the_workspace(tmp_path: Path) -> None:
    here = Workspace(tmp_path)
    parts = [here.announcements, here.recipients, here.templates, here.ledger, here.lock]

    assert all(part.is_relative_to(tmp_path) for part in [*parts, here.inbox, here.outbox])
    assert here.ledger.parent == here.inbox.parent == tmp_path / "var"


def test_the_sample_is_a_whole_workspace(tmp_path: Path) -> None:
    made = workspace.create_sample(tmp_path / "sample")

    settings = config.load(made.root)
    assert settings.relay.security is config.Security.INBOX
    assert sources.names(made.recipients)
    path = announcement.find(workspace.SAMPLE, made.announcements)
    editions = announcement.load(path, settings.organisation.languages).editions
    assert tuple(edition.language for edition in editions) == settings.organisation.languages


def test_the_sample_comes_again_without_touching_further_files(tmp_path: Path) -> None:
    workspace.create_sample(tmp_path)
    (tmp_path / "announcements" / "ours.md").write_text("ours")
    os.truncate(next((tmp_path / "recipients").glob("*.csv")), 0)

    workspace.create_sample(tmp_path)

    assert (tmp_path / "announcements" / "ours.md").read_text() == "ours"
    assert all(path.stat().st_size for path in (tmp_path / "recipients").glob("*.csv"))


def test_the_sample_does_not_come_into_a_workspace_of_somebody(tmp_path: Path) -> None:
    (tmp_path / MARK).write_text("# ours")

    with pytest.raises(UsageError, match="name a new folder"):
        workspace.create_sample(tmp_path)

    assert contents(tmp_path) == {MARK: b"# ours"}


def test_the_sample_is_these_files_and_no_others(tmp_path: Path) -> None:
    workspace.create_sample(tmp_path)

    made = {name for name in contents(tmp_path) if not name.endswith((".txt", ".gitignore"))}
    assert made == SAMPLE_FILES


def test_the_package_takes_the_sample_file_by_file_so_that_no_real_list_comes_along() -> None:
    settings = tomllib.loads((Path(__file__).parent.parent.parent / "pyproject.toml").read_text())
    included = settings["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]

    assert included == {
        "templates": "newsletter/templates",
        **{name: f"newsletter/sample/{name}" for name in SAMPLE_FILES},
    }
