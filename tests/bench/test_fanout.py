"""Hold music to 500 phones with sound in one process, beside a bare aiohttp server doing the same sends."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PHONES = 500
SECONDS = 5
CPU_RATIO_MAX = 1.5
LATE_MS_MAX = 20

pytestmark = pytest.mark.bench


class Deaf(asyncio.Protocol):
    """A phone that is never bored: greets, dials, and throws away what it hears."""

    def __init__(self) -> None:
        self.bytes = 0
        self.upgraded = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(
            b"GET /phone HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )

    def data_received(self, data: bytes) -> None:
        self.bytes += len(data)
        if not self.upgraded and b"\r\n\r\n" in data:
            self.upgraded = True
            for text in (b'{"type":"hello","codec":"ulaw"}', b'{"type":"dial","to":"music"}'):
                self.transport.write(bytes((0x81, 0x80 | len(text), 0, 0, 0, 0)) + text)


async def fan_out(kind: str) -> tuple[dict[str, float], int]:
    command = [sys.executable, "-m", "tests.bench.fanout_server", kind, str(PHONES), str(SECONDS)]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    phones: list[Deaf] = []
    try:
        port = int(await asyncio.to_thread(server.stdout.readline))
        loop = asyncio.get_running_loop()
        for _ in range(PHONES):
            _, phone = await loop.create_connection(Deaf, "127.0.0.1", port)
            phones.append(phone)
        figures: dict[str, float] = json.loads(await asyncio.to_thread(server.stdout.readline))
        return figures, sum(phone.bytes for phone in phones)
    finally:
        for phone in phones:
            phone.transport.abort()
        server.terminate()
        server.communicate()
        await asyncio.sleep(0)


async def test_hold_music_to_five_hundred_phones() -> None:
    rounds = []
    for _ in range(3):
        bare, bare_bytes = await fan_out("bare")
        ours, our_bytes = await fan_out("ivr")
        assert our_bytes > 0.8 * bare_bytes, "the phones must have heard it"
        rounds.append(
            (ours["cpu"] / bare["cpu"], ours["cpu"], bare["cpu"], ours["late_p99_ms"], bare["late_p99_ms"])
        )
    print("\nhold music to 500 phones (mu-law, 20 ms), CPU of one core and lateness of a frame")
    for ratio, ours_cpu, bare_cpu, our_late, bare_late in rounds:
        print(
            f"  ours {ours_cpu:5.1%} p99 late {our_late:5.2f} ms | bare {bare_cpu:5.1%} p99 {bare_late:5.2f} ms | x {ratio:.2f}"
        )
    middle = sorted(rounds)[1]
    assert middle[0] <= CPU_RATIO_MAX
    assert sorted(row[3] for row in rounds)[1] < LATE_MS_MAX
