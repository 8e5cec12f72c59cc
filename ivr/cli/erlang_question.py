"""What was typed behind `ivr erlang`, as numbers; every word is read as in the files of a center."""

import re
from dataclasses import dataclass
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from ivr.cli.exit_codes import WrongUsage
from ivr.language.fields import Duration, FieldError, Share
from ivr.language.law_models import Exponential, Fixed, Law, Lognormal, Uniform, Weibull
from ivr.language.people_models import Rate
from ivr.sim.theory import (
    ENDLESS,
    Patience,
    Target,
    balking,
    exponential,
    fixed,
    hyperexponential,
    lognormal,
    uniform,
    weibull,
)

_LAWS: Final = {
    model.__name__.lower(): tuple(name for name in model.model_fields if name != "law")
    for model in (Exponential, Weibull, Lognormal, Uniform, Fixed)
}
_HYPER: Final = ("share", "mean", "other-mean")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked; times in seconds, `rate` in calls a second, shares 0 to 1.

    `blocked` is the share of calls that may find no free line, where lines are looked for.
    """

    rate: float
    aht: float
    agents: int | None
    lines: int | None
    patience: Patience
    patience_words: str
    targets: tuple[Target, ...]
    target_words: tuple[str, ...]
    blocked: float | None
    within: float
    shrinkage: float
    interval: float | None

    @property
    def load(self) -> float:
        """The load in Erlang."""
        return self.rate * self.aht

    @property
    def is_about_lines(self) -> bool:
        """Whether there is no queue, only lines (Erlang B)."""
        return self.agents is None and not self.targets


def question(
    *,
    calls: str,
    aht: str,
    agents: int | None,
    lines: int | None,
    patience: str | None,
    balk: str | None,
    targets: tuple[str, ...],
    within: str,
    shrinkage: str | None,
    interval: str | None,
) -> Question:
    """Read all of it.

    Raises:
        WrongUsage: something cannot be meant; the text names the option and what can.
    """
    span = None if interval is None else _seconds("--interval", interval)
    away = 0.0 if shrinkage is None else _read(Share, "--shrinkage", shrinkage)
    if away >= 1:
        raise WrongUsage(f"--shrinkage {shrinkage}: nobody would be left to answer")
    level = _seconds("--within", within)
    read = [_target(target, level) for target in targets]
    blocked = [target for target in read if isinstance(target, float)]
    wanted = tuple(target for target in read if isinstance(target, Target))
    law, words = _patience(patience, balk)
    _check_sense(agents, lines, wanted, blocked, waits=law is not ENDLESS)
    return Question(
        rate=_rate(calls, span),
        aht=_seconds("--aht", aht),
        agents=agents,
        lines=lines,
        patience=law,
        patience_words=words,
        targets=wanted,
        target_words=targets,
        blocked=min(blocked, default=None),
        within=next((target.within for target in wanted if target.level is not None), level),
        shrinkage=away,
        interval=span,
    )


def _check_sense(
    agents: int | None, lines: int | None, wanted: tuple[Target, ...], blocked: list[float], *, waits: bool
) -> None:
    if agents is not None and agents < 1:
        raise WrongUsage(f"--agents {agents}: at least one has to answer")
    if lines is not None and lines < 1:
        raise WrongUsage(f"--lines {lines}: at least one is needed")
    if blocked and (agents is not None or lines is not None or wanted):
        raise WrongUsage(
            "a target 'blocked' is for lines alone: leave out --agents, --lines and other targets"
        )
    if agents is None and not wanted and waits:
        raise WrongUsage(
            "nobody waits without agents: with --patience or --balk, give --agents or a --target"
        )
    if agents is None and lines is None and not (wanted or blocked):
        raise WrongUsage('give --agents, a --target such as "80% in 20s", or --lines')
    if agents is not None and lines is not None and lines < agents:
        raise WrongUsage(f"--lines {lines}: {agents} agents need as many lines")


def _read(kind: Any, option: str, text: str) -> Any:
    """A value of a kind that files have too; its message, behind the option."""
    if not text.strip():
        raise WrongUsage(f"{option} needs a value")
    try:
        return TypeAdapter(kind).validate_python(text)
    except ValidationError as fault:
        raise WrongUsage(f"{option}: {_in_words(fault)}") from None


def _in_words(fault: ValidationError) -> str:
    error = fault.errors()[0].get("ctx", {}).get("error")
    if not isinstance(error, FieldError):
        return fault.errors()[0]["msg"]
    return "; ".join(filter(None, (error.message, error.hint)))


def _seconds(option: str, text: str) -> float:
    return float(_read(Duration, option, text) / 1_000)


def _rate(text: str, interval: float | None) -> float:
    """Calls a second."""
    if not re.fullmatch(r"\d{1,9}(\.\d{1,6})?", text):
        return float(_read(Rate, "--calls", text) * 1_000)
    if interval is None:
        raise WrongUsage(f"--calls {text}: in which time? write {text}/h, or add --interval 30m")
    if not float(text):
        raise WrongUsage("--calls 0: nobody calls, so nobody waits")
    return float(text) / interval


def _target(text: str, within: float) -> Target | float:
    """A target; for `blocked` its share."""
    level = re.fullmatch(r"(\S+%)(?: in (\S+))?", text.strip())
    if level:
        share = _read(Share, "--target", level[1])
        return Target(level=share, within=_seconds("--target", level[2]) if level[2] else within)
    match text.split():
        case ["asa", length]:
            return Target(asa=_seconds("--target", length))
        case ["occupancy", share]:
            return Target(occupancy=_read(Share, "--target", share))
        case ["abandoned", share]:
            return Target(abandoned=_read(Share, "--target", share))
        case ["blocked", share]:
            return float(_read(Share, "--target", share))
    raise WrongUsage(
        f"--target {text[:40]!r} is not a target; write '80% in 20s', 'asa 15s', 'occupancy 85%',"
        " 'abandoned 3%' or 'blocked 1%'"
    )


def _patience(text: str | None, balk: str | None) -> tuple[Patience, str]:
    """The law and how it is said."""
    law, words = (ENDLESS, "endless") if text is None else _law(text)
    if balk is None:
        return law, words
    share = _read(Share, "--balk", balk)
    if share == 1:
        raise WrongUsage(f"--balk {balk}: nobody would ever wait; `--lines` without `--agents` is about that")
    return balking(share, law), f"{words}; {balk} leave at once where no agent is free"


def _law(text: str) -> tuple[Patience, str]:
    name, *values = text.lower().split() or [text]
    if not values:
        mean = _seconds("--patience", name)
        return exponential(mean), f"exponential, {name} on average"
    names = _HYPER if name == "hyperexponential" else _LAWS.get(name)
    if names is None:
        known = ", ".join((*_LAWS, "hyperexponential"))
        raise WrongUsage(f"--patience: {name[:40]!r} is not a law; the laws are {known}")
    if len(values) != len(names):
        raise WrongUsage(f"--patience: write {name} {' '.join(names).upper()}")
    said = ", ".join(f"{what} {value}" for what, value in zip(names, values, strict=True))
    if names is _HYPER:
        share = _read(Share, "--patience", values[0])
        means = [_seconds("--patience", value) for value in values[1:]]
        return hyperexponential(share, *means), f"{name}, {said}"
    return _formula(_read_law(name, dict(zip(names, values, strict=True)))), f"{name}, {said}"


def _read_law(name: str, values: dict[str, str]) -> Any:
    try:
        return TypeAdapter(Law).validate_python({"law": name, **values})
    except ValidationError as fault:
        raise WrongUsage(f"--patience: {_in_words(fault)}") from None


def _formula(law: Any) -> Patience:
    """The law of a people file, in seconds."""
    match law:
        case Exponential():
            return exponential(law.mean / 1_000)
        case Weibull():
            return weibull(law.mean / 1_000, law.shape)
        case Lognormal():
            return lognormal(law.mean / 1_000, law.cv)
        case Uniform(low=low, high=high) if low < high:
            return uniform(low / 1_000, high / 1_000)
        case Uniform():
            return fixed(law.low / 1_000)
    return fixed(law.value / 1_000)
