import os
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import asdict

from newsletter import config
from newsletter.config import Config, Relay, Security
from newsletter.errors import SetupError
from newsletter.profiles import PROFILES, Limit

NEEDED = """\
[organisation]
name = "Stad"
[sender]
from = "Communicatie <communicatie@example.org>"
"""
SECRET = "geheim-wachtwoord"


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("NEWSLETTER_")]:
        monkeypatch.delenv(name)


def load(folder: Path, source: str = NEEDED) -> Config:
    (folder / "newsletter.toml").write_text(source, encoding="utf-8")
    return config.load(folder)


def relay(folder: Path, *settings: str) -> Relay:
    return load(folder, NEEDED + "[relay]\n" + "\n".join(settings)).relay


def named(value: str) -> str:
    return NEEDED.replace('"Stad"', value)


def refusal(folder: Path, source: str) -> str:
    with pytest.raises(SetupError) as caught:
        load(folder, source)
    return str(caught.value).replace(f"{folder}/", "")


def test_organisation_and_sender_are_enough(tmp_path: Path) -> None:
    found = load(tmp_path)

    assert (found.organisation.name, found.organisation.languages) == ("Stad", ("nl",))
    assert found.sender.from_ == "Communicatie <communicatie@example.org>"
    assert found.relay.security is Security.INBOX
    assert found.delivery.in_doubt == "hold"
    assert found.approval.required is False


def test_every_setting_arrives(tmp_path: Path) -> None:
    found = load(
        tmp_path,
        """\
[organisation]
name = "Stad"
languages = ["nl", "fr", "en-GB"]
[sender]
from = "a@example.org"
reply_to = "b@example.org"
[relay]
url = "smtp+starttls://mail.example.org:2587"
user = "nieuws"
password_file = "wachtwoord"
ca_file = "ca.pem"
profile = "microsoft365"
connections = 2
rate = "30/minute"
[delivery]
in_doubt = "resend"
""",
    )

    assert found.organisation.languages == ("nl", "fr", "en-GB")
    assert found.sender.reply_to == "b@example.org"
    assert (found.relay.security, found.relay.host) == (Security.STARTTLS, "mail.example.org")
    assert (found.relay.port, found.relay.user) == (2587, "nieuws")
    assert (found.relay.password_file, found.relay.ca_file) == (Path("wachtwoord"), Path("ca.pem"))
    assert (found.relay.most_connections, found.relay.limits) == (2, (Limit(30, 60.0),))
    assert found.delivery.in_doubt == "resend"


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_file_saved_by_windows_is_read(tmp_path: Path, mark: str, end: str) -> None:
    (tmp_path / "newsletter.toml").write_bytes((mark + NEEDED.replace("\n", end)).encode())
    assert config.load(tmp_path).organisation.name == "Stad"


def test_settings_cannot_be_changed_once_read(tmp_path: Path) -> None:
    found = load(tmp_path)
    with pytest.raises(AttributeError, match="immutable"):
        found.relay.url = "smtp://mail.example.org"  # type: ignore[misc]


# -- refusals


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("", ":1: `organisation.name`: missing; add it below `[organisation]`"),
        ("[organisation]\nname='a'\n[sender]", ":3: `sender.from`: missing; add"),
        (NEEDED + "[relai]\nurl='x'", ":5: unknown setting `relai`; did you mean"),
        (NEEDED + "[relay]\n\nulr='x'", ":7: unknown setting `relay.ulr`; did you mea"),
        (NEEDED + "[relay]\nxyz=1", ":6: unknown setting `relay.xyz`; there are url, "),
        ("[sender]\nfrm='a'\n[organisation]\nname='a'",
         ":2: unknown setting `sender.frm`; did you mean `from`?"),
        (NEEDED + "[relay]\nurl='http://a'", ":6: `relay.url`: `http://a` begins with"),
        (NEEDED + "[relay]\nurl=''", ":6: `relay.url`: `` begins with none of inbox:,"),
        (NEEDED + "[relay]\nurl='smtps://'", ":6: `relay.url`: `smtps://` names no host; write"),
        (NEEDED + "[relay]\nurl='smtps://a b'", ":6: `relay.url`: `smtps://a b` names"),
        (NEEDED + '[relay]\nurl="smtps://a\\r\\nb"', ":6: `relay.url`:"),
        (NEEDED + "[relay]\nurl='smtps://a:99999'", ":6: `relay.url`: `smtps://a:99999"),
        (NEEDED + "[relay]\nurl='smtps://a:b'", ":6: `relay.url`: `smtps://a:b` cannot be read"),
        (NEEDED + "[relay]\nurl='smtps://[::1'", ":6: `relay.url`:"),
        (NEEDED + "[relay]\nprofile='postfx'", ":6: `relay.profile`: write `postfix` or `exim`"),
        (NEEDED + "[relay]\nconnections=101", ":6: `relay.connections`: write a whole number fr"),
        (NEEDED + "[relay]\nconnections=-1", ":6: `relay.connections`: write a whole number fro"),
        (NEEDED + "[relay]\nconnections='8'", ":6: `relay.connections`: write a whole number fr"),
        (NEEDED + "[relay]\nallow_plain=1", ":6: `relay.allow_plain`: write `true` or `false`,"),
        (NEEDED + "[relay]\nuser=3", ":6: `relay.user`: write text between quotes"),
        (NEEDED + "[relay]\nca_file=3", ":6: `relay.ca_file`: write the path of a file, between"),
        (NEEDED + "[checks]\nclients='gmail'", ":6: `checks.clients`: write a list such as `["),
        (NEEDED + "[checks]\nrules={'date-past'='of'}", ":6: `checks.rules`: write a table such a"),
        (NEEDED + "[relay]\nrate='30/min'",
         ":6: `relay.rate`: `30/min` is no rate; write `30/minute`"),
        (NEEDED + "[delivery]\nin_doubt='ja'", ":6: `delivery.in_doubt`: write `hold`"),
        (NEEDED + "[approval]\nrequired=true", ":6: `approval.required`: approval by"),
        (NEEDED + "[organisaton]\nname='a'", ":5: unknown setting `organisaton`; did"),
        ("relay=3\n" + NEEDED, ":1: `relay` is a section: write `[relay]`"),
        ("[[relay]]\n" + NEEDED, ":1: `relay` is a section: write `[relay]`"),
        (named("''"), ":2: `organisation.name`:"),
        (named("'  '"), ":2: `organisation.name`: '  ' is no name; write it on one line"),
        (named('"Stad\\nBcc: x"'), ":2: `organisation.name`: 'Stad\\nBcc: x' is no name"),
        (named('"\\uE0000\\uE001"'), ":2: `organisation.name`: '\\ue0000\\ue001' is no name"),
        (NEEDED + "unsubscribe='https://example.org/<a>'",
         ":5: `sender.unsubscribe`: `https://example.org/<a>` is no address to leave by"),
        (NEEDED + f"unsubscribe='https://example.org/{'a' * 990}'",
         ":5: `sender.unsubscribe`: `https://example.org/aaa"),
        (named("'a'\nlanguages=[]"), ":3: `organisation.languages`"),
        (named("'a'\nlanguages=['nl', 'Frans']"),
         ":3: `organisation.languages`: `Frans` is no language; write `nl`, `fr`"),
        (NEEDED + "[relay\n", ": cannot be read as TOML, write `name = "),
    ],
)  # fmt: skip
def test_a_refusal_names_file_line_setting_and_mend(
    tmp_path: Path, source: str, message: str
) -> None:
    assert f"newsletter.toml{message}" in refusal(tmp_path, source)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    source = "[organisation]\nname=''\n[sender]\nfrom=''\n[relay]\nurl='x'\nrate='y'\nz=1\n"
    lines = refusal(tmp_path, source).splitlines()
    assert [line.split(":")[1] for line in lines] == ["2", "4", "6", "7", "8"]


def test_a_file_that_is_not_there_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=rf"`newsletter init {tmp_path}` makes it"):
        config.load(tmp_path)


def test_a_file_that_is_not_utf8_names_the_line(tmp_path: Path) -> None:
    (tmp_path / "newsletter.toml").write_bytes(NEEDED.encode() + b"# caf\xe9\n")
    with pytest.raises(SetupError, match=r"newsletter\.toml:5: not UTF-8; save the file as UTF-8"):
        config.load(tmp_path)


toml_like = st.lists(
    st.sampled_from(
        "[relay] [sender] [organisation] [ ] { } = . , \n \n ' \" # url user password rate name "
        "from 3 true 2026-01-01 'inbox:' 'smtp://a' connections languages".split(" ")
    ),
    max_size=20,
).map(" ".join)


@settings(max_examples=100, deadline=None)
@given(toml_like | st.text(max_size=40))
def test_any_file_is_settings_or_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, source: str
) -> None:
    said = ""
    try:
        load(tmp_path_factory.getbasetemp(), source)
    except SetupError as refused:
        said = str(refused)
    assert not said or "newsletter.toml" in said


# -- the relay


@pytest.mark.parametrize(
    ("url", "security", "host", "port"),
    [
        ("inbox:", Security.INBOX, "127.0.0.1", 0),
        ("smtp://localhost", Security.PLAIN, "localhost", 25),
        ("SMTP://localhost:2525", Security.PLAIN, "localhost", 2525),
        ("smtp+starttls://mail.example.org", Security.STARTTLS, "mail.example.org", 587),
        ("smtps://mail.example.org", Security.TLS, "mail.example.org", 465),
        ("smtps://[2001:db8::1]:4465", Security.TLS, "2001:db8::1", 4465),
    ],
)
def test_a_url_says_host_port_and_protection(
    tmp_path: Path, url: str, security: Security, host: str, port: int
) -> None:
    found = relay(tmp_path, f'url = "{url}"')
    assert (found.security, found.host, found.port) == (security, host, port)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "[::1]"])
def test_plain_is_allowed_to_this_machine(tmp_path: Path, host: str) -> None:
    assert relay(tmp_path, f'url = "smtp://{host}"').is_loopback


@pytest.mark.parametrize(
    "host",
    [
        "mail.example.org",
        "10.0.0.1",
        "0.0.0.0",
        "[::]",
        "localhost.example.org",
        "127.0.0.1.example.org",
        "0x7f.1",
    ],
)
def test_plain_to_any_other_machine_is_refused_unless_asked_for(tmp_path: Path, host: str) -> None:
    with pytest.raises(SetupError, match=r"newsletter\.toml:6: `relay\.url`: .* readable over the"):
        relay(tmp_path, f'url = "smtp://{host}"')
    assert (
        relay(tmp_path, f'url = "smtp://{host}"', "allow_plain = true").security is Security.PLAIN
    )


def test_a_password_never_travels_in_clear_even_where_plain_is_allowed(tmp_path: Path) -> None:
    source = "[relay]\nurl = 'smtp://mail.example.org'\nallow_plain = true\nuser = 'nieuws'\n"
    found = refusal(tmp_path, NEEDED + source)
    assert "newsletter.toml:6: `relay.url`: `smtp://mail.example.org` would send the" in found
    assert "password of `nieuws` readable over the network; write `smtp+starttls://`" in found

    encrypted = relay(tmp_path, 'url = "smtp+starttls://mail.example.org"', 'user = "nieuws"')
    local = relay(tmp_path, 'url = "smtp://127.0.0.1"', 'user = "nieuws"')
    assert (encrypted.user, local.user) == ("nieuws", "nieuws")


@pytest.mark.parametrize("profile", PROFILES)
def test_a_profile_brings_its_connections_and_limits_and_the_file_overrides_them(
    tmp_path: Path, profile: str
) -> None:
    kind = ('url = "smtp://127.0.0.1"', f'profile = "{profile}"')
    given, own = relay(tmp_path, *kind), relay(tmp_path, *kind, "connections = 5", 'rate = "9/day"')

    assert given.most_connections == PROFILES[profile].connections
    assert given.limits == PROFILES[profile].limits
    assert (own.most_connections, own.limits) == (5, (Limit(9, 86400.0),))


def test_every_profile_can_be_chosen() -> None:
    assert get_args(get_type_hints(Relay)["profile"]) == tuple(PROFILES)


def test_microsoft_takes_three_connections_and_two_limits_for_one_mailbox() -> None:
    assert PROFILES["microsoft365"].connections == 3
    assert PROFILES["microsoft365"].limits == (Limit(30, 60.0), Limit(10_000, 86400.0))


def test_the_built_in_mail_server_has_no_limits_but_those_that_are_set(tmp_path: Path) -> None:
    assert relay(tmp_path, 'profile = "microsoft365"').limits == ()
    assert relay(tmp_path, 'rate = "30/minute"').limits == (Limit(30, 60.0),)


@pytest.mark.parametrize(
    ("rate", "limits"),
    [
        ("5/second", [(5, 1.0)]),
        ("1000 / hour", [(1000, 3600.0)]),
        ("30/minute, 10000/day", [(30, 60.0), (10_000, 86400.0)]),
        (" 30/minute,10000/day ", [(30, 60.0), (10_000, 86400.0)]),
        ("none", []),
    ],
)
def test_a_rate_is_the_limits_of_the_relay(
    tmp_path: Path, rate: str, limits: list[tuple[int, float]]
) -> None:
    found = relay(tmp_path, 'profile = "hve"', 'url = "smtps://a.test"', f'rate = "{rate}"')

    assert found.limits == tuple(Limit(*each) for each in limits)


@pytest.mark.parametrize(
    "rate",
    [
        "0/minute",
        "-1/minute",
        "30",
        "/minute",
        "1.5/second",
        "30/Minute",
        "30/minuut",
        "1e3/day",
        "30/minute,",
        ",",
        " ",
        "none, 30/minute",
        "30/minute 10000/day",
    ],
)
def test_any_other_rate_is_refused(tmp_path: Path, rate: str) -> None:
    with pytest.raises(SetupError, match="is no rate"):
        relay(tmp_path, f'rate = "{rate}"')


# -- the environment


def test_the_environment_wins_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSLETTER_RELAY_URL", "smtps://other.example.org")
    monkeypatch.setenv("NEWSLETTER_SENDER_REPLY_TO", "ander@example.org")
    monkeypatch.setenv("NEWSLETTER_SENDER_FROM", "van@example.org")
    monkeypatch.setenv("NEWSLETTER_ORGANISATION_LANGUAGES", '["fr"]')

    found = load(tmp_path, NEEDED + '[relay]\nurl = "inbox:"\nuser = "nieuws"')

    assert (found.relay.host, found.relay.user) == ("other.example.org", "nieuws")
    assert (found.sender.from_, found.sender.reply_to) == ("van@example.org", "ander@example.org")
    assert found.organisation.languages == ("fr",)


def test_a_number_or_a_yes_in_the_environment_is_read_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSLETTER_RELAY_CONNECTIONS", "5")
    monkeypatch.setenv("NEWSLETTER_RELAY_ALLOW_PLAIN", "true")
    monkeypatch.setenv("NEWSLETTER_RELAY_CA_FILE", "ca.pem")
    monkeypatch.setenv("NEWSLETTER_CHECKS_RULES", '{"date-past": "off"}')
    found = load(tmp_path)

    assert (found.relay.connections, found.relay.allow_plain) == (5, True)
    assert (found.relay.ca_file, found.checks.rules) == (Path("ca.pem"), {"date-past": "off"})


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("RELAY_URL", "http://a", "NEWSLETTER_RELAY_URL: `relay.url`: `http://a` begins with"),
        ("RELAY_URL", "smtp://mail.example.org", "NEWSLETTER_RELAY_URL: `relay.url`: `smtp://mail"),
        ("RELAY_CONNECTIONS", "x", "NEWSLETTER_RELAY_CONNECTIONS: `relay.connections`: write"),
        (
            "RELAY_ULR",
            "x",
            "NEWSLETTER_RELAY_ULR: unknown setting `relay.ulr`; did you mean `url`?",
        ),
        ("RELAY", "x", "NEWSLETTER_RELAY: `relay` is a section: set its settings one by one"),
        (
            "ORGANISATION_LANGUAGES",
            "fr",
            "NEWSLETTER_ORGANISATION_LANGUAGES: `organisation.languages`: write a list such as",
        ),
    ],
)
def test_a_fault_in_the_environment_names_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str
) -> None:
    monkeypatch.setenv(f"NEWSLETTER_{name}", value)
    assert message in refusal(tmp_path, NEEDED)


# -- secrets


@pytest.mark.parametrize(
    "source",
    [
        f"[relay]\npassword = '{SECRET}'\n",
        f"relay.password = '{SECRET}'\n",
        f"relay = {{password = '{SECRET}'}}\n",
    ],
)
def test_a_password_in_the_file_is_refused_and_not_repeated(tmp_path: Path, source: str) -> None:
    found = refusal(tmp_path, source + NEEDED)
    assert "a password does not belong in this file" in found
    assert "mode 0600" in found
    assert SECRET not in found


def test_a_secret_in_the_file_is_refused_also_where_the_environment_has_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSLETTER_RELAY_PASSWORD", "ander")
    found = refusal(tmp_path, f"{NEEDED}[relay]\npassword = '{SECRET}'\n")
    assert "newsletter.toml:6: `relay.password`: a password does not belong in this file" in found
    assert "name that in `password_file`, or set NEWSLETTER_RELAY_PASSWORD" in found
    assert SECRET not in found


@pytest.mark.parametrize(
    "url",
    [
        "smtps://u:{}@mail.example.org",
        "smtps://u:{}@mail.example.org:99999",
        "http://u:{}@mail.example.org",
        "u:{}@mail.example.org",
        "smtps://u:{}@[::1",
    ],
)
def test_a_password_in_the_url_is_refused_and_not_repeated(tmp_path: Path, url: str) -> None:
    found = refusal(tmp_path, f"{NEEDED}[relay]\nurl = '{url.format(SECRET)}'\n")
    assert "newsletter.toml:6: `relay.url`: user and password do not go into the url" in found
    assert SECRET not in found


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://newsletter:{SECRET}@db.example.org/newsletter",
        f"postgresql://:{SECRET}@db.example.org/newsletter",
    ],
)
def test_a_password_in_the_url_of_a_database_is_refused_and_not_repeated(
    tmp_path: Path, url: str
) -> None:
    found = refusal(tmp_path, f"{NEEDED}[database]\nurl = '{url}'\n")
    assert "`database.url`: a password does not go into the url" in found
    assert SECRET not in found


@pytest.mark.parametrize(
    "url", ["mysql://db.example.org/newsletter", "postgresql://db.example.org", "postgresql://[::"]
)
def test_a_url_that_names_no_database_is_refused(tmp_path: Path, url: str) -> None:
    found = refusal(tmp_path, f"{NEEDED}[database]\nurl = '{url}'\n")
    assert "names no database; write `postgresql://" in found


def test_the_password_of_a_database_comes_from_a_file_or_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret").write_text(SECRET)
    (tmp_path / "secret").chmod(0o600)
    (tmp_path / "newsletter.toml").write_text(
        f"{NEEDED}[database]\nurl = 'postgresql://db/newsletter'\npassword_file = 'secret'\n"
    )
    found = config.load(tmp_path).database
    assert config.password(found, tmp_path) == SECRET
    monkeypatch.setenv("NEWSLETTER_DATABASE_PASSWORD", "of the environment")
    found = config.load(tmp_path).database
    assert config.password(found, tmp_path) == "of the environment"
    assert "of the environment" not in repr(found)
    told = refusal(tmp_path, f"{NEEDED}[database]\npassword = '{SECRET}'\n")
    assert "or set NEWSLETTER_DATABASE_PASSWORD" in told
    assert SECRET not in told


def test_a_password_never_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSLETTER_RELAY_PASSWORD", SECRET)
    found = load(tmp_path)

    assert config.password(found.relay, tmp_path) == SECRET
    for shown in (repr(found), str(found), f"{found.relay.password}", str(asdict(found.relay))):
        assert SECRET not in shown
    monkeypatch.setenv("NEWSLETTER_RELAY_RATE", "x")
    assert SECRET not in refusal(tmp_path, NEEDED)


@pytest.mark.parametrize("value", [f'{{"password": ["{SECRET}"]}}', f'{{"password": "{SECRET}'])
def test_a_password_in_a_broken_variable_never_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("NEWSLETTER_RELAY", value)
    with pytest.raises(SetupError) as caught:
        load(tmp_path)
    assert SECRET not in str(caught.value)
    assert SECRET not in repr(caught.value)
    assert caught.value.__context__ is None


def password_file(folder: Path, content: bytes, mode: int = 0o600) -> Relay:
    path = folder / "wachtwoord"
    path.write_bytes(content)
    path.chmod(mode)
    return relay(folder, 'password_file = "wachtwoord"')


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_password_file_of_ours_alone_is_read_without_its_line_end(
    tmp_path: Path, mode: int
) -> None:
    found = password_file(tmp_path, f"{SECRET}\r\n".encode(), mode)
    assert config.password(found, tmp_path) == SECRET


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o610])
def test_a_password_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    found = password_file(tmp_path, SECRET.encode(), mode)
    with pytest.raises(SetupError, match=r"wachtwoord: others can read the relay's password; run"):
        config.password(found, tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "empty"), (b" \n", "empty"), (b"geheim-\xff", "not UTF-8")],
)
def test_a_password_file_without_a_password_is_refused(
    tmp_path: Path, content: bytes, message: str
) -> None:
    found = password_file(tmp_path, content)
    with pytest.raises(SetupError, match=message) as caught:
        config.password(found, tmp_path)
    assert "geheim" not in str(caught.value)


def test_a_password_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    found = relay(tmp_path, 'password_file = "weg"')
    with pytest.raises(SetupError, match="weg: No such file or directory; it should hold the rel"):
        config.password(found, tmp_path)


def test_the_password_of_the_environment_wins_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSLETTER_RELAY_PASSWORD", SECRET)
    assert config.password(password_file(tmp_path, b"ander"), tmp_path) == SECRET


def test_without_any_password_there_is_none(tmp_path: Path) -> None:
    assert config.password(relay(tmp_path), tmp_path) == ""


def test_log_and_metrics_have_their_settings(tmp_path: Path) -> None:
    own = '[log]\nfile = "/var/log/news.log"\nlevel = "debug"\n[metrics]\nport = 9464\n'
    found = load(tmp_path, NEEDED + own)

    assert (found.log.file, found.log.level) == (Path("/var/log/news.log"), "debug")
    assert (found.metrics.port, found.metrics.host, found.metrics.file) == (9464, "127.0.0.1", None)
    usual = load(tmp_path)
    assert (usual.log.file, usual.log.level) == (Path("var/log/newsletter.log"), "info")
    assert usual.metrics.port == 0


def test_a_level_or_a_port_that_is_none_is_refused(tmp_path: Path) -> None:
    assert "did you mean `debug`" in refusal(tmp_path, NEEDED + '[log]\nlevel = "debgu"\n')
    assert "write a port from 1 to 65535" in refusal(tmp_path, NEEDED + "[metrics]\nport = 70000\n")
