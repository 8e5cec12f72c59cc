"""The wall in a real browser: it shows the center as it is, and complains about nothing."""

import asyncio
import shutil
from pathlib import Path

import pytest

from tests.live.serving import served

CHROMIUM = shutil.which("chromium")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--enable-logging=stderr", "--virtual-time-budget=3000", "--dump-dom",
)  # fmt: skip

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="needs chromium; tools/host.sh installs it where it may"
)


async def test_the_wall_shows_queues_agents_and_calls(tmp_path: Path) -> None:
    assert CHROMIUM is not None
    async with served(speed=20) as url:
        browser = await asyncio.create_subprocess_exec(
            CHROMIUM,
            *FLAGS,
            f"--user-data-dir={tmp_path}",
            url + "/",
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        page, log = await asyncio.wait_for(browser.communicate(), 60)
    text = page.decode()
    for shown in ("Northlight", "support", "billing", "anna", "greta"):
        assert shown in text
    assert "Connecting" not in text
    assert "No picture" not in text
    assert "CONSOLE" not in log.decode(errors="replace"), "the page logged an error"
