"""What a step may do: the only way from a step to its call, the queues and the outside.

Steps read like the documentation of their verb because everything with bookkeeping in it stands
here and in the layers below (`promises`, `moves`, `keeping`, `voice`, `hand`).
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from ivr.core import facts
from ivr.core.call import Frame, OfferState
from ivr.core.flow import scope as scopes
from ivr.core.flow.hand import fit
from ivr.core.flow.model import Node
from ivr.core.flow.promises import PendingMessage, Promises
from ivr.core.flow.steps.callback import Callback
from ivr.core.flow.steps.flows import CallFlow
from ivr.core.flow.steps.queue import Queue
from ivr.core.flow.steps.request import RequestStep
from ivr.core.flow.steps.transfer import Transfer
from ivr.core.flow.values import coerce, plain
from ivr.core.time import Instant, Ms
from ivr.limits import FIELDS_MAX, FLOW_DEPTH_MAX, OFFERS_REMEMBERED_MAX

_CENT: Final = Decimal("0.01")


class PendingRequest:
    """A lookup or run that is out."""

    __slots__ = ("args", "asked", "attempt", "id", "key", "name")

    def __init__(self, name: str, args: dict[str, Any], key: str) -> None:
        self.name = name
        self.args = args
        self.key = key
        self.attempt = 0
        self.id = 0
        self.asked: Instant = 0


class Recording:
    """A recording in progress."""

    __slots__ = ("id", "since")

    def __init__(self, number: int, since: Instant) -> None:
        self.id = number
        self.since = since


class Turn(Promises):
    """The hands of a step on its call; one belongs to one call for its whole life."""

    __slots__ = ()

    # In and out of flows -------------------------------------------------------------------------------

    def call_flow(self, step: CallFlow, args: Mapping[str, Any]) -> Node | None:
        """Enter another flow with its own variables."""
        call = self.call
        flow = call.plan.flows[step.target]
        frames = call.frames if call.frames is not None else []
        if len(frames) + 1 >= FLOW_DEPTH_MAX:
            self.kernel.bound("flow_depth", facts.call_name(call.id))
            return self.fail("depth", f"flows call each other more than {FLOW_DEPTH_MAX} deep")
        frames.append(call.frame)
        call.frames = frames
        variables = {name: kind.natural for name, kind in flow.variables.items()}
        for name, value in args.items():
            variables[name] = fit(value, flow.variables[name].kind, name)
        call.frame = Frame(flow, variables, step)
        if call.scope is not None:
            call.scope["vars"] = variables
        return flow.start

    def return_from_flow(self, outcome: str, values: dict[str, Any]) -> Node | None:
        """Leave the flow; the calling step goes on with the outcome. From the first flow the call ends."""
        call = self.call
        if not call.frames:
            self.end_call("flow_hung_up", outcome)
            return None
        step = call.frame.caller
        assert step is not None
        self.back_to(len(call.frames) - 1)
        if values:
            scopes.of(call, self.kernel)["result"] = values
        return step.answered(self, outcome, {})

    # The outside -----------------------------------------------------------------------------------------

    def ask_outside(self, step: RequestStep, args: dict[str, Any]) -> None:
        """Send a lookup or a run; the idempotency key is call, step and visit."""
        call = self.call
        key = ""
        if step.verb == "run":
            key = f"{facts.call_name(call.id)}/{step.flow}/{step.state}/{step.path}/{self.visit_number(step)}"
        call.request = PendingRequest(step.request, {name: plain(value) for name, value in args.items()}, key)
        self.ask_outside_again(step)

    def ask_outside_again(self, step: RequestStep) -> None:
        """Send what is pending, once more."""
        call, kernel = self.call, self.kernel
        pending: PendingRequest = call.request
        kernel.last_request += 1
        pending.id = kernel.last_request
        pending.attempt += 1
        pending.asked = kernel.now
        kernel.flows.await_answer(pending.id, call)
        kernel.tell(
            facts.LookupAsked(
                kernel.now, call.id, pending.id, pending.name, step.verb, pending.attempt, pending.key
            )
        )
        if step.mock is not None:
            self.wake_in(step.mock.takes_ms, "mock")
            return
        self.wake_in(step.timeout_ms, "timeout")
        if step.verb == "run":
            kernel.outlet.run(pending.id, pending.name, pending.args, call.caller, pending.key)
        else:
            kernel.outlet.look_up(pending.id, pending.name, pending.args, call.caller)

    def end_request(self, outcome: str) -> int:
        """An attempt is over; which one it was."""
        call, kernel = self.call, self.kernel
        pending: PendingRequest = call.request
        self.clear_alarm()
        kernel.flows.forget(pending.id)
        assert call.step is not None
        kernel.tell(
            facts.LookupEnded(
                kernel.now,
                call.id,
                pending.id,
                pending.name,
                call.step.verb,
                outcome,
                kernel.now - pending.asked,
            )
        )
        return pending.attempt

    def take_result(self, request: str, result: dict[str, Any]) -> bool:
        """Put an answer into `result` and the data root it fills; False when it is not of the declared types."""
        call = self.call
        declared = call.plan.requests[request]
        if len(result) > FIELDS_MAX:
            self.kernel.bound("fields", facts.call_name(call.id))
            return False
        values = {}
        for name, value in result.items():
            if (kind := declared.result.get(name)) is None:
                continue
            try:
                values[name] = coerce(value, kind)
            except ValueError:
                return False
        scope = scopes.of(call, self.kernel)
        natural = {name: kind.natural for name, kind in declared.result.items()}
        scope["result"] = natural | values
        if declared.into:
            if call.known is None:
                call.known = {}
            call.known[declared.into] = None
            root = scope[declared.into]
            scope[declared.into] = root | {name: value for name, value in values.items() if name in root}
            call.language = values.get("language") or call.language
        return True

    def drop_request(self) -> None:
        """Nobody waits for the answer any more."""
        pending = self.call.request
        if pending is not None:
            self.kernel.flows.forget(pending.id)
            if isinstance(pending, PendingMessage):
                self.forget_reply(pending)
            self.call.request = None

    # Queues, transfers, callbacks ------------------------------------------------------------------------

    def join_queue(self, step: Queue, priority: int, wanted: str) -> str:
        """Join, asking for the agent `wanted` if any; empty, or the outcome with which the queue refused."""
        return self.kernel.queues.join(self.call, step, priority, wanted)

    def leave_queue(self, outcome: str) -> None:
        """End the visit."""
        self.kernel.queues.leave(self.call, outcome)

    def waits_in_queue(self) -> bool:
        """Whether the caller waits, and talks to nobody yet."""
        return self.call.visit is not None

    def take_callback_key(self, key: str) -> bool:
        """Whether the key takes the callback offered while waiting; the visit is then over."""
        visit = self.call.visit
        if visit is None or not visit.callback_alive:
            return False
        settings = visit.settings
        if settings is None or settings.callback is None or key != settings.callback.key:
            return False
        self.take(key)
        self.stop("barged_in")
        self.kernel.queues.leave(self.call, "callback")
        return True

    def transfer(self, step: Transfer) -> str:
        """Ring the target; empty, or the outcome when that failed at once."""
        return self.kernel.queues.transfer(self.call, step)

    def book_callback(self, step: Callback, number: str) -> bool:
        """Book a callback; False when that is not possible."""
        return self.kernel.queues.book(self.call, step, number)

    # Offers ------------------------------------------------------------------------------------------------

    def begin_offers(self, name: str) -> None:
        """Stand at the foot of a ladder."""
        self.call.offer = OfferState(name)

    def offered_within(self, name: str, cooldown_ms: Ms) -> bool:
        """Whether this caller, if they show a number, has been made this offer within a time; if not, it is made now."""
        call, kernel = self.call, self.kernel
        if not call.caller:
            return False
        key = (name, call.caller)
        before = kernel.offered.get(key)
        if before is not None and kernel.now - before < cooldown_ms:
            return True
        kernel.offered.pop(key, None)
        kernel.offered[key] = kernel.now
        if len(kernel.offered) > OFFERS_REMEMBERED_MAX:
            del kernel.offered[next(iter(kernel.offered))]
        return False

    def rung(self) -> int:
        """The rung reached, from 1; 0 at the foot."""
        return self.call.offer.rung if self.call.offer is not None else 0

    def make_offer(self, rung: int, percent: Decimal, amount: Decimal, months: int, price: Any) -> None:
        """Put a rung to the caller; the price is rounded to cents."""
        offer = self.call.offer
        assert offer is not None
        full = Decimal(str(price))
        offer.rung, offer.percent, offer.amount, offer.months = rung, percent, amount, months
        reduced = full * (100 - percent) / 100 - amount
        offer.price = max(reduced, Decimal(0)).quantize(_CENT, ROUND_HALF_UP)
        offer.open = True
        self.kernel.tell(
            facts.OfferMade(
                self.kernel.now,
                self.call.id,
                offer.name,
                rung,
                f"{percent.normalize():f}",
                months,
                str(offer.price),
            )
        )

    def tell_score(self, survey: str, score: int) -> None:
        """The caller gave a score."""
        call, kernel = self.call, self.kernel
        kernel.tell(facts.SurveyAnswered(kernel.now, call.id, survey, score, call.agent))

    # Recording ---------------------------------------------------------------------------------------------

    def start_recording(self) -> None:
        """Record what the caller says from now on."""
        call, kernel = self.call, self.kernel
        kernel.last_request += 1
        call.request = Recording(kernel.last_request, kernel.now)
        kernel.tell(facts.RecordingStarted(kernel.now, call.id, call.request.id, call.line))
        kernel.outlet.music(call.line, "beep")
        kernel.outlet.record(call.line, call.request.id, True)

    def recording(self) -> bool:
        """Whether the caller is being recorded."""
        return isinstance(self.call.request, Recording)

    def stop_recording(self, ended: str) -> Ms:
        """End the recording; its length."""
        call, kernel = self.call, self.kernel
        recording: Recording = call.request
        call.request = None
        length_ms = kernel.now - recording.since
        if not call.gone:
            kernel.outlet.record(call.line, recording.id, False)
        kernel.tell(facts.RecordingEnded(kernel.now, call.id, recording.id, length_ms, ended))
        return length_ms

    # The end -----------------------------------------------------------------------------------------------

    def hang_up(self, reason: str) -> None:
        """End the call."""
        self.end_call(reason, "")

    def end_call(self, reason: str, outcome: str) -> None:
        """End the call with what its first flow returned."""
        self.kernel.flows.finish(self.call, reason, outcome)
