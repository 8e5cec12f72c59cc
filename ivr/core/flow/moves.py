"""Where a call goes: states, outcomes and their handlers, errors, suspended steps.

Events look outwards: step, state, flow, then the flows that called it; what is found there returns
to that flow.
"""

from collections.abc import Callable, Mapping

from ivr.core.facts import FlowFailed, OfferEnded, StateEntered, StepEnded
from ivr.core.flow import scope as scopes
from ivr.core.flow.keeping import Keeping
from ivr.core.flow.model import Flow, Node, State, Step
from ivr.core.flow.steps.base import ListeningStep


class Moves(Keeping):
    """Where outcomes lead."""

    __slots__ = ()

    def enter_state(self, state: State) -> None:
        """The call is now in a named state; what was suspended inside the last one is over."""
        call, kernel, name = self.call, self.kernel, state.name
        frame = call.frame
        frame.last_state = frame.state
        frame.state = name
        if frame.suspended:
            self.drop_suspended()
        kernel.tell(StateEntered(kernel.now, call.id, state.flow, name))

    # Handlers ----------------------------------------------------------------------------------------------

    def own_handler(self, step: Step, outcome: str) -> Node | None:
        """The handler of this flow for an outcome; names match by dotted prefix, inner maps first."""
        return _find(step.handlers, outcome)

    def handler(self, step: Step, outcome: str) -> Node | None:
        """The handler for an outcome, looking outwards through the calling flows (which are then returned to)."""
        if (node := _find(step.handlers, outcome)) is not None:
            return node
        frame = self.call.frame
        frames = self.call.frames or []
        for depth in range(len(frames) - 1, -1, -1):
            caller = frame.caller
            if caller is not None and (node := _find(caller.handlers, outcome)) is not None:
                self.back_to(depth)
                return node
            frame = frames[depth]
        return None

    def outcome(self, step: Step, outcome: str) -> Node | None:
        """Where an outcome leads that must be handled; unhandled, it is an error of the flow."""
        node = self.handler(step, outcome)
        return node if node is not None else self.fail("unhandled." + outcome, f"nothing handles {outcome!r}")

    def give_up(self, step: ListeningStep) -> Node | None:
        """After the last try: the handler of `give_up`, else the operator, else an error."""
        self.call.result = "give_up"
        if (node := self.handler(step, "give_up")) is not None:
            return node
        return self.operator() or self.fail("unhandled.give_up", "the caller gave no usable input")

    def operator(self) -> Node | None:
        """Where the flow's operator is reached, looking outwards."""
        return self._outwards(lambda flow: flow.operator)

    def flow_key(self, key: str) -> Node | None:
        """Where a key of the whole flow leads, looking outwards; the key is then taken."""
        node = self._outwards(lambda flow: flow.keys.get(key))
        if node is not None:
            self.take(key)
            self.stop("barged_in")
            self.call.result = "key." + key
        return node

    def fail(self, kind: str, message: str) -> Node | None:
        """An error: the flow's error handler, else the operator, else an apology and the end.

        A second error before the caller has done anything goes straight to the end.
        """
        call = self.call
        frame = call.frame
        self.kernel.tell(FlowFailed(self.kernel.now, call.id, frame.flow.name, frame.state, kind, message))
        if call.gone:
            return None
        scopes.of(call, self.kernel)["error"] = {"kind": kind, "state": frame.state, "message": message}
        if not call.failing:
            call.failing = True
            if (node := self._outwards(lambda flow: flow.error) or self.operator()) is not None:
                return node
        return scopes.APOLOGY

    def _outwards(self, find: Callable[[Flow], Node | None]) -> Node | None:
        """What `find` finds in this flow or the nearest calling one, which is then returned to."""
        call = self.call
        if (node := find(call.frame.flow)) is not None:
            return node
        frames = call.frames
        if frames:
            for depth in range(len(frames) - 1, -1, -1):
                if (node := find(frames[depth].flow)) is not None:
                    self.back_to(depth)
                    return node
        return None

    def back_to(self, depth: int) -> None:
        """Return to the frame at `depth` of the calling flows, dropping those above it."""
        call = self.call
        frames = call.frames
        assert frames is not None
        for dropped in (call.frame, *reversed(frames[depth + 1 :])):
            call.frame = dropped
            self.drop_suspended()
        call.frame = frames[depth]
        del frames[depth:]
        if call.scope is not None:
            call.scope["vars"] = call.frame.variables

    # Suspended steps -----------------------------------------------------------------------------------------

    def suspend(self, step: Step, kind: str) -> None:
        """Remember a listening step while the steps that handle its miss run; it is not over, so no fact yet."""
        call = self.call
        frame = call.frame
        if frame.suspended is None:
            frame.suspended = []
        frame.suspended.append((step, call.tries, call.since, kind))
        call.step = None

    def resume(self, step: Step) -> None:
        """Be in a suspended step again; steps suspended later were left for good."""
        call = self.call
        suspended = call.frame.suspended or []
        for number, (waiting, tries, since, _) in enumerate(suspended):
            if waiting is step:
                call.frame.suspended, left = suspended[:number], suspended[number + 1 :]
                self._end_suspended(left)
                call.tries, call.since = tries, since
                break
        else:
            call.since = self.kernel.now
        call.step = step
        call.result = "next"

    def drop_suspended(self) -> None:
        """Suspended steps of the present flow are over."""
        left, self.call.frame.suspended = self.call.frame.suspended, None
        if left:
            self._end_suspended(left)

    def drop_all_suspended(self) -> None:
        """The call is over, or sent elsewhere: so are all its suspended steps."""
        call = self.call
        present = call.frame
        self.drop_suspended()
        for frame in reversed(call.frames or ()):
            call.frame = frame
            self.drop_suspended()
        call.frame = present

    def _end_suspended(self, left: list[tuple[Step, int, int, str]]) -> None:
        kernel, call = self.kernel, self.call
        for step, _, since, kind in reversed(left):
            self.resume_recording(step)
            if step.verb == "offer":
                self.end_offer("hung_up" if call.gone else "unanswered")
            kernel.tell(
                StepEnded(kernel.now, call.id, step.flow, step.state, step.path, step.verb, kind, since)
            )

    def end_offer(self, answer: str) -> None:
        """The caller answered the rung that was put to them, or left it."""
        offer = self.call.offer
        if offer is not None and offer.open:
            offer.open = False
            self.kernel.tell(OfferEnded(self.kernel.now, self.call.id, offer.name, offer.rung, answer))


def _find(handlers: tuple[Mapping[str, Node], ...], outcome: str) -> Node | None:
    for handler in handlers:
        if not handler:
            continue
        name = outcome
        while name:
            if (node := handler.get(name)) is not None:
                return node
            name = name.rpartition(".")[0]
    return None
