"""What is said in a talk, over real sockets."""

from ivr import wire
from ivr.client import Desk, Phone
from tests.live.serving import served
from tests.support import center_of


async def test_phone_and_desk_talk_as_text() -> None:
    async with (
        served(center_of()) as url,
        Desk(url, agent="anna") as desk,
        Phone(url, number="+491") as phone,
    ):
        await phone.dial("1")
        await desk.wait_for(wire.Ring, within=10)
        await desk.accept()
        await phone.wait_for(wire.Bridged, within=10)
        await desk.say("Your contract number?", "asks", "contract")
        heard = await phone.wait_for(wire.Speech, within=10)
        assert (heard.by, heard.act, heard.about) == ("anna", "asks", "contract")
        assert heard.text == "Your contract number?"
        await phone.say("40711", "answers", "contract")
        answer = await desk.wait_for(wire.Speech, within=10)
        assert (answer.by, answer.text, answer.act) == ("", "40711", "answers")
        await phone.say("Hm", "shrugs")
        refused = await phone.wait_for(wire.Error, within=10)
        assert refused.code == "unknown_act"
        assert "the acts are says, wants" in refused.text
