"""The settings for a token in place of a password: one whole way to it, or none."""

from pathlib import Path

import pytest

from newsletter import config
from newsletter.config import Relay
from newsletter.errors import SetupError
from tests.unit.test_config import NEEDED, load, refusal, relay

SECRET = "t0p-s3cret"
ENDPOINT = """\
user = "nieuws@example.org"
oauth_token_url = "https://login.example.org/tenant/oauth2/v2.0/token"
oauth_client_id = "0b5e"
oauth_client_secret_file = "geheim"
oauth_scope = "https://outlook.office365.com/.default"
"""
COMMAND = 'user = "n@example.org"\noauth_command = ["gcloud", "print"]\n'


def test_a_relay_without_tokens_uses_none(tmp_path: Path) -> None:
    assert not relay(tmp_path).uses_oauth


@pytest.mark.parametrize("settings", [ENDPOINT, COMMAND])
def test_either_way_to_a_token_is_taken(tmp_path: Path, settings: str) -> None:
    assert relay(tmp_path, settings).uses_oauth


def test_a_command_is_its_words(tmp_path: Path) -> None:
    assert relay(tmp_path, COMMAND).oauth_command == ("gcloud", "print")


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        (ENDPOINT + 'oauth_command = ["x"]', "not both"),
        (COMMAND + 'password_file = "x"', "a token or a password, not both"),
        (COMMAND.replace("user", "#"), "`relay.user`: missing"),
        (ENDPOINT.replace("oauth_client_id", "#"), "`relay.oauth_client_id`: missing"),
        (ENDPOINT.replace("oauth_scope", "#"), "`relay.oauth_scope`: missing"),
        (ENDPOINT.replace("oauth_client_secret_file", "#"), "`relay.oauth_client_secret_file`"),
        (ENDPOINT.replace("https://login", "http://login"), "no address with https://"),
        (ENDPOINT.replace("https://login", "https://user@login"), "no address with https://"),
        ('oauth_command = "x"', "write a list such as"),
        (f'oauth_client_secret = "{SECRET}"', "name that in `oauth_client_secret_file`"),
    ],
)
def test_half_a_way_or_two_are_refused(tmp_path: Path, settings: str, fault: str) -> None:
    found = refusal(tmp_path, NEEDED + "[relay]\n" + settings)
    assert fault in found
    assert SECRET not in found


def secret_of(folder: Path, mode: int) -> str:
    path = folder / "geheim"
    path.write_text(SECRET + "\n")
    path.chmod(mode)
    return config.client_secret(Relay(oauth_client_secret_file=Path("geheim")), folder)


def test_the_secret_is_read_from_a_file_of_ours_alone(tmp_path: Path) -> None:
    assert secret_of(tmp_path, 0o600) == SECRET
    with pytest.raises(SetupError, match="chmod 600") as refused:
        secret_of(tmp_path, 0o640)
    assert SECRET not in str(refused.value)


def test_the_secret_from_the_environment_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSLETTER_RELAY_OAUTH_CLIENT_SECRET", SECRET)
    found = load(tmp_path, NEEDED + "[relay]\n" + ENDPOINT).relay
    assert config.client_secret(found, tmp_path) == SECRET
    assert SECRET not in repr(found)
