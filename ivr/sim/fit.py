"""A people file from calls that came: when they come, how long they talk, how patient they are, and what nobody can tell.

patience   answered calls only say that the caller would have waited longer (they are censored). Exponential: all time waited
           divided by those who gave up. Weibull where the likelihood says so (ratio above 6.63, one in a hundred); by
           Kaplan and Meier (1958) the share who leave in the first seconds, whatever the law
busyness   the spread of day totals beyond Poisson: (variance - mean) / mean², by weekday, never below 0
talks      lognormal by mean and variance, or exponential where that is likelier
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import exp, gamma, log, pi, sqrt
from statistics import fmean, pvariance, variance
from typing import Any, Final

from ivr.core.calendar import WEEKDAYS
from ivr.sim.history import History, Past
from ivr.sim.intervals import clock_of

FEW: Final = 20
"""With fewer of something nothing is said of its law."""

_LIKELIER: Final = 6.63  # chi squared, one degree of freedom, 99 %
_REDIAL: Final = timedelta(hours=1)


@dataclass
class Fit:
    """What was found: the people file as maps and lists, what was seen, and what could not be told, in words."""

    people: dict[str, Any]
    seen: list[str] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)


def fit(history: History, per: timedelta) -> Fit:
    """Fit a history.

    Raises:
        ValueError: there are no calls in it.
    """
    calls = history.calls
    if not calls:
        raise ValueError("there is no incoming call in it")
    found = Fit({})
    first, last = calls[0].at.date(), calls[-1].at.date()
    found.seen.append(f"{len(calls)} calls from {first} to {last}, {history.kind}")
    found.seen += [f"passed over: {count}, {why}" for why, count in sorted(history.passed_over.items())]
    agent = _talks(calls, found)
    arrivals = _arrivals(calls, first, last, per, found)
    kinds = _kinds(calls, found)
    if agent:
        found.people["agents"] = {"default": agent}
    found.people["callers"] = {"arrivals": arrivals, "kinds": kinds}
    found.untold.append("the work after a talk (wraps_up) and rings that are missed are in no such file")
    return found


# Arrivals -------------------------------------------------------------------------------------------------------


def _arrivals(calls: Sequence[Past], first: date, last: date, per: timedelta, found: Fit) -> dict[str, Any]:
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    lived = Counter(day.weekday() for day in days)
    counts: Counter[tuple[int, int]] = Counter()
    for call in calls:
        counts[call.at.weekday(), _number(call.at, per)] += 1
    week = {}
    for weekday in range(7):
        numbers = [number for day, number in counts if day == weekday]
        if numbers:
            means = [
                round(counts[weekday, number] / lived[weekday], 2)
                for number in range(min(numbers), max(numbers) + 1)
            ]
            week[WEEKDAYS[weekday]] = {
                "from": clock_of(min(numbers), per // timedelta(milliseconds=1)),
                "calls": means,
            }
    absent = [WEEKDAYS[weekday] for weekday in range(7) if not lived[weekday]]
    if absent:
        found.untold.append(f"how many call on {', '.join(absent)}: the file has no such day")
    arrivals: dict[str, Any] = {"per": f"{int(per.total_seconds() // 60)}m", "week": week}
    totals = Counter(call.at.date() for call in calls)
    spread = _busyness([(day.weekday(), totals[day]) for day in days])
    if spread is None:
        found.untold.append(
            "whether days differ (busyness): that needs three days of a weekday at least, ten in all"
        )
    elif spread >= 0.01:
        arrivals["busyness"] = round(spread, 3)
        found.seen.append(f"days differ by {spread:.0%} beyond chance (busyness)")
    return arrivals


def _busyness(totals: Sequence[tuple[int, int]]) -> float | None:
    over = square = 0.0
    days = 0
    for weekday in range(7):
        mine = [total for day, total in totals if day == weekday]
        if len(mine) >= 3:
            days += len(mine)
            over += len(mine) * (variance(mine) - fmean(mine))
            square += len(mine) * fmean(mine) ** 2
    return sqrt(max(0.0, over) / square) if days >= 10 and square else None


def _number(at: datetime, per: timedelta) -> int:
    return int(timedelta(hours=at.hour, minutes=at.minute, seconds=at.second) / per)


# Talks ----------------------------------------------------------------------------------------------------------


def _talks(calls: Sequence[Past], found: Fit) -> dict[str, Any]:
    talks = [call.talk_s for call in calls if call.talk_s]
    if len(talks) < FEW:
        found.untold.append(f"how long talks take: {len(talks)} are too few")
        return {}
    mean = fmean(talks)
    found.seen.append(f"{len(talks)} talks of {mean:.0f} s in the mean")
    return {"talks": _law_of_talks(talks, mean)}


def _law_of_talks(talks: Sequence[float], mean: float) -> dict[str, Any]:
    logs = [log(talk) for talk in talks]
    middle, spread = fmean(logs), pvariance(logs)
    if spread == 0:
        return {"law": "fixed", "value": _span(mean)}
    count = len(talks)
    as_lognormal = -sum(logs) - count / 2 * (log(2 * pi * spread) + 1)
    as_exponential = -count * (log(mean) + 1)
    if as_exponential >= as_lognormal:
        return {"law": "exponential", "mean": _span(mean)}
    cv = sqrt(exp(spread) - 1)
    return {
        "law": "lognormal",
        "mean": _span(exp(middle + spread / 2)),
        "cv": round(min(max(cv, 0.01), 10), 2),
    }


# Callers --------------------------------------------------------------------------------------------------------


def _kinds(calls: Sequence[Past], found: Fit) -> list[dict[str, Any]]:
    patience = _patience(calls, found)
    redials = _redials(calls, found)
    numbers = Counter(call.number for call in calls)
    found.untold.append("what callers want in menus, and whether they know them: kinds are by number alone")
    return [
        {"name": f"caller of {number}", "share": count, "dials": number, **patience, **redials}
        for number, count in numbers.most_common(100)
    ]


def _patience(calls: Sequence[Past], found: Fit) -> dict[str, Any]:
    waits = [(call.waited_s, call.outcome == "abandoned") for call in calls if call.waited_s]
    given_up = sum(gone for _, gone in waits)
    if given_up < FEW:
        found.untold.append(f"how patient callers are: {given_up} gave up, which is too few")
        return {}
    mean = sum(wait for wait, _ in waits) / given_up
    stay = {seconds: survival(waits, seconds) for seconds in (10, 30, 60, 120)}
    left = ", ".join(
        f"{1 - share:.0%} in {seconds} s" for seconds, share in stay.items() if share is not None
    )
    found.seen.append(f"{given_up} gave up; left alone would leave {left} (Kaplan-Meier)")
    scale, shape = weibull(waits)
    better = 2 * (_log_likelihood(waits, scale, shape) - _log_likelihood(waits, mean, 1.0))
    if better <= _LIKELIER:
        return {"patience": {"law": "exponential", "mean": _span(mean)}}
    return {
        "patience": {"law": "weibull", "mean": _span(scale * gamma(1 + 1 / shape)), "shape": round(shape, 2)}
    }


def survival(waits: Sequence[tuple[float, bool]], seconds: float) -> float | None:
    """The share who would still wait after so many seconds, by Kaplan and Meier; None where nobody waited that long."""
    if max(wait for wait, _ in waits) < seconds:
        return None
    share, left = 1.0, len(waits)
    gone: Counter[float] = Counter(wait for wait, gave_up in waits if gave_up)
    ended: Counter[float] = Counter(wait for wait, _ in waits)
    for wait in sorted(ended):
        if wait > seconds:
            break
        share *= 1 - gone[wait] / left
        left -= ended[wait]
    return share


def weibull(waits: Sequence[tuple[float, bool]]) -> tuple[float, float]:
    """Scale and shape of the likeliest Weibull law, with those who were answered censored."""
    events = [log(wait) for wait, gave_up in waits if gave_up]
    mean_log = fmean(events)
    longest = max(wait for wait, _ in waits)

    def slope(shape: float) -> float:
        powers = [(exp(shape * log(wait / longest)), log(wait)) for wait, _ in waits]
        return (
            sum(power * logged for power, logged in powers) / sum(power for power, _ in powers)
            - 1 / shape
            - mean_log
        )

    low, high = 0.1, 10.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) < 0 else (low, middle)
    total = sum((wait / longest) ** high for wait, _ in waits)
    return longest * (total / len(events)) ** (1 / high), high


def _log_likelihood(waits: Sequence[tuple[float, bool]], scale: float, shape: float) -> float:
    density = log(shape / scale)
    return sum(
        (density + (shape - 1) * log(wait / scale) if gave_up else 0.0) - float((wait / scale) ** shape)
        for wait, gave_up in waits
    )


def _redials(calls: Sequence[Past], found: Fit) -> dict[str, Any]:
    gaps: list[float] = []
    known = 0
    last: dict[str, datetime] = {}
    for call in calls:
        before = last.pop(call.caller, None) if call.caller else None
        if before is not None and call.at - before <= _REDIAL:
            gaps.append((call.at - before).total_seconds())
        if call.outcome == "abandoned" and call.caller:
            known += 1
            last[call.caller] = call.at
    if known < FEW:
        found.untold.append("whether those who give up call again: too few of them have a number")
        return {}
    share = len(gaps) / known
    found.seen.append(f"{share:.0%} of those who gave up called again within an hour")
    if not gaps:
        return {}
    return {
        "redials": f"{share * 100:.1f}%",
        "redials_after": {"law": "exponential", "mean": _span(max(1.0, fmean(gaps)))},
    }


def _span(seconds: float) -> str:
    """A duration as the language writes it, to the second, or below ten to the millisecond."""
    if seconds < 10:
        return f"{max(1, round(seconds * 1_000))}ms"
    minutes, rest = divmod(round(seconds), 60)
    return (f"{minutes}m" if minutes else "") + (f"{rest}s" if rest else "")
