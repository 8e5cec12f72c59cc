"""The parts of `center.yaml` compiled: data, hours, queues, agents, numbers."""

import keyword
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

from ivr.core.calendar import WEEKDAYS, Hours
from ivr.core.demand import Relaxation, Skills
from ivr.core.flow.model import Node
from ivr.core.flow.nearness import did_you_mean as suggest
from ivr.core.flow.scope_schema import RESERVED
from ivr.core.flow.values import ValueType, coerce
from ivr.core.plan import AgentPlan, AppointmentPlan, QueuePlan, Request, ServiceLevel
from ivr.core.time import Ms
from ivr.language import speech
from ivr.language.center_models import AgentModel, CenterModel, FieldModel, QueueSettings
from ivr.language.fields import FIELD, Model
from ivr.language.problems import Place, Report
from ivr.language.sounds import Sounds
from ivr.language.step_parts import RelaxModel, VerbModel
from ivr.language.tree import Losses, Text

MUSIC: Final = ("soft-piano", "slow-strings", "bossa", "evening")
"""The music `ivr.media` can play."""


_KINDS: Final = {
    "hours": ("hours", "are no opening hours"),
    "target": ("target", "is no queue, agent or contact"),
    "data": ("data", "is no data root"),
}

_SECTIONS: Final = {
    "queue": ("queues",),
    "target": ("queues", "agents", "contacts"),
    "agent": ("agents",),
    "hours": ("hours",),
    "appointment": ("appointments",),
    "data": ("data",),
    "number": ("numbers",),
    "lookup": ("lookups", "world"),
    "run": ("runs", "world"),
    "table": ("tables", "world"),
    "column": ("tables", "world", "data"),
}
"""Where what a name stands for is declared: with a whole section lost, none of its names is unknown."""

Schema = dict[str, dict[str, ValueType]]


@dataclass(slots=True)
class Surroundings:
    """What flows may name: everything of the center outside the flow itself.

    `lost` are the parts of center.yaml that could not be read, `flows_unread` that a whole flow could not;
    `open_results` are the flows in which nobody knows all that `result` may hold, `open_args` the requests
    of which nobody knows what they take; `wordless` are the languages without generated words of which an
    author has been warned; `origins` leads from compiled nodes to their steps, `asked` are the skills that
    anything asks for, `files` the texts of other files, `serving` the queues of each agent, `remembers` is true
    where some step prefers the agent a caller talked to last. A `dry` center is only checked, never run.
    """

    report: Report
    language: str = "en"
    currency: str = "EUR"
    schema: Schema = field(default_factory=dict)
    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    queues: dict[str, Text] = field(default_factory=dict)
    agents: dict[str, Text] = field(default_factory=dict)
    contacts: dict[str, Text] = field(default_factory=dict)
    numbers: dict[str, Text] = field(default_factory=dict)
    hours: dict[str, Hours] = field(default_factory=dict)
    appointments: dict[str, AppointmentPlan] = field(default_factory=dict)
    consents: tuple[str, ...] = ()
    requests: dict[str, Request] = field(default_factory=dict)
    sounds: Sounds = field(default_factory=Sounds)
    lost: Losses = field(default_factory=Losses)
    flows_unread: bool = False
    open_results: set[str] = field(default_factory=set)
    open_args: set[str] = field(default_factory=set)
    wordless: set[str] = field(default_factory=set)
    origins: dict[Node, VerbModel] = field(default_factory=dict)
    asked: dict[str, None] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    serving: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    remembers: bool = False
    complete: bool = True
    dry: bool = False

    def known(self, place: Text, kind: str, names: Iterable[str]) -> bool:
        """Report a name that does not exist; a flow checked without its center names what it likes.

        While a flow cannot be read nobody knows its name, so no flow is called unknown.
        """
        name = str(place)
        if not self.complete or name in names or (kind == "flow" and self.flows_unread):
            return True
        code, what = _KINDS.get(kind, (kind, f"is no {kind}"))
        return self.unknown(place, code, f"there {what} {name!r}", suggest(name, names))

    def unknown(self, place: Text, code: str, message: str, hint: str) -> bool:
        """Report a name as unknown, unless it may stand in a part that could not be read; true then."""
        excused = not self.lost.names.isdisjoint((str(place), *_SECTIONS.get(code, ())))
        if not excused:
            self.report.add(place, f"unknown-{code}", message, hint)
        return excused

    def music(self, name: Text | None) -> str:
        """A piece of music by name; empty where none is named."""
        if name is not None and str(name) not in MUSIC:
            self.report.add(
                name, "unknown-music", f"there is no music {str(name)!r}", suggest(str(name), MUSIC)
            )
        return str(name) if name is not None else ""


def check_field_name(name: str, place: Place, report: Report) -> bool:
    """Names that conditions read have to be words Python can read too."""
    if FIELD.fullmatch(name) and not keyword.iskeyword(name):
        return True
    hint = "use small letters, digits and '_', a letter first"
    if keyword.iskeyword(name):
        hint = f"{name!r} is a word of the language; write {name}_"
    report.add(place, "name", f"{name[:40]!r} cannot be a name in conditions", hint)
    return False


def zone(center: CenterModel, report: Report) -> str:
    """The time zone, UTC where it is not known."""
    name = str(center.timezone)
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        hint = suggest(name, available_timezones()) if len(name) < 60 else ""
        report.add(center.timezone, "timezone", f"there is no time zone {name!r}", hint)
        return "UTC"
    return name


def language(center: CenterModel, report: Report) -> str:
    """The default language."""
    code = str(center.language)
    if not speech.known_language(code):
        report.add(
            center.language, "language", f"there is no language {code!r}", "write a code such as en, ru or uk"
        )
        return "en"
    return code


def currency(center: CenterModel, report: Report) -> str:
    """The currency."""
    code = str(center.currency)
    if not speech.known_currency(code):
        report.add(
            center.currency, "currency", f"there is no currency {code!r}", "write a code such as EUR or UAH"
        )
        return "EUR"
    return code


def data(center: CenterModel, report: Report) -> tuple[Schema, dict[str, dict[str, Any]]]:
    """The declared data roots: types, and values before a lookup fills them."""
    schema: Schema = {}
    values: dict[str, dict[str, Any]] = {}
    for root, fields in center.data.items():
        place = _as_text(root)
        if not check_field_name(root, place, report):
            continue
        if root in RESERVED:
            report.add(place, "name", f"{root!r} is a name of the language", "choose another")
            continue
        schema[str(root)], values[str(root)] = types, first = {}, {}
        for name, declared in fields.items():
            if not check_field_name(name, _as_text(name), report):
                continue
            kind = declared.type if isinstance(declared, FieldModel) else declared
            types[str(name)] = kind
            first[str(name)] = kind.natural
            if isinstance(declared, FieldModel) and declared.default is not None:
                first[str(name)] = convert(declared.default, kind, report)
    return schema, values


def convert(value: Any, kind: ValueType, report: Report) -> Any:
    """A written value as its declared type, with a problem where it does not fit."""
    if not isinstance(value, Text):
        report.add(value, "type", f"one {kind.kind} is expected here")
        return kind.natural
    if kind.optional and (value.missing or (value == "none" and not value.style)):
        return None
    try:
        return coerce(str(value), kind)
    except ValueError as error:
        report.add(value, "type", str(error))
        return kind.natural


def hours(center: CenterModel, report: Report) -> dict[str, Hours]:
    """Opening hours by name."""
    return {str(name): hours_of(name, days, report) for name, days in center.hours.items()}


def hours_of(name: Text, days: Mapping[Text, Any], report: Report) -> Hours:
    """Opening hours as written: spans by day, and holidays."""
    week: dict[int, tuple[tuple[time, time], ...]] = {}
    holidays: dict[date, str] = {}
    for key, spans in days.items():
        if key == "holidays":
            if isinstance(spans, dict):
                holidays = {day: str(label) for day, label in spans.items()}
            else:
                report.add(key, "hours", "holidays are a map of dates", "write {2026-12-25: Christmas}")
            continue
        numbers = days_of(key, report)
        if isinstance(spans, dict):
            report.add(key, "hours", "a day has spans of time", "write 08:00..20:00")
            continue
        listed = tuple(sorted(spans)) if isinstance(spans, list) else (spans,)
        for number in numbers:
            if number in week:
                report.add(key, "hours", f"{WEEKDAYS[number]} is here twice", "put its spans into one list")
            week[number] = listed
    if report_overlap := _overlap(week):
        report.add(name, "hours", f"the spans of {report_overlap} overlap", "join them")
    return Hours(str(name), week, holidays)


def days_of(key: Text, report: Report) -> list[int]:
    """The weekdays of `mon`, `mon-fri`, `sat-tue` or `daily`."""
    if key == "daily":
        return list(range(7))
    first, dash, last = key.partition("-")
    if first not in WEEKDAYS or (dash and last not in WEEKDAYS):
        report.add(
            key, "hours", f"{key[:40]!r} is not a day", "days are mon to sun, mon-fri, daily, and holidays"
        )
        return []
    start = WEEKDAYS.index(first)
    count = (WEEKDAYS.index(last) - start) % 7 + 1 if dash else 1
    return [(start + offset) % 7 for offset in range(count)]


def _overlap(week: Mapping[int, tuple[tuple[time, time], ...]]) -> str:
    """The first day whose spans overlap each other or those that come over from the day before."""
    spans = sorted(
        (day * 1440 + _minute(a), day * 1440 + _minute(b), day) for day in week for a, b in week[day]
    )
    ends = [(start, end if end > start else end + 1440, day) for start, end, day in spans]
    if ends and ends[-1][1] > 7 * 1440:  # Sunday night runs into Monday
        ends.insert(0, (ends[-1][0] - 7 * 1440, ends[-1][1] - 7 * 1440, ends[-1][2]))
    for (_, end, _), (start, _, day) in pairwise(ends):
        if start < end:
            return WEEKDAYS[day]
    return ""


def _minute(moment: time) -> int:
    return moment.hour * 60 + moment.minute


def appointments(center: CenterModel, report: Report) -> dict[str, AppointmentPlan]:
    """The calendars of appointments by name."""
    plans = {}
    for name, model in center.appointments.items():
        if model.first > model.last:
            report.add(
                model.place_of_key("first"),
                "appointment",
                "no day is left between first and last",
                "write the smaller one first",
            )
        windows = hours_of(name, model.windows, report)
        plans[str(name)] = AppointmentPlan(str(name), windows, model.capacity, model.first, model.last)
    return plans


def queue_plan(name: Text, settings: QueueSettings, around: Surroundings) -> QueuePlan:
    """A queue's settings, without its announcements."""
    if settings.hours is not None:
        around.known(settings.hours, "hours", around.hours)
    if settings.overflow_to is not None and around.known(settings.overflow_to, "queue", around.queues):
        if str(settings.overflow_to) == str(name):
            around.report.add(settings.overflow_to, "overflow", "a queue cannot overflow into itself")
        if settings.max_wait is None and settings.max_length is None:
            message = "it never overflows without max_wait or max_length"
            around.report.warn(settings.overflow_to, "overflow", message, "add max_wait: 10m")
    promise = settings.service_level
    return QueuePlan(
        name=str(name),
        ring_ms=settings.ring,
        retry_after_ms=settings.retry_after,
        max_misses=settings.max_misses,
        wrap_up_ms=settings.wrap_up,
        max_length=settings.max_length,
        max_wait_ms=settings.max_wait,
        overflow_to=str(settings.overflow_to or ""),
        music=around.music(settings.music) or "soft-piano",
        hours=str(settings.hours or ""),
        join_when_empty=settings.join_when_empty,
        leave_when_empty=settings.leave_when_empty,
        service_level=ServiceLevel(promise.within, promise.target),
        short_abandon_ms=settings.short_abandon,
        weight=settings.weight,
        strategy=str(settings.strategy),
        levels=_increasing(settings.levels, settings, "levels", around.report),
        ring_step_ms=settings.ring_step,
        resume_ms=settings.resume_within,
        empty_means=str(settings.empty_means),
        ewt=str(settings.ewt),
        compare_ewt=tuple(str(model) for model in settings.compare_ewt if model != settings.ewt),
        skills=skills_of(settings.skills, around),
        relax=relaxations(settings.relax, around),
    )


def skills_of(skills: Mapping[Text, int], around: Surroundings) -> Skills:
    """Skills as written, with their levels."""
    around.asked.update(dict.fromkeys(map(str, skills)))
    return tuple((str(skill), level) for skill, level in skills.items())


def relaxations(written: Iterable[RelaxModel], around: Surroundings) -> tuple[Relaxation, ...]:
    """How skills are eased, in the order of the waits."""
    found: list[Relaxation] = []
    for step in written:
        if found and step.after <= found[-1].after_ms:
            around.report.add(step.place, "relax", "each step comes after a longer wait than the one before")
        found.append(Relaxation(step.after, skills_of(step.skills, around)))
    return tuple(found)


def _increasing(waits: list[Ms], model: Model, key: str, report: Report) -> tuple[Ms, ...]:
    if any(later <= sooner for sooner, later in pairwise(waits)):
        report.add(model.place_of_key(key), key, "each wait is longer than the one before")
    return tuple(waits)


def agents(center: CenterModel, around: Surroundings) -> dict[str, AgentPlan]:
    """The agents by name."""
    plans = {}
    for name, agent in center.agents.items():
        for number, queue in enumerate(agent.queues):
            around.known(queue, "queue", around.queues)
            if queue in agent.queues[:number]:
                around.report.add(queue, "duplicate", f"{str(queue)!r} is here twice", "delete one")
        skills = {str(skill): level for skill, level in agent.skills.items()}
        label = str(agent.name) if agent.name is not None else str(name).replace("-", " ").capitalize()
        plans[str(name)] = AgentPlan(
            str(name),
            tuple(str(queue) for queue in agent.queues),
            skills,
            label,
            _levels(agent, center, around.report),
            agent.weight,
            agent.supervisor,
            str(agent.shift_end),
            agent.capacity,
        )
    return plans


def _levels(agent: AgentModel, center: CenterModel, report: Report) -> dict[str, int]:
    """The levels at which an agent serves queues."""
    for queue, level in agent.levels.items():
        if queue not in agent.queues:
            hint = suggest(str(queue), agent.queues)
            report.add(queue, "level", f"the agent does not serve {str(queue)!r}", hint)
            continue
        settings = center.queues.get(queue)
        if settings is not None and level > 1 + len(settings.levels):
            message = f"{str(queue)!r} never asks level {level} while anybody of a lower one is at work"
            report.warn(queue, "level", message, f"give the queue levels: a wait for each of 2 to {level}")
    return {str(queue): level for queue, level in agent.levels.items()}


def start_of(center: CenterModel, zone_name: str, report: Report) -> datetime | None:
    """The local time at which virtual time begins, with its zone; None where the file does not say."""
    if center.starts is None:
        return None
    return local_time(center.starts, zone_name, center.place_of_key("starts"), report)


def local_time(moment: datetime, zone_name: str, place: Place, report: Report) -> datetime:
    """A local time with its zone; one that the clocks jump over is reported. Of two the first is meant."""
    local = moment.replace(tzinfo=ZoneInfo(zone_name))
    shown = local.astimezone(UTC).astimezone(local.tzinfo)
    if shown.replace(tzinfo=None) != moment:
        message = f"there is no {moment:%H:%M} on {moment:%Y-%m-%d} in {zone_name}: the clocks go forward"
        report.add(place, "time", message, f"write {shown:%Y-%m-%dT%H:%M}")
    return local


def _as_text(name: str) -> Text:
    return name if isinstance(name, Text) else Text(name)
