"""`*.people.yaml`: how simulated callers and agents behave. Durations are milliseconds, shares 0 to 1."""

import re
from datetime import time
from typing import Annotated, TypeAlias

from pydantic import Field, model_validator

from ivr.language.fields import (
    Amount,
    AnyText,
    Count,
    CsvFile,
    Duration,
    FieldError,
    Grievance,
    Level,
    Line,
    Model,
    Moment,
    Name,
    Number,
    Scalar,
    Share,
    TimeOfDay,
)
from ivr.language.law_models import Factor, Law, Spread
from ivr.language.talk_models import ConversationModel, ScriptModel
from ivr.language.tree import Text
from ivr.language.trigger_models import CrossingModel


def _rate(text: Text) -> float:
    match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,6})?)/([smhd])", text)
    if match is None or not float(match[1]):
        hint = "write it like 120/h, 2/m, 0.5/s or 300/d" + ("" if match is None else ", more than 0")
        raise FieldError(f"{text[:40]!r} is not a rate", hint)
    return float(match[1]) / {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}[match[2]]


Rate: TypeAlias = Annotated[float, Scalar(_rate, {"type": "string", "pattern": r"^\d+(\.\d+)?/[smhd]$"})]


class AgentHabits(Model):
    """How an agent behaves; what is left out comes from `default`."""

    answers_after: Law | None = Field(None, description="How long until the agent picks up.")
    talks: Law | None = Field(None, description="How long a talk takes.", examples=["60s"])
    wraps_up: Law | None = Field(None, description="How long the work after it takes.")
    works: Law | None = Field(None, description="How long a work order takes.", examples=["45m"])
    no_shows: Share | None = Field(
        None, description="The share of work orders taken and not gone to.", examples=["3%"]
    )
    absent: Share | None = Field(
        None, description="The share of days on which an agent with a shift does not come.", examples=["6%"]
    )
    late: Law | None = Field(
        None, description="How late an agent comes to the shift and back from breaks.", examples=["2m"]
    )
    shift: Name | None = Field(
        None,
        description="The hours, of center.yaml, in which the agent is there; else always.",
        examples=["early"],
    )
    breaks: list[Name] | None = Field(
        None,
        description="Hours of center.yaml in which they are on a pause of that name.",
        examples=[["lunch"]],
    )
    script: Name | None = Field(
        None, description="What they say in talks: one of `scripts`.", examples=["trainee"]
    )
    misses: Share | None = Field(None, description="The share of rings not answered.", examples=["2%"])
    rejects: Share | None = Field(None, description="The share of rings declined.", examples=["0%"])


class DayModel(Model):
    """The calls of a day, interval by interval."""

    starts: TimeOfDay = Field(
        time(0), alias="from", description="When the first interval begins.", examples=["08:00"]
    )
    calls: list[Amount] = Field(
        description="Calls in each interval from then on; after them nobody calls.",
        min_length=1,
        max_length=1_440,
        examples=["[40, 62.5, 71]"],
    )


class BurstModel(Model):
    """Many call at once: a campaign, an outage."""

    at: Moment = Field(description="When it begins, in local time.", examples=["2026-12-24T18:00"])
    lasts: Duration = Field(1_800_000, description="How long it takes.", examples=["30m"])
    calls: Count = Field(description="How many call.", examples=[200])


class Arrivals(Model):
    """When callers call: at a rate, by the intervals of a week, as a file says, or several of these."""

    rate: Rate | None = Field(
        None,
        description="How many in an hour, minute, second or day; calls per millisecond.",
        examples=["120/h"],
    )
    per: Duration = Field(1_800_000, description="The length of an interval of the week.", examples=["15m"])
    week: dict[AnyText, DayModel] = Field(
        default_factory=dict,
        description="Calls by day and interval.",
        examples=["{ mon-fri: { from: 08:00, calls: [40, 62, 71] } }"],
    )
    busyness: Spread | None = Field(
        None,
        description="How much days differ: each has a factor, gamma with mean 1 and this coefficient of variation.",
        examples=[0.15],
    )
    bursts: list[BurstModel] = Field(default_factory=list, description="Many at once.", max_length=1_000)
    replay: CsvFile | None = Field(
        None,
        description="A CSV file with the columns at (local time, or with an offset from UTC), number and caller: these "
        "calls come as they came.",
        examples=["calls.csv"],
    )

    @model_validator(mode="after")
    def _some(self) -> "Arrivals":
        if self.rate is not None and self.week:
            raise FieldError("a rate and a week cannot both say when callers call", "delete one")
        if self.rate is None and not (self.week or self.bursts or self.replay):
            raise FieldError("nobody ever calls", "write rate: 120/h, or a week of intervals")
        if not 60_000 <= self.per <= 86_400_000 or 86_400_000 % self.per:
            raise FieldError("a day is not whole intervals of that length", "write 15m, 30m or 1h")
        return self


class HearsWaitModel(Model):
    """What callers do on hearing an announcement with `queue.wait` in its text.

    It is too long for them if it is more than `times` the patience they have left, or, with `over`, than that.
    """

    balks: Share = Field(
        0.0, description="Share of those for whom it is too long who hang up.", examples=["60%"]
    )
    times: Factor = Field(
        1.0, description="So many times the patience they have left is too long.", examples=[1.5]
    )
    over: Duration | None = Field(
        None, description="So much is too long, whatever their patience.", examples=["5m"]
    )
    calms: Factor = Field(
        1.0,
        description="One that is not too long makes the patience they have left so many times as long, once.",
        examples=[1.5],
    )

    @model_validator(mode="after")
    def _one_measure(self) -> "HearsWaitModel":
        if self.over is not None and "times" in self.model_fields_set:
            raise FieldError("'over' and 'times' cannot both say what is too long", "delete one")
        if not self.balks and self.calms == 1:
            raise FieldError("so nobody does anything", "write balks: 60%, or calms: 1.5")
        return self


class ComplainsModel(Model):
    """Who was treated badly calls once more, about that."""

    share: Share = Field(description="The share of those who were.", examples=["20%"])
    after: list[Grievance] = Field(
        default_factory=lambda: [Text("abandoned")],
        description="What bad treatment is: to have `abandoned` a wait, or to have been `turned_away` after one.",
        examples=[["abandoned", "turned_away"]],
    )
    waited: Duration | None = Field(
        None, description="And to have waited longer than this, also if answered then.", examples=["5m"]
    )
    dials: Number | None = Field(None, description="The number dialled; else that of the first call.")
    wants: Line | None = Field(None, description="What they look for in menus then.", examples=["complaint"])
    in_: Law | None = Field(
        None, alias="in", description="How long after the call they do; else an hour, exponential."
    )

    @model_validator(mode="after")
    def _of_something(self) -> "ComplainsModel":
        if not self.after and self.waited is None:
            raise FieldError("nothing is complained about", "write after: [abandoned], or waited: 5m")
        return self


class CallerKind(Model):
    """A kind of caller."""

    name: Line = Field(description="Its name in reports.", examples=["internet fault"])
    share: Amount = Field(description="Its weight among the kinds.", examples=[6])
    dials: Number = Field(description="The number dialled.", examples=["support"])
    wants: Line | None = Field(None, description="What the caller looks for in menus.")
    phone_from: Name | None = Field(None, description="The table whose phone numbers they call from.")
    patience: Law | None = Field(None, description="How long the caller waits in a queue.")
    talks: Law | None = Field(
        None, description="How long a talk with them takes; else as the agent talks.", examples=["4m"]
    )
    thinks: Law | None = Field(None, description="How long before a key is pressed.")
    knows: Share = Field(0.0, description="Share who press the key before the prompt ends.")
    accepts_offer: Share = Field(0.0, description="Share of offers accepted.")
    leaves_callback: Share = Field(0.0, description="Share who take an offered callback.")
    hangs_up_in_menu: Share = Field(0.0, description="Share who hang up at a menu.")
    conversation: ConversationModel | None = Field(
        None,
        description="What they say in talks with agents who have a script.",
        examples=[{"wants": "cancel"}],
    )
    redials: Share = Field(0.0, description="Share of those who lose patience in a queue and call again.")
    redials_after: Law | None = Field(None, description="How long until they do.", examples=["5m"])
    hears_wait: HearsWaitModel | None = Field(
        None,
        description="What they do on hearing how long the wait will be.",
        examples=["{ balks: 60%, calms: 1.5 }"],
    )
    complains: ComplainsModel | None = Field(
        None,
        description="Who was treated badly calls once more.",
        examples=["{ share: 20%, after: [abandoned], waited: 5m, wants: complaint }"],
    )


class CausedModel(Model):
    """Callers who call because of what has happened to them: a row with their `phone` is not as it was."""

    kind: Line = Field(
        description="Of which of the kinds they are; its share may be 0.", examples=["cut off"]
    )
    becomes: CrossingModel = Field(
        description="What has happened.", examples=[{"rows": "customers", "when": "not row.active"}]
    )
    share: Share = Field(1.0, description="The share of them who call.", examples=["30%"])
    after: Law | None = Field(
        None, description="How long after it; else at once.", examples=["{ law: exponential, mean: 2h }"]
    )


class CallersModel(Model):
    """The simulated callers."""

    arrivals: Arrivals = Field(description="When they call.")
    at_start: Level = Field(0, description="How many call at once when the center opens.", examples=[8])
    kinds: list[CallerKind] = Field(description="The kinds of callers.", min_length=1, max_length=100)
    caused: list[CausedModel] = Field(
        default_factory=list,
        description="Who calls because of something, besides (in virtual time).",
        max_length=100,
    )


class CalledModel(Model):
    """Who is called by the center."""

    picks_up: Share = Field(0.8, description="The share of those who pick up.", examples=["35%"])
    machines: Share = Field(0.0, description="The share of machines that answer instead.", examples=["20%"])
    busy: Share = Field(0.0, description="The share of busy lines; others let it ring.", examples=["5%"])
    answers_after: Law | None = Field(None, description="How long it rings before.", examples=["8s"])


class PeopleModel(Model):
    """Simulated callers and agents; `default` holds for every agent."""

    agents: dict[Name, AgentHabits] = Field(
        default_factory=dict, description="Agents by name, and `default`."
    )
    scripts: dict[Name, ScriptModel] = Field(
        default_factory=dict, description="What agents say, know and may grant, by kind."
    )
    callers: CallersModel | None = Field(None, description="The callers.")
    called: CalledModel | None = Field(None, description="Who is called by the center.")
