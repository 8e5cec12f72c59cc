"""Laws of how long things take, as authors write them. Durations are milliseconds."""

import re
from typing import Annotated, Literal, TypeAlias

from pydantic import ConfigDict, Discriminator, Field, Tag, model_validator

from ivr.language.fields import Amount, Duration, FieldError, Model, Scalar
from ivr.language.tree import Text


def _factor(least: float, most: float) -> Scalar:
    def parse(text: Text) -> float:
        if not re.fullmatch(r"\d{1,4}(\.\d{1,6})?", text) or not least <= float(text) <= most:
            raise FieldError(f"{text[:40]!r} is not a number from {least:g} to {most:g}")
        return float(text)

    return Scalar(parse, {"type": ["number", "string"]})


Spread: TypeAlias = Annotated[float, _factor(0.01, 10)]
Factor: TypeAlias = Annotated[float, _factor(0.1, 100)]


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


class Gamma(Model):
    """Gamma: between exponential (cv 1) and always the same (cv near 0), or wilder."""

    law: Annotated[Literal["gamma"], _law("gamma")] = Field(description="gamma")
    mean: Duration = Field(description="The mean.", examples=["4m"])
    cv: Spread = Field(description="Standard deviation as a part of the mean.", examples=[0.7])


class Part(Model):
    """One of the kinds that are mixed."""

    share: Amount = Field(description="Its weight among the parts.", examples=[3])
    mean: Duration = Field(description="The mean of those of it.", examples=["2m"])


class Hyperexponential(Model):
    """A mixture of exponential ones: many short, some very long."""

    law: Annotated[Literal["hyperexponential"], _law("hyperexponential")] = Field(
        description="hyperexponential"
    )
    parts: list[Part] = Field(
        description="What is mixed.", min_length=2, max_length=20, examples=["[{ share: 3, mean: 1m }]"]
    )

    @model_validator(mode="after")
    def _some(self) -> "Hyperexponential":
        if not any(part.share for part in self.parts):
            raise FieldError("no part has a share above 0", "give the parts shares")
        return self


class Empirical(Model):
    """As it was measured: anything between the values, each as likely."""

    law: Annotated[Literal["empirical"], _law("empirical")] = Field(description="empirical")
    values: list[Duration] = Field(
        description="Measured lengths.", min_length=2, max_length=10_000, examples=["[31s, 95s, 4m]"]
    )


LAWS = ("fixed", "exponential", "lognormal", "uniform", "weibull", "gamma", "hyperexponential", "empirical")


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
    | Annotated[Gamma, Tag("<gamma>")]
    | Annotated[Hyperexponential, Tag("<hyperexponential>")]
    | Annotated[Empirical, Tag("<empirical>")]
    | Annotated[NoLaw, Tag("<no law>")],
    Discriminator(_tag_of_law),
]
"""A plain duration is a fixed law; it is read as `int` milliseconds."""
