"""`ivr agents`: who is at work, and on what."""

import asyncio
import sys
from typing import Annotated, Any, Final

from cyclopts import Parameter

from ivr.cli import exit_codes
from ivr.cli.options import DEFAULT_URL, JsonLines, Token, Url, served_at
from ivr.cli.terminal import print_json, span

_COLORS: Final = {
    **dict.fromkeys(("talking", "holding", "consulting", "working"), "green"),
    **dict.fromkeys(("reserved", "wrap_up"), "yellow"),
    **dict.fromkeys(("paused", "not_responding"), "red"),
    "signed_out": "dim",
}


def agents(
    *,
    url: Url = DEFAULT_URL,
    token: Token = None,
    queue: Annotated[str | None, Parameter(help="Only those who serve it.", show_default=False)] = None,
    json: JsonLines = False,
) -> int:
    """List the agents of a served center: their state, for how long, the call they have, the queues they serve.

    Exit code: 0, or 4 when no center answers.
    """
    from ivr.cli.served import fetch

    found: list[dict[str, Any]] = asyncio.run(fetch(served_at(url), "/api/agents", token))
    known = dict.fromkeys(name for one in found for name in one["queues"])
    if queue is not None and queue not in known:
        raise exit_codes.WrongUsage(f"nobody serves a queue {queue[:80]!r}; there are {', '.join(known)}")
    shown = [one for one in found if queue is None or queue in one["queues"]]
    if json:
        for one in shown:
            print_json(one)
    else:
        _print(shown)
    return exit_codes.OK


def _print(found: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from ivr.core.facts import call_name

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("agent", "state", "since", "call", "queues"):
        table.add_column(heading, justify="right" if heading == "since" else "left")
    for one in found:
        state = one["state"] + (f" ({one['reason']})" if one["reason"] else "")
        table.add_row(
            one["name"],
            Text(state, style=_COLORS.get(one["state"], "")),
            span(one["for_ms"] / 1_000),
            call_name(one["call"]) if one["call"] is not None else "",
            ", ".join(one["queues"]),
        )
    Console(file=sys.stdout).print(table)
