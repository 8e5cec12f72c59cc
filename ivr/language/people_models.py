"""`*.people.yaml`: how simulated callers and agents behave. Durations are milliseconds, shares 0 to 1."""

import re
from typing import Annotated, Literal, TypeAlias

from pydantic import ConfigDict, Discriminator, Field, Tag, model_validator

from ivr.language.fields import (
    Amount,
    Duration,
    FieldError,
    Level,
    Line,
    Model,
    Name,
    Number,
    Scalar,
    Share,
)
from ivr.language.tree import Text


def _rate(text: Text) -> float:
    match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,6})?)/([smhd])", text)
    if match is None or not float(match[1]):
        raise FieldError(f"{text[:40]!r} is not a rate", "write it like 120/h, 2/m, 0.5/s or 300/d")
    return float(match[1]) / {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}[match[2]]


def _factor(least: float, most: float) -> Scalar:
    def parse(text: Text) -> float:
        if not re.fullmatch(r"\d{1,4}(\.\d{1,6})?", text) or not least <= float(text) <= most:
            raise FieldError(f"{text[:40]!r} is not a number from {least:g} to {most:g}")
        return float(text)

    return Scalar(parse, {"type": ["number", "string"]})


Rate: TypeAlias = Annotated[float, Scalar(_rate, {"type": "string", "pattern": r"^\d+(\.\d+)?/[smhd]$"})]
Spread: TypeAlias = Annotated[float, _factor(0.01, 10)]


def _law(name: str) -> Scalar:
    def parse(text: Text) -> str:
        return str(text)

    return Scalar(parse, {"const": name})


class Fixed(Model):
    """Always the same."""

    law: Annotated[Literal["fixed"], _law("fixed")] = Field(description="fixed")
    value: Duration = Field(description="The length.", examples=["60s"])


class Exponential(Model):
    """Exponential: short ones are common, long ones possible."""

    law: Annotated[Literal["exponential"], _law("exponential")] = Field(description="exponential")
    mean: Duration = Field(description="The mean.", examples=["4m"])


class Lognormal(Model):
    """Lognormal: as talk times are."""

    law: Annotated[Literal["lognormal"], _law("lognormal")] = Field(description="lognormal")
    mean: Duration = Field(description="The mean.", examples=["90s"])
    cv: Spread = Field(description="Standard deviation as a part of the mean.", examples=[0.8])


class Uniform(Model):
    """Anything between two bounds."""

    law: Annotated[Literal["uniform"], _law("uniform")] = Field(description="uniform")
    low: Duration = Field(description="The shortest.", examples=["10s"])
    high: Duration = Field(description="The longest.", examples=["60s"])

    @model_validator(mode="after")
    def _ordered(self) -> "Uniform":
        if self.low > self.high:
            raise FieldError("low is longer than high", "write the shorter one under low")
        return self


class Weibull(Model):
    """Weibull: patience that grows (shape below 1) or runs out (above 1)."""

    law: Annotated[Literal["weibull"], _law("weibull")] = Field(description="weibull")
    mean: Duration = Field(description="The mean.", examples=["4m"])
    shape: Spread = Field(description="The shape.", examples=[1.5])


LAWS = ("fixed", "exponential", "lognormal", "uniform", "weibull")


def _tag_of_law(value: object) -> str:
    if isinstance(value, dict):
        law = value.get("law")
        return f"<{law}>" if law in LAWS else "<no law>"
    return "<plain>"


def _refuse_law(text: Text) -> str:
    raise FieldError(f"{text[:40]!r} is not a law", f"the laws are {', '.join(LAWS)}")


class NoLaw(Model):
    """A map that names no law we know; nobody can say what else belongs into it."""

    model_config = ConfigDict(extra="ignore")

    law: Annotated[str, Scalar(_refuse_law, {"not": {}})] = Field(description="The law.")


Law: TypeAlias = Annotated[
    Annotated[Duration, Tag("<plain>")]
    | Annotated[Fixed, Tag("<fixed>")]
    | Annotated[Exponential, Tag("<exponential>")]
    | Annotated[Lognormal, Tag("<lognormal>")]
    | Annotated[Uniform, Tag("<uniform>")]
    | Annotated[Weibull, Tag("<weibull>")]
    | Annotated[NoLaw, Tag("<no law>")],
    Discriminator(_tag_of_law),
]
"""A plain duration is a fixed law; it is read as `int` milliseconds."""


class AgentHabits(Model):
    """How an agent behaves; what is left out comes from `default`."""

    answers_after: Law | None = Field(None, description="How long until the agent picks up.")
    talks: Law | None = Field(None, description="How long a talk takes.", examples=["60s"])
    wraps_up: Law | None = Field(None, description="How long the work after it takes.")
    works: Law | None = Field(None, description="How long a work order takes.", examples=["45m"])
    no_shows: Share | None = Field(
        None, description="The share of work orders taken and not gone to.", examples=["3%"]
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
    misses: Share | None = Field(None, description="The share of rings not answered.", examples=["2%"])
    rejects: Share | None = Field(None, description="The share of rings declined.", examples=["0%"])


class Arrivals(Model):
    """When callers call."""

    rate: Rate = Field(description="How many in an hour, minute, second or day; calls per millisecond.")


class CallerKind(Model):
    """A kind of caller."""

    name: Line = Field(description="Its name in reports.", examples=["internet fault"])
    share: Amount = Field(description="Its weight among the kinds.", examples=[6])
    dials: Number = Field(description="The number dialled.", examples=["support"])
    wants: Line | None = Field(None, description="What the caller looks for in menus.")
    phone_from: Name | None = Field(None, description="The table whose phone numbers they call from.")
    patience: Law | None = Field(None, description="How long the caller waits in a queue.")
    thinks: Law | None = Field(None, description="How long before a key is pressed.")
    knows: Share = Field(0.0, description="Share who press the key before the prompt ends.")
    accepts_offer: Share = Field(0.0, description="Share of offers accepted.")
    leaves_callback: Share = Field(0.0, description="Share who take an offered callback.")
    hangs_up_in_menu: Share = Field(0.0, description="Share who hang up at a menu.")
    redials: Share = Field(0.0, description="Share of those who lose patience in a queue and call again.")
    redials_after: Law | None = Field(None, description="How long until they do.", examples=["5m"])


class CallersModel(Model):
    """The simulated callers."""

    arrivals: Arrivals = Field(description="When they call.")
    at_start: Level = Field(0, description="How many call at once when the center opens.", examples=[8])
    kinds: list[CallerKind] = Field(description="The kinds of callers.", min_length=1, max_length=100)


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
    callers: CallersModel | None = Field(None, description="The callers.")
    called: CalledModel | None = Field(None, description="Who is called by the center.")
