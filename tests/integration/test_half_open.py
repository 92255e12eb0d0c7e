"""The relay's machine vanishes: no reset, no goodbye, only packets that nobody answers."""

import asyncio
import time
from collections.abc import Iterator

import pytest

from newsletter.config import Relay
from newsletter.reply import Phase
from newsletter.smtp import login, reaching
from newsletter.smtp.connection import Lost
from tests.integration.campaigns import run
from tests.integration.lines import BODY, LARGE, SILENT, parcel
from tests.servers.island import Island
from tests.servers.scripted import ScriptedServer


@pytest.fixture
def island() -> Iterator[Island]:
    with Island() as there:
        yield there


@pytest.mark.fault(24, "the link goes down in the body or before the dot", "noticed, in its phase")
@pytest.mark.parametrize(
    ("data", "phase"), [(LARGE, Phase.BODY), (BODY, Phase.DOT)], ids=["in the body", "at the dot"]
)
def test_a_relay_that_vanished_is_noticed_by_the_system(
    island: Island, data: bytes, phase: Phase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a second here, where the phases would take 180 and 600; after 600 in earnest."""
    options = [
        (name, level, 1000 if name == "TCP_USER_TIMEOUT" else value)
        for name, level, value in reaching._OPTIONS
    ]
    monkeypatch.setattr(reaching, "_OPTIONS", options)

    async def vanish() -> None:
        await asyncio.to_thread(island.vanish)

    async def once(port: int) -> Lost:
        relay = Relay(url=f"smtp://{island.address}:{port}", allow_plain=True)
        line = await login.connect(relay, "")
        handing = asyncio.create_task(line.hand_over(parcel(1, data), vanish))
        if phase is Phase.BODY:
            await asyncio.sleep(0.3)  # the relay reads nothing: the body fills all that is between
            await vanish()
        with pytest.raises(Lost) as lost:
            await handing
        return lost.value

    server = ScriptedServer({"data": [b"354 Go\r\n", SILENT]}, host=island.address)
    with island.ashore():
        server.__enter__()
    start = time.monotonic()
    try:
        lost = run(once(server.port), 60)
    finally:
        server.__exit__(None, None, None)
    assert (lost.phase, str(lost)) == (phase, "Connection timed out")
    assert time.monotonic() - start < 20
    assert server.messages == []
