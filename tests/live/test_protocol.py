"""The reference page's examples: each is understood, fits its schema, and is replayed against a served center."""

import typing
from typing import Any

import aiohttp
import jsonschema
import msgspec
import pytest

from ivr import wire
from ivr.core.facts import call_name
from ivr.errors import PeerError
from tests.live.serving import served
from tests.live.test_bad_input import Raw

DECODERS = {
    "phone says": wire.phone_says,
    "phone hears": wire.phone_hears,
    "desk says": wire.desk_says,
    "desk hears": wire.desk_hears,
}
UNIONS = {
    "phone says": wire.PhoneSays,
    "phone hears": wire.PhoneHears,
    "desk says": wire.DeskSays,
    "desk hears": wire.DeskHears,
}


@pytest.mark.parametrize(("who", "message"), wire.EXAMPLES, ids=lambda value: str(value)[:40])
def test_an_example_is_understood_and_fits_its_schema(who: str, message: wire.Message) -> None:
    text = wire.encode(message)
    assert DECODERS[who](text) == message
    schema = msgspec.json.schema(UNIONS[who])
    jsonschema.validate(msgspec.json.decode(text), schema)


def test_every_message_has_an_example_on_each_side_that_uses_it() -> None:
    shown = {(who, type(message)) for who, message in wire.EXAMPLES}
    # told in the same words to both: shown once
    twice = {wire.Error, wire.Music, wire.PromptEnded}
    for who, union in UNIONS.items():
        for kind in typing.get_args(union):
            assert (who, kind) in shown or kind in twice, f"{who}: {kind.__name__}"


def said(who: str) -> list[dict[str, Any]]:
    return [msgspec.to_builtins(message) for speaker, message in wire.EXAMPLES if speaker == who]


async def test_what_a_phone_says_is_replayed() -> None:
    answers = {
        "hello": "welcome",
        "dial": "connected",
        "press": "key",
        "answer": "error",
        "reject": "error",
        "hang_up": "ended",
    }
    async with (
        served(agents=False) as url,
        aiohttp.ClientSession() as session,
        session.ws_connect(url + "/phone") as ws,
    ):
        raw = Raw(ws)
        for message in said("phone says"):
            await raw.say(**message)
            if (kind := answers.get(message["type"])) is not None:
                answer = await raw.hear(kind)
                assert answer.get("code", "not_ringing") == "not_ringing"


async def test_what_a_desk_says_is_replayed() -> None:
    async with (
        served(agents=False) as url,
        aiohttp.ClientSession() as session,
        session.ws_connect(url + "/desk") as desk,
        session.ws_connect(url + "/phone") as phone,
    ):
        await Raw(phone).say(type="hello", number="+491510000001")
        await Raw(phone).say(type="dial", to="support")
        await Raw(phone).hear("prompt")
        raw = Raw(desk)
        bridged = False
        for message in said("desk says"):
            if message["type"] == "accept":
                await raw.say(type="ready")
                await Raw(phone).say(type="press", keys="1")
                await Raw(phone).hear("key")
                await Raw(phone).say(type="press", keys="1")
                message["reservation"] = (await raw.hear("ring"))["reservation"]
            await raw.say(**message)
            if message["type"] == "sign_in":
                assert (await raw.hear("seated"))["agent"] == message["agent"]
            if message["type"] == "accept":
                assert (await raw.hear("bridged"))["call"] == call_name(1)
                bridged = True
            if message["type"] == "transfer":
                await raw.hear("parted")
            if message["type"] == "sign_out":
                while (await raw.hear("agent_state"))["state"] != "signed_out":
                    pass
        assert bridged


def test_a_client_passes_over_what_only_a_later_protocol_says_and_nothing_else() -> None:
    assert wire.phone_hears('{"type": "weather", "degrees": 21}') is None
    assert wire.phone_hears('{"type": "held", "on": true, "since": 5}') == wire.Held(on=True)
    for text in ('{"type": "held"}', '{"type": 5}', "[]", "held", '{"kind": "weather"}'):
        with pytest.raises(PeerError):
            wire.phone_hears(text)
    with pytest.raises(PeerError):
        wire.phone_says('{"type": "dial", "to": "1", "loudly": true}')
