"""The desk of an agent."""

from collections.abc import Callable

from ivr import wire
from ivr.client.connection import Connection
from ivr.client.view import DeskView
from ivr.errors import PeerError


class Desk(Connection):
    """A desk where an agent of the center sits: `async with Desk(url, agent="anna") as desk: ...`.

    Entering signs the agent in, leaving ends the connection. With `ready` false the agent begins in a
    pause. A `Ring` is answered with `accept` or `reject` within its `ring_ms`.
    """

    _path = "/desk"

    def __init__(
        self,
        url: str,
        *,
        agent: str,
        ready: bool = True,
        codec: str = "none",
        token: str | None = None,
        on_frame: Callable[[bytes], None] | None = None,
    ) -> None:
        super().__init__(url, codec=codec, token=token, on_frame=on_frame)
        self.agent = agent
        self.state = DeskView()
        self._ready = ready

    async def sign_in(self, *, ready: bool = True) -> wire.Seated:
        """Sit down (again, after `sign_out`); raises PeerError when that is not possible."""
        await self.send(wire.SignIn(self.agent, ready, self.codec))
        seated = await self.wait_for(wire.Seated)
        self._check(seated.protocol, seated.codec)
        return seated

    async def sign_out(self) -> None:
        """Leave; a talk is finished first."""
        await self.send(wire.SignOut())

    async def ready(self) -> None:
        """Want calls; ends a pause, a wrap-up and `not_responding`."""
        await self.send(wire.Ready())

    async def pause(self, reason: str = "") -> None:
        """Want no calls; during a talk it takes effect after it."""
        await self.send(wire.Pause(reason))

    async def accept(self, reservation: int | None = None) -> None:
        """Take the call of a reservation; without a number, the one that rings now."""
        await self.send(wire.Accept(self._ringing(reservation)))

    async def reject(self, reservation: int | None = None) -> None:
        """Do not take the call of a reservation; without a number, the one that rings now."""
        await self.send(wire.Reject(self._ringing(reservation)))

    async def say(self, text: str, act: str = "", about: str = "", detail: str = "") -> None:
        """Say something to the caller, as text; `act` says what it was."""
        await self.send(wire.Say(text, act, about, detail))

    async def hold(self) -> None:
        """Put the caller on hold."""
        await self.send(wire.Hold())

    async def resume(self) -> None:
        """Take the caller off hold."""
        await self.send(wire.Resume())

    async def transfer(self, to: str) -> None:
        """Pass the caller on, blind: to a queue, an agent, a number of the center or a contact."""
        await self.send(wire.Transfer(to))

    async def consult(self, to: str) -> None:
        """Put the caller on hold and ask somebody: an agent, a queue or a contact."""
        await self.send(wire.Consult(to))

    async def complete(self) -> None:
        """The caller goes on with whom was consulted."""
        await self.send(wire.ConsultAct("complete"))

    async def take_back(self) -> None:
        """End the consultation, and talk to the caller again."""
        await self.send(wire.ConsultAct("take_back"))

    async def swap(self) -> None:
        """Talk to the other one of the two: the caller, or whom was consulted."""
        await self.send(wire.ConsultAct("swap"))

    async def conference(self) -> None:
        """Let all three hear each other."""
        await self.send(wire.ConsultAct("conference"))

    async def supervise(self, agent: str, mode: str = "monitor") -> None:
        """As a supervisor, `monitor` an agent's talk, `whisper` to them, or `barge` in; with no agent, leave."""
        await self.send(wire.Supervise(agent, mode))

    async def force(self, agent: str, state: str) -> None:
        """As a supervisor, make an agent `ready`, `paused` or `signed_out`."""
        await self.send(wire.Force(agent, state))

    async def pull(self, call: str) -> None:
        """As a supervisor, take a waiting call, such as `c-000042`."""
        await self.send(wire.Pull(call))

    async def hang_up(self) -> None:
        """End the talk."""
        await self.send(wire.HangUp())

    async def wrap_up(self, code: str = "") -> None:
        """The work after the talk is done; `code` says how the talk went."""
        await self.send(wire.WrapUp(code))

    async def finish(self, result: str = "done", work: str = "", note: str = "") -> None:
        """A work order is over: `done`, `no_show` or `rescheduled`; without its name, the one in hand longest."""
        await self.send(wire.Finish(result, work, note))

    async def _greet(self) -> None:
        await self.sign_in(ready=self._ready)

    def _decode(self, text: str) -> wire.Message | None:
        return wire.desk_hears(text)

    def _apply(self, message: wire.Message) -> None:
        self.state.apply(message)

    def _ringing(self, reservation: int | None) -> int:
        if reservation is not None:
            return reservation
        if self.state.ring is None:
            raise PeerError("nothing_rings", "no call rings at this desk now")
        return self.state.ring.reservation
