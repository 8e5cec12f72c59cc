"""An async softphone and desk for calling a center: `from ivr.client import Phone, Desk`.

    async with Phone("http://127.0.0.1:8080", number="+4915100000001") as phone:
        await phone.dial("support")
        await phone.hears("press 1", within=30)
        await phone.press("1")
        talk = await phone.wait_for(Bridged, within=300)
        await phone.hang_up()

How waiting works: everything the server says is written down in order, and `hears` and `wait_for`
look on from where the last one found something. Nothing is missed between two of them, nothing is
found twice, and a timeout skips nothing. Messages are those of `ivr.wire`. All times here are
seconds of the wall clock; `within=None` waits for as long as it takes.

What goes wrong is an `IvrError`: `ServerUnreachable` (an `OperatorError`: nobody answers),
`CallRefused` and other `PeerError`s (the server said no), `CallOver`, `ClientClosed`, and
`NotInTime`, which is a `TimeoutError` that says what came instead.
"""

from ivr.client.connection import Connection
from ivr.client.desk import Desk
from ivr.client.errors import CallOver, CallRefused, ClientClosed, NotInTime, ServerUnreachable
from ivr.client.phone import Phone
from ivr.client.sound import WavRecording
from ivr.client.view import DeskView, PhoneView

__all__ = [
    "CallOver",
    "CallRefused",
    "ClientClosed",
    "Connection",
    "Desk",
    "DeskView",
    "NotInTime",
    "Phone",
    "PhoneView",
    "ServerUnreachable",
    "WavRecording",
]
