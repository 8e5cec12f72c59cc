"""`ivr agent`: a desk in the terminal."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import Parameter

from ivr.cli import exit_codes
from ivr.cli.options import DEFAULT_URL, JsonLines, Token, Url, served_at

if TYPE_CHECKING:
    from ivr.cli.desk_hands import Hands
    from ivr.cli.desk_story import DeskStory
    from ivr.cli.screen import Screen
    from ivr.client import Desk

_AT_ONCE: Final = {"wrap_up": "w", "working": "d"}
"""What --auto does in a state."""


def agent(
    name: Annotated[str, Parameter(help="An agent of the center, such as anna.")],
    /,
    *,
    url: Url = DEFAULT_URL,
    auto: Annotated[
        bool,
        Parameter(
            help="Accept every call and work order, and be done with it at once; for scripts.",
            show_default=False,
        ),
    ] = False,
    pause: Annotated[bool, Parameter(help="Begin in a pause.", show_default=False)] = False,
    token: Token = None,
    json: JsonLines = False,
) -> int:
    """Sit at a desk as an agent and take calls.

    A simulated agent of that name makes room. In a terminal single keys do it, and those that mean
    something at the moment are shown: a accepts, r rejects, h holds and resumes, t transfers and c consults
    (they ask whom), e ends the talk, w wraps up, p pauses, y is ready again, q signs out (after the talk).

    In a consultation k completes it (the caller goes on with whom you asked), b takes the caller back,
    s swaps whom you talk to, f makes it a conference. A work order is d done, n no show (nobody was there),
    or l later (rescheduled); as a line with what you write about it: "d the cable was loose".

    A supervisor on a pause listens to an agent: m monitors, i whispers, g barges in, and each of them changes
    to its way of listening; x leaves. Also, u pulls a waiting call, o forces an agent to be ready, paused or
    signed_out.

    Without a terminal the same letters come as lines on stdin, such as "t billing", "m anna" or
    "o anna paused".

    Exit code: 0 when you signed out, 4 when the center closed or was lost before.
    """
    from ivr.client import ServerUnreachable

    try:
        return asyncio.run(_run(name, served_at(url), token, ready=not pause, auto=auto, json=json))
    except ServerUnreachable as fault:
        raise exit_codes.NobodyAnswers(str(fault)) from None


async def _run(name: str, url: str, token: str | None, *, ready: bool, auto: bool, json: bool) -> int:
    from ivr.cli.desk_hands import Hands
    from ivr.cli.desk_story import DeskStory
    from ivr.cli.screen import JsonScreen, LineScreen
    from ivr.cli.session import Leaving, follow, interrupts
    from ivr.client import ClientClosed, Desk

    story, leaving, code = DeskStory(), Leaving(), exit_codes.OK
    async with Desk(url, agent=name, ready=ready, token=token) as desk:
        screen: Screen = JsonScreen() if json else LineScreen(story.now_line)
        hands = Hands(desk, screen, leaving)
        with screen, interrupts(leaving):
            try:
                await follow(
                    _listen(desk, story, screen, hands, auto=auto),
                    leaving,
                    desk.sign_out,
                    hands.work(),
                    patience=None,  # a talk is finished first, however long it takes
                )
            except ClientClosed as end:
                screen.note("the center closed" if end.orderly else str(end), "red")
                code = exit_codes.PEER
        screen.end(story.last_line(), story.summary())
    return exit_codes.INTERRUPTED if leaving.why == "interrupted" else code


async def _listen(desk: "Desk", story: "DeskStory", screen: "Screen", hands: "Hands", *, auto: bool) -> None:
    """Show what comes until the agent is signed out; raise when the connection ends before."""
    from ivr import wire

    async for message in desk.messages():
        screen.message(message, story.tell(message))
        if isinstance(message, wire.AgentState) and message.state == "signed_out":
            return
        if auto and isinstance(message, wire.Ring):
            hands.do("a")
        elif auto and isinstance(message, wire.AgentState) and message.state in _AT_ONCE:
            hands.do(_AT_ONCE[message.state])
    assert desk.end is not None
    raise desk.end
