"""Over real sockets: a flow that a trigger begins calls a phone, messages go both ways, an agent goes to work."""

import contextlib
from collections.abc import AsyncIterator

import aiohttp

from ivr import wire
from ivr.client import Desk, Phone
from ivr.core import events
from ivr.live.center import LiveCenter
from tests.live.serving import NORTHLIGHT, served
from tests.live.test_bad_input import until

EXAMPLES = NORTHLIGHT.parent / "examples"
ADA = {"customer": {"name": "Ada Brandt", "phone": "+491510000001", "balance": "42.00"}}


HALF_PAST: int = 1_795_442_370_000  # a Monday, half a minute before three in Berlin


@contextlib.asynccontextmanager
async def examples(speed: float = 20.0) -> AsyncIterator[tuple[str, LiveCenter]]:
    """The examples with nobody in them but who comes."""
    keep: list[LiveCenter] = []
    async with served(EXAMPLES, agents=False, keep=keep, speed=speed, epoch_ms=HALF_PAST) as url:
        yield url, keep[0]


async def test_a_triggered_flow_calls_a_phone_which_hears_it_out() -> None:
    async with examples() as (url, live):
        async with Phone(url, number="+491510000001") as phone:
            live.driver.post(events.FlowTriggered("low-balance", "+491510000001", ADA))
            ring = await phone.wait_for(wire.Incoming, within=10)
            assert ring.caller == ""
            await phone.answer()
            await phone.hears("Ada Brandt, your balance is 42 euros.", within=10)
            assert (await phone.wait_for(wire.Ended, within=20)).reason == "flow_hung_up"
        assert live.parties == {}


async def test_a_phone_that_rejects_is_called_again_later() -> None:
    async with examples(200.0) as (url, live), Phone(url, number="+491510000001") as phone:
        live.driver.post(events.FlowTriggered("low-balance", "", ADA))
        await phone.wait_for(wire.Incoming, within=10)
        await phone.reject()
        assert (await phone.wait_for(wire.Ended, within=10)).reason == "not_reached"
        await phone.wait_for(wire.Incoming, within=10)
        await phone.answer()
        await phone.hears("your balance is low", within=10)


async def test_a_message_reaches_the_phone_and_its_answer_the_flow() -> None:
    async with examples() as (url, live):
        async with Phone(url, number="+491510000001") as phone:
            await phone.dial("send")
            message = await phone.wait_for(wire.Written, within=10)
            assert (message.channel, message.text) == ("sms", "Shall we call you tomorrow? Answer yes or no.")
            await phone.write("Yes")
            await phone.hears("We call you tomorrow.", within=10)
        assert [(kept.sent, kept.text) for kept in live.messages.kept][-1] == (False, "Yes")


async def test_messages_come_and_are_shown_by_rest() -> None:
    async with examples() as (url, _), aiohttp.ClientSession(url) as session:
        good = {"channel": "sms", "sender": "+49", "text": "hello"}
        assert (await session.post("/api/messages", json=good)).status == 202
        for bad in (
            {},
            {**good, "channel": "fax"},
            {**good, "sender": ""},
            {**good, "text": "x" * 4_001},
            [1],
        ):
            answer = await session.post("/api/messages", json=bad)
            assert answer.status == 400, bad
        shown = await (await session.get("/api/messages")).json()
        assert [(one["sent"], one["text"]) for one in shown] == [(False, "hello")]


async def test_an_agent_is_asked_for_work_goes_and_comes_back() -> None:
    async with (
        examples() as (url, live),
        Phone(url, number="+491510000001") as phone,
        Desk(url, agent="olga") as desk,
    ):
        await phone.dial("work")
        await phone.hears("Somebody comes", within=10)
        ring = await desk.wait_for(wire.Ring, within=60)
        assert (ring.kind, ring.data["work"]["what"]) == ("work", "Install the router")
        await desk.accept(ring.reservation)
        await until(lambda: live.engine.agent_state("olga") == "working")
        await desk.finish("slept")
        assert "done, no_show" in (await desk.wait_for(wire.Error, within=10)).text
        assert desk.state.orders == ("w-1",)
        await desk.finish("done", work="the first")
        assert (await desk.wait_for(wire.Error, within=10)).code == "unknown_work"
        await desk.finish("done", work="w-1", note="It works.")
        message = await phone.wait_for(wire.Written, within=20)
        assert message.text == "Olga was there. Is everything all right?"
        assert not desk.state.orders
