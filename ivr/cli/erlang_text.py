"""An answer of `ivr erlang` as text that explains itself, and as JSON."""

import textwrap
from dataclasses import asdict
from typing import Any, Final

from ivr.cli.erlang_answer import Answer, LineFigures, staff
from ivr.cli.erlang_question import Question
from ivr.cli.table import Column, laid_out
from ivr.cli.terminal import span
from ivr.sim.theory import ENDLESS, Figures

_WIDTH: Final = 100


def text(asked: Question, found: Answer) -> list[str]:
    """Lines: the load, the formula and what it assumes, the agents needed, the figures."""
    lines = [_load(asked), *textwrap.wrap(" ".join(_formula(asked)), _WIDTH), ""]
    if found.lines:
        return lines + _of_lines(asked, found)
    if found.needed is not None:
        lines += [_needed(asked, found.needed), "", *_around(asked, found), ""]
    assert found.figures is not None
    return lines + _explained(asked, found.figures)


def plain(asked: Question, found: Answer) -> dict[str, Any]:
    """The same for a program: times in seconds, shares 0 to 1; the names are those of `ivr.sim.theory.Figures`."""
    formula, assumes = _formula(asked)
    told: dict[str, Any] = {
        "formula": formula.rstrip(":"),
        "assumes": assumes,
        "calls_per_hour": round(asked.rate * 3_600, 9),
        "aht_s": asked.aht,
        "offered_erlang": asked.load,
        "targets": list(asked.target_words),
    }
    if found.lines:
        return {**told, "lines_needed": found.needed, "lines": [asdict(one) for one in found.lines]}
    assert found.figures is not None
    return {
        **told,
        "agents_needed": found.needed,
        "figures": _object(asked, found.figures),
        "around": [_object(asked, one) for one in found.around],
    }


def _object(asked: Question, figures: Figures) -> dict[str, Any]:
    return {**asdict(figures), "people_to_plan": staff(figures.agents, asked.shrinkage)}


# What is asked ---------------------------------------------------------------------------------------------


def _load(asked: Question) -> str:
    return (
        f"{_number(asked.rate * 3_600)} calls an hour of {span(asked.aht)} each: {asked.load:.1f} Erlang, "
        "the agents that would be busy if every call were answered."
    )


def _formula(asked: Question) -> tuple[str, str]:
    """Its name, and what it assumes in one line."""
    chance = "calls come by chance at a steady rate"
    if asked.is_about_lines:
        return (
            "Erlang B:",
            f"{chance}; a call that finds no free line is lost, and nobody waits or tries again.",
        )
    times = f"{chance}, handle times are exponential, first come is first served"
    limit = "" if asked.lines is None else f"; at most {asked.lines} calls are there, further ones are lost"
    if asked.patience is ENDLESS:
        name = "Erlang C (M/M/c):" if asked.lines is None else "M/M/c/K:"
        return name, f"{times}, and everybody waits for an answer{limit}."
    name = "Erlang A (M/M/c+M):" if asked.patience.name == "exponential" else "M/M/c+G:"
    if asked.lines is not None:
        name = name.replace("Erlang A (M/M/c+M)", "M/M/c/K+M").replace("M/M/c+G", "M/M/c/K+G")
    words = asked.patience_words
    return name, f"{times}; callers leave when patience ends ({words}) and do not call again{limit}."


# Agents ------------------------------------------------------------------------------------------------------


def _needed(asked: Question, needed: int) -> str:
    people = staff(needed, asked.shrinkage)
    planned = f" ({people} people with {_share(asked.shrinkage)} shrinkage)" if asked.shrinkage else ""
    return f"{_agents(needed)}{planned} are the fewest for: {', '.join(asked.target_words)}."


def _around(asked: Question, found: Answer) -> list[str]:
    limited, leaving = asked.lines is not None, asked.patience is not ENDLESS
    columns = [
        "agents",
        "people",
        "blocked",
        f"in {span(asked.within)}",
        "asa",
        "90% wait",
        "abandoned",
        "busy",
    ]
    shown = [True, bool(asked.shrinkage), limited, True, True, True, leaving, True]
    rows = []
    for one in found.around:
        cells = [
            *(str(one.agents), str(staff(one.agents, asked.shrinkage)), _share(one.p_block)),
            *(_share(one.sl), _time(one.asa), _time(one.p90), _share(one.p_abandon)),
            _share(one.occupancy) + (" <" if one.agents == found.needed else "  "),
        ]
        rows.append([cell for cell, wanted in zip(cells, shown, strict=True) if wanted])
    headings = [name for name, wanted in zip(columns, shown, strict=True) if wanted]
    headings[-1] += "  "
    return laid_out([Column(heading, right=True) for heading in headings], rows, None)


def _explained(asked: Question, figures: Figures) -> list[str]:
    """A figure a line, with what it means."""
    rows = [*_reached(asked, figures), *_waits(asked, figures), *_work(asked, figures)]
    return laid_out(
        [Column(f"with {_agents(figures.agents)}"), Column("", right=True), Column("")], rows, None
    )


def _reached(asked: Question, figures: Figures) -> list[tuple[str, str, str]]:
    limit = span(figures.within)
    of = "all calls" if asked.lines is None else "calls that found a line"
    rows = (
        [] if asked.lines is None else [("blocked", _share(figures.p_block), "calls that find no free line")]
    )
    rows += [
        ("answered at once", _share(1 - figures.p_wait), f"of {of}"),
        ("service level", _share(figures.sl), f"answered within {limit}, of {of}"),
    ]
    if asked.patience is not ENDLESS:
        rows += [
            ("  of answered", _share(figures.sl_ans), "the same, of answered calls only"),
            ("  short left out", _share(figures.sl_exshort), f"without calls abandoned within {limit}"),
            ("  short are good", _share(figures.sl_goodab), f"calls abandoned within {limit} count as good"),
            ("abandoned", _share(figures.p_abandon), "callers who leave before an answer"),
        ]
    return rows


def _waits(asked: Question, figures: Figures) -> list[tuple[str, str, str]]:
    rows = [
        ("speed of answer", _time(figures.asa), "mean wait of answered calls (ASA); at once counts as 0"),
        ("wait if any", _time(figures.wait_if_wait), "mean wait of calls not answered at once"),
        ("90% wait", _time(figures.p90), "or less: 9 calls of 10 are in the queue no longer"),
        ("95% wait", _time(figures.p95), "or less: 19 calls of 20"),
    ]
    if asked.patience is not ENDLESS:
        rows.insert(1, ("wait of abandoned", _time(figures.wait_ab), "mean time after which callers leave"))
    return rows


def _work(asked: Question, figures: Figures) -> list[tuple[str, str, str]]:
    rows = [
        ("queue", _number(figures.queue), "calls waiting, on average"),
        ("occupancy", _share(figures.occupancy), "of their time agents are busy"),
    ]
    if asked.shrinkage:
        people = staff(figures.agents, asked.shrinkage)
        rows.append(
            (
                "people to plan",
                str(people),
                f"so that {_agents(figures.agents)} are there: {_share(asked.shrinkage)} shrinkage",
            )
        )
    if asked.interval is not None:
        came = asked.rate * asked.interval
        length = span(asked.interval)
        rows.append((f"calls in {length}", _number(came), "on average"))
        if asked.patience is not ENDLESS:
            left = came * (1 - figures.p_block) * figures.p_abandon
            rows.append((f"abandoned in {length}", _number(left), "on average"))
    return rows


# Lines -------------------------------------------------------------------------------------------------------


def _of_lines(asked: Question, found: Answer) -> list[str]:
    chosen = found.needed or asked.lines
    lines = []
    if found.needed is not None:
        lines += [f"{found.needed} lines are the fewest for: {', '.join(asked.target_words)}.", ""]
    columns = [Column("lines", right=True), Column("blocked", right=True), Column("busy  ", right=True)]
    rows = [_line_row(one, chosen=one.lines == chosen) for one in found.lines]
    about = "blocked: calls that find no free line; busy: mean share of lines in use."
    return [*lines, *laid_out(columns, rows, None), "", about]


def _line_row(one: LineFigures, *, chosen: bool) -> list[str]:
    return [str(one.lines), _share(one.p_block), _share(one.occupancy) + (" <" if chosen else "  ")]


# Numbers -----------------------------------------------------------------------------------------------------


def _agents(count: int) -> str:
    return f"{count} agent" if count == 1 else f"{count} agents"


def _time(seconds: float | None) -> str:
    return "-" if seconds is None else span(seconds)


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 99.95 or value == round(value) else f"{value:.1f}"


def _share(share: float | None) -> str:
    """In percent; what is not nothing, or not all, is not shown as if it were."""
    if share is None:
        return "-"
    percent = share * 100
    if 0 < percent < 0.05:
        return f"{percent:.2g}%" if percent >= 0.001 else "<0.001%"
    if 99.95 <= percent < 100:
        return ">99.9%"
    return f"{percent:.1f}%"
