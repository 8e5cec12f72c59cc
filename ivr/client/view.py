"""What a phone or a desk knows at this moment: a fold over what the server said."""

from dataclasses import dataclass

from ivr import wire


@dataclass(slots=True)
class PhoneView:
    """The state of a phone; read only. Empty or None: there is none.

    `party` is empty also in a talk with somebody who withheld their number: `talking` says that there is one.
    """

    center: str = ""
    numbers: tuple[str, ...] = ()
    speed: float = 1.0
    call: str = ""
    number: str = ""
    flow: str = ""
    state: str = ""
    prompt: wire.Prompt | None = None
    listening: wire.ListeningFor | None = None
    music: str = ""
    queue: str = ""
    position: int = 0
    estimate_s: float | None = None
    party: str = ""
    talking: bool = False
    held: bool = False
    recording: bool = False
    incoming: wire.Incoming | None = None
    ended: str = ""

    @property
    def stage(self) -> str:
        """In one word: `idle`, `ringing`, `connected`, `waiting`, `bridged`, `held` or `ended`."""
        if self.ended:
            return "ended"
        if self.talking:
            return "held" if self.held else "bridged"
        if self.queue:
            return "waiting"
        if self.call:
            return "connected"
        return "ringing" if self.incoming else "idle"

    def apply(self, message: wire.Message) -> None:
        """Take in what the server said."""
        match message:
            case wire.Welcome():
                self.center, self.numbers, self.speed = message.center, message.numbers, message.speed
            case wire.Connected():
                self._clear()
                self.call, self.number = message.call, message.number
            case wire.Incoming():
                self._clear()
                self.incoming = message
            case wire.Prompt():
                self.prompt, self.listening = message, message.listening
            case wire.PromptEnded() if self.prompt is not None and message.play == self.prompt.play:
                self.prompt = None
            case wire.Music():
                self.music = message.name
            case wire.Queued():
                self.queue, self.position, self.estimate_s = (
                    message.queue,
                    message.position,
                    message.estimate_s,
                )
                self.listening = self.listening if self.prompt is not None else None
            case wire.State():
                self.flow, self.state = message.flow, message.state
                self._leave_queue()
                self.listening = self.listening if self.prompt is not None else None
            case wire.Bridged():
                self._leave_queue()
                self.call, self.party, self.held = message.call, message.party, False
                self.talking, self.listening, self.music = True, None, ""
            case wire.Parted():
                self.party, self.talking, self.held = "", False, False
            case wire.Held():
                self.held = message.on
            case wire.Recording():
                self.recording = message.on
            case wire.Ended():
                call = message.call or self.call
                number = self.number
                self._clear()
                self.call, self.number, self.ended = call, number, message.reason
            case _:
                pass

    def _leave_queue(self) -> None:
        self.queue, self.position, self.estimate_s = "", 0, None

    def _clear(self) -> None:
        """Forget the call; the center stays."""
        center, numbers, speed = self.center, self.numbers, self.speed
        self.__init__(center=center, numbers=numbers, speed=speed)  # type: ignore[misc]  # all fields at once


@dataclass(slots=True)
class DeskView:
    """The state of a desk; read only. Empty or None: there is none.

    `call` is that of a talk; `party` is empty when its caller withheld the number. `consults` is whom
    the agent asks about it, or who asks them; `supervises` is whom they listen to, `team` whom they may.
    `orders` are the work orders in hand, the oldest first.
    """

    center: str = ""
    agent: str = ""
    queues: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    team: tuple[str, ...] = ()
    state: str = ""
    reason: str = ""
    ring: wire.Ring | None = None
    card: wire.Ring | None = None
    call: str = ""
    party: str = ""
    held: bool = False
    consults: str = ""
    consult_mode: str = ""
    supervises: str = ""
    supervise_mode: str = ""
    orders: tuple[str, ...] = ()
    prompt: wire.Prompt | None = None
    music: str = ""

    def apply(self, message: wire.Message) -> None:
        """Take in what the server said."""
        match message:
            case wire.Consulting():
                on = message.mode in ("ringing", "private", "swapped", "conference")
                self.consults, self.consult_mode = (message.party, message.mode) if on else ("", "")
                self.ring = None if message.mode == "private" else self.ring
                self.held = self.held and bool(self.call)  # whom was asked is not told, when they are let go
            case wire.Work():
                others = tuple(order for order in self.orders if order != message.work)
                self.orders = (*others, message.work) if message.state == "assigned" else others
            case wire.Supervising():
                self.supervises, self.supervise_mode = message.agent, message.mode
            case wire.Seated():
                self.center, self.agent = message.center, message.agent
                self.queues, self.targets, self.team = message.queues, message.targets, message.team
            case wire.AgentState():
                self.state, self.reason = message.state, message.reason
                self.ring = self.ring if message.state == "reserved" else None
            case wire.Ring():
                self.ring = self.card = message
            case wire.Withdrawn() if self.ring is not None and message.reservation == self.ring.reservation:
                self.ring = None
            case wire.Bridged():
                self.ring, self.prompt = None, None
                self.call, self.party, self.held = message.call, message.party, False
            case wire.Parted():
                self.call, self.party, self.held = "", "", False
            case wire.Held():
                self.held = message.on
            case wire.Prompt():
                self.prompt = message
            case wire.PromptEnded() if self.prompt is not None and message.play == self.prompt.play:
                self.prompt = None
            case wire.Music():
                self.music = message.name
            case _:
                pass
