"""The way of a customer through the timeline of a story, wherever it is played.

It keeps no time and owns no sockets: it says how long is to be waited and for what, is told every fact of the center, and
has the customer's cast call and the company change. `player` lets virtual time pass, `live` that of a served center.
"""

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

from ivr.core import events, facts
from ivr.core.facts import Fact
from ivr.core.law import fixed
from ivr.core.time import Instant, Ms
from ivr.language.center_parts import Surroundings
from ivr.language.problems import Report
from ivr.language.story_models import (
    CallsModel,
    DoesModel,
    EntryModel,
    GetsModel,
    IsCalledModel,
    MeetsModel,
    StoryCustomerModel,
    entries,
)
from ivr.language.talk_model import Conversation
from ivr.language.talk_models import ConversationModel
from ivr.language.talk_parts import Talks
from ivr.limits import CALL_MS_MAX
from ivr.people import Cast
from ivr.people.script import CallerKind, Home
from ivr.story.told import Beat, Told, in_language
from ivr.world import World, world

_THINKS_MS: Final = 1_500  # before the customer presses a key
SETTLED: Final = "settled"
"""How what a customer did by themselves ended, if it settled the matter."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a story is played: the customer's cast, the company, and the clock; `busy` says whether a phone is in use."""

    cast: Cast
    world: World
    later: Callable[[Ms, Callable[[Any], None], object], None]
    post: Callable[[events.Event], None]
    now: Callable[[], Instant]
    busy: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Wait:
    """Time is to pass until an instant, or until something is there."""

    until: Instant
    there: Callable[[], bool] | None = None

    def over(self) -> bool:
        """Whether it is there."""
        return self.there is not None and self.there()


Steps: TypeAlias = Iterator[Wait]
Outcome: TypeAlias = Generator[Wait, None, bool]


class Walk:
    """One customer's way through the timeline: whoever plays it lets time pass as `steps` asks, and tells every fact."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self._customer = told.story.customer
        self._numbers = {str(self._customer.phone), str(self._customer.email or "")} - {""}
        friends = (entry.calls.phone for entry in entries(told.story.timeline) if entry.calls is not None)
        self._known = self._numbers | {str(phone) for phone in friends if phone is not None}
        self._place: Place
        self._talks = Talks(Surroundings(Report(), language=told.language))
        self._mine: set[int] = set()  # calls of the customer, and flows about them
        self._open: set[int] = set()
        self._reached = 0
        self._letters: list[facts.MessageSent] = []
        self._read = 0
        self._calls = 0
        self._settling = told.center.plan.treatment.settling

    def enter(self, place: Place) -> None:
        """Be there, before anything happens; who picks up the customer's phone is known then."""
        self._place = place
        if place.world.on_change is None:  # a served center tells of its rows itself
            place.world.on_change = self._changed
        self._home(next(_waits_for_call(self._told.story.timeline), None))

    @property
    def on_a_line(self) -> bool:
        """Whether the customer, or somebody of the story, is in a call."""
        return bool(self._open) or self._place.busy()

    def steps(self) -> Steps:
        """The whole timeline, and a while in which it is watched what becomes of what was promised."""
        yield Wait(0)
        yield from self._walk(self._told.story.timeline)
        yield Wait(self._place.now() + self._told.story.watch)

    def horizon(self) -> Instant:
        """An instant by which everything is over."""
        story = self._told.story
        last = max(
            (self._instant(entry.on) for entry in entries(story.timeline) if entry.on is not None), default=0
        )
        pauses = sum(entry.after or 0 for entry in entries(story.timeline))
        waits = sum(_within(entry) + CALL_MS_MAX for entry in entries(story.timeline))
        return last + pauses + waits + 2 * story.watch

    def _walk(self, timeline: list[EntryModel]) -> Steps:
        for number, entry in enumerate(timeline):
            if self._told.settled_at is not None and not entry.anyway:
                continue
            self._home(next(_waits_for_call(timeline[number:]), None))
            now = self._place.now()
            at = self._instant(entry.on) if entry.on is not None else now + (entry.after or 0)
            if at > now:
                yield Wait(at)
            if self._told.settled_at is not None and not entry.anyway:
                continue
            began = self._place.now()
            place = len(self._told.beats)
            self._told.beats.append(Beat(entry, began, True, began))
            came = yield from self._happen(entry)
            self._told.beats[place] = Beat(entry, began, came, self._place.now())
            yield from self._walk(entry.then if came else entry.else_)

    def _happen(self, entry: EntryModel) -> Outcome:
        if entry.calls is not None:
            return (yield from self._call(entry.calls))
        if entry.is_called is not None:
            return (yield from self._be_called(entry.is_called))
        if entry.gets is not None:
            return (yield from self._get(entry.gets))
        if entry.does is not None:
            return self._do(entry.does, in_language(entry.tells, self._told.language))
        if entry.meets is not None:
            return self._meet(entry.meets, in_language(entry.tells, self._told.language))
        if entry.changes is not None:
            change = entry.changes
            return self._place.world.set_row(str(change.table), _plain(change.where), _plain(change.sets))
        return True

    # What the customer does ------------------------------------------------------------------------------

    def _call(self, model: CallsModel) -> Outcome:
        """Call, to the end of the call; whether anybody was talked to."""
        self._calls += 1
        kind = replace(
            self._kind(model, patience_ms=model.patience or self._customer.patience),
            dials=str(model.number),
        )
        self._place.cast.call(kind, str(model.phone or self._customer.phone), self._calls)
        before = self._connected()
        yield from self._until(self._free, CALL_MS_MAX)
        return self._connected() > before

    def _be_called(self, model: IsCalledModel) -> Outcome:
        """Wait for a call of the center, and until it is over; whether it came and was answered."""
        reached = self._reached
        if not self._open:
            rings = lambda: bool(self._open) and self._reached > reached  # noqa: E731
            yield from self._until(rings, model.within)
        if self._reached == reached and not self._open:
            return False
        yield from self._until(self._free, CALL_MS_MAX)
        return True

    def _get(self, model: GetsModel) -> Outcome:
        """Wait for a message; one that came since the last that was waited for will do."""
        wanted = in_language(model.contains, self._told.language).casefold()

        def place() -> int | None:
            """Where the message stands among those that came; asking again changes nothing."""
            for number in range(self._read, len(self._letters)):
                letter = self._letters[number]
                if letter.channel == model.channel and wanted in letter.text.casefold():
                    return number
            return None

        yield from self._until(lambda: place() is not None, model.within)
        found = place()
        if found is not None:
            self._read = found + 1
        return found is not None

    def _do(self, model: DoesModel, text: str) -> bool:
        """Do something by oneself, at once; whether it went well."""
        phone = str(self._customer.phone)
        outcome = "ok"
        if model.request is not None:
            answer = self._place.world.answer(
                str(model.request), _plain(model.with_), phone, f"story/{len(self._told.beats)}"
            )
            outcome = answer.outcome
            if outcome == "ok" and self._settles(str(model.request)):
                outcome = SETTLED
                self._settle()
        elif model.counts is not None:
            outcome = str(len(self._place.world.found(str(model.counts), _plain(model.where))))
        self._note(
            str(model.channel), str(model.at or model.request or model.counts or ""), "", outcome, text
        )
        return outcome in ("ok", SETTLED) or outcome.isdigit()

    def _meet(self, model: MeetsModel, text: str) -> bool:
        self._note(str(model.channel), str(model.at), str(model.about), "", text)
        return True

    def _note(self, channel: str, at: str, about: str, outcome: str, text: str) -> None:
        phone = str(self._customer.phone)
        self._place.post(events.ContactNoted(phone, channel, at, about, outcome, text))

    # Who the customer is ---------------------------------------------------------------------------------

    def _kind(self, model: CallsModel | IsCalledModel, patience_ms: Ms) -> CallerKind:
        return CallerKind(
            "customer",
            "",
            wants=in_language(model.menu, self._told.language),
            patience=fixed(patience_ms),
            thinks=fixed(_THINKS_MS),
            accepts_offer=1.0 if model.accepts else 0.0,
            conversation=self._conversation(model),
        )

    def _conversation(self, model: CallsModel | IsCalledModel) -> Conversation:
        said = ConversationModel.model_construct(
            wants=model.wants or (self._told.story.matter if isinstance(model, CallsModel) else None),
            says=model.says,
            knows=self._customer.knows,
            replies=[*model.replies, *self._customer.replies],
        )
        return self._talks.conversation(said)

    def _home(self, entry: EntryModel | None) -> None:
        """Who picks up the customer's phone from now on: they, as the next entry in which they are called says."""
        customer: StoryCustomerModel = self._customer
        model = (
            entry.is_called
            if entry is not None and entry.is_called is not None
            else IsCalledModel.model_construct(within=1)
        )
        kind = self._kind(model, customer.patience)
        self._place.cast.live_at(str(customer.phone), Home(kind, customer.picks_up_after, model.answers))

    # What happens ----------------------------------------------------------------------------------------

    def _free(self) -> bool:
        return not self.on_a_line

    def _until(self, there: Callable[[], bool], within_ms: Ms) -> Outcome:
        """Let time pass until something is there, for so long at most; whether it came."""
        if not there():
            yield Wait(self._place.now() + within_ms, there)
        return there()

    def tell(self, fact: Fact) -> None:
        """Something has happened in the center."""
        told = self._told
        told.facts.append(fact)
        match fact:
            case facts.CallStarted():
                if fact.caller in self._numbers:
                    self._mine.add(fact.call)
                if fact.caller in self._known and fact.direction != "flow":
                    self._open.add(fact.call)
                    self._reached += fact.direction == "out"
            case facts.DialStarted() if fact.number in self._numbers:
                self._mine.add(fact.call)
                self._open.add(fact.call)
                self._reached += 1
            case facts.DialEnded() if fact.result != "answered" and fact.call in self._open:
                self._open.discard(fact.call)
            case facts.CallEnded():
                self._open.discard(fact.call)
            case facts.MessageSent() if fact.to in self._numbers:
                self._letters.append(fact)
            case facts.Said(act="settles") if fact.by and fact.call in self._mine:
                self._settle()
            case facts.LookupEnded(kind="run", outcome="ok") if fact.call in self._mine and self._settles(
                fact.name
            ):
                self._settle()

    def _settles(self, run: str) -> bool:
        """Whether a run that went well settles the matter of the story."""
        return self._settling.get(run) in ("", str(self._told.story.matter))

    def _settle(self) -> None:
        if self._told.settled_at is None:
            self._told.settled_at = self._place.now()

    def _connected(self) -> int:
        return sum(isinstance(fact, facts.Connected) and fact.call in self._mine for fact in self._told.facts)

    def _changed(self, table: str, before: dict[str, Any], row: dict[str, Any]) -> None:
        """Tell the engine of rows that have changed."""
        self._place.later(0, self._place.post, world.told(table, before, row))

    def _instant(self, local: datetime) -> Instant:
        since = local.replace(tzinfo=ZoneInfo(self._told.center.plan.timezone)).timestamp() * 1_000
        return round(since) - self._told.epoch_ms


def _plain(values: Any) -> dict[str, str]:
    return {str(name): str(value) for name, value in values.items()}


def _waits_for_call(timeline: list[EntryModel]) -> Iterator[EntryModel]:
    return (entry for entry in entries(timeline) if entry.is_called is not None)


def _within(entry: EntryModel) -> Ms:
    models = (entry.is_called, entry.gets)
    return sum(model.within for model in models if model is not None)
