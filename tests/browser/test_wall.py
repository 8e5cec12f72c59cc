"""The wall in a real browser: it shows the center as it is, and complains about nothing."""

import asyncio
import html
import json
import re
import shutil
from pathlib import Path

import pytest

from ivr.observe.gauges import AGENT_STATES
from tests.live.serving import served

CHROMIUM = shutil.which("chromium")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--enable-logging=stderr", "--virtual-time-budget=3000", "--dump-dom",
)  # fmt: skip

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="needs chromium; tools/host.sh installs it where it may"
)


ROOT = Path(__file__).parents[2]
WEB = ROOT / "ivr" / "web"
PICTURE = {
    "at": 0, "plan": "Northlight", "calls_total": 1, "in_flow": 0, "waiting": 1, "talking": 0, "callbacks": 1,
    "queues": [{"name": "support", "waiting": 1, "ringing": 0, "callbacks": 1, "oldest_ms": 1, "estimate_ms": None,
                "agents": {"talking": 6, "wrap_up": 2, "not_responding": 1}}],
    "agents": [{"name": "anna", "state": "ready", "reason": "", "for_ms": 5, "call": None, "queues": ["support"]}],
    "calls": [{"call": 7, "line": "p-1", "number": "retention", "caller": "+491510000001", "flow": "retention-line",
               "state": "a-state-with-a-long-name", "verb": "queue", "queue": "support", "position": 1, "party": "",
               "consults": "", "consult_mode": "", "for_ms": 61_000}],
}  # fmt: skip


async def seen(url: str, profile: Path, width: int = 1200) -> tuple[str, str]:
    """The page after three seconds of its own time, and what the browser logged."""
    assert CHROMIUM is not None
    browser = await asyncio.create_subprocess_exec(
        CHROMIUM,
        *FLAGS,
        f"--window-size={width},900",
        f"--user-data-dir={profile}",
        url,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    page, log = await asyncio.wait_for(browser.communicate(), 60)
    return page.decode(), log.decode(errors="replace")


def staged(folder: Path, fetch: str) -> str:
    """The wall as a file of its own whose every look is answered by this function; its address."""
    page = (WEB / "index.html").read_text("utf-8")
    style, script = ((WEB / f"wall.{kind}").read_text("utf-8") for kind in ("css", "js"))
    measure = "setInterval(() => document.body.dataset.overflow = document.documentElement.scrollWidth - innerWidth, 100);"
    page = page.replace('<link rel="stylesheet" href="/static/wall.css">', f"<style>{style}</style>")
    page = page.replace('<script src="/static/wall.js" defer></script>', "")
    picture = f"const picture = {json.dumps(PICTURE)}; const ok = {{ ok: true, json: () => picture }}; let looks = 0;"
    page = page.replace(
        "</body>", f"<script>{picture} window.fetch = {fetch};{script};{measure}</script></body>"
    )
    file = folder / "wall.html"
    file.write_text(page, "utf-8")
    return file.as_uri()


async def test_a_picture_that_has_stopped_does_not_look_live(tmp_path: Path) -> None:
    gone = 'async () => { if (looks++) throw new Error("Failed to fetch"); return ok; }'
    page, _ = await seen(staged(tmp_path, gone), tmp_path / "profile")
    assert "stale" in page.partition("<body")[2].partition(">")[0]
    assert "The center has not answered since" in page
    assert "<title>no answer · Northlight</title>" in page
    assert "support" in page, "what was known stays to be read"


async def test_a_picture_that_goes_on_again_looks_live(tmp_path: Path) -> None:
    back = 'async () => { if (looks++ === 1) throw new Error("Failed to fetch"); return ok; }'
    page, _ = await seen(staged(tmp_path, back), tmp_path / "profile")
    assert "stale" not in page.partition("<body")[2].partition(">")[0]
    assert "1 call: 0 in menus, 1 waiting, 0 talking, 1 callback pending" in page


@pytest.mark.parametrize("width", [420, 600, 1200])
async def test_the_wall_fits_a_screen(width: int, tmp_path: Path) -> None:
    page, _ = await seen(staged(tmp_path, "async () => ok"), tmp_path / "profile", width)
    overflow = re.search(r'data-overflow="(-?\d+)"', page)
    assert overflow is not None
    assert int(overflow[1]) <= 0
    assert page.count('data-label="Dialled"') == 1, "a card has headings of its own"


async def test_each_state_of_an_agent_has_a_color_that_says_whether_they_are_free(tmp_path: Path) -> None:
    agents = [{"name": state, "state": state, "for_ms": 5} for state in AGENT_STATES]
    tell = "document.body.dataset.colors = JSON.stringify([...document.querySelectorAll('#agents span')].map((span) =>"
    tell += " [span.className, getComputedStyle(span).color]));"
    fetch = f"async () => {{ picture.agents = {json.dumps(agents)}; setTimeout(() => {{ {tell} }}, 100); return ok; }}"
    page, _ = await seen(staged(tmp_path, fetch), tmp_path / "profile")
    told = re.search(r'data-colors="([^"]*)"', page)
    assert told is not None
    by_color: dict[str, set[str]] = {}
    for state, color in json.loads(html.unescape(told[1])):
        by_color.setdefault(color, set()).add(state)
    assert sorted(map(sorted, by_color.values())) == [
        ["consulting", "holding", "reserved", "talking", "working", "wrap_up"],
        ["not_responding"],
        ["paused", "signed_out"],
        ["ready"],
    ]


@pytest.mark.parametrize(
    ("mode", "shown"),
    [
        ("ringing", "anna, consulting boris"),
        ("private", "anna, consulting boris"),
        ("conference", "anna and boris"),
    ],
)
async def test_a_call_shows_who_is_consulted_about_it(mode: str, shown: str, tmp_path: Path) -> None:
    talk = {"party": "anna", "consults": "boris", "consult_mode": mode}
    fetch = f"async () => {{ Object.assign(picture.calls[0], {json.dumps(talk)}); return ok; }}"
    page, _ = await seen(staged(tmp_path, fetch), tmp_path / "profile")
    assert f'data-label="With">{shown}<' in page


async def test_the_wall_shows_queues_agents_and_calls(tmp_path: Path) -> None:
    async with served(speed=20) as url:
        text, log = await seen(url + "/", tmp_path)
    for shown in ("Northlight", "support", "billing", "anna", "greta"):
        assert shown in text
    assert "Connecting" not in text
    assert "No picture" not in text
    assert f"ivr call support --url {url}<" in text, "as it can be typed"
    assert "CONSOLE" not in log, "the page logged an error"
