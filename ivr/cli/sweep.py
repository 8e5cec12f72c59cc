"""`ivr sweep`: a center with several settings, each simulated with the same callers."""

import itertools
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple

from cyclopts import Parameter

from ivr.cli import exit_codes
from ivr.cli.files import must_exist
from ivr.cli.running import (
    Cluster,
    For,
    Jobs,
    Replications,
    Seed,
    WarmUp,
    duration,
    job_of,
    known_queue,
    running,
    somebody,
)
from ivr.cli.simulate import FIGURES, cell
from ivr.cli.table import Column, laid_out
from ivr.cli.terminal import print_json, span
from ivr.limits import VARIANTS_MAX

if TYPE_CHECKING:
    from ivr.language import Center
    from ivr.sim.outcome import Outcome

_KINDS: Final = {name: kind for name, _, kind in FIGURES}


class Setting(NamedTuple):
    """A place of a file and what is to stand there, one after another."""

    file: str
    path: str
    values: tuple[str, ...]


def sweep(
    center: Annotated[Path, Parameter(help="Folder of a center.")],
    /,
    *,
    set_: Annotated[
        tuple[str, ...],
        Parameter(
            name="--set",
            help='What to vary: "queues.support.max_wait=2m,5m", "people:callers.arrivals.rate=60/h,90/h". Several: '
            "all combinations.",
        ),
    ],
    figures: Annotated[
        str, Parameter(help="What to show of each.")
    ] = "p_abandon,sl_of_offered,asa_s,occupancy",
    for_: For = "1d",
    seed: Seed = "1",
    replications: Replications = 10,
    jobs: Jobs = None,
    cluster: Cluster = None,
    warm_up: WarmUp = "0s",
    queue: Annotated[
        str | None, Parameter(help="Of this queue; else of the center.", show_default=False)
    ] = None,
    json: Annotated[bool, Parameter(help="Print JSON.", show_default=False)] = False,
) -> int:
    """Simulate a center with every combination of some settings, all with the same callers.

    A setting is a dotted path into center.yaml and values with commas between them; lists in brackets are one
    value. `people:` before the path means the people file, `FLOW:` the flow of that name.

    Exit code: 0.
    """
    must_exist(center)
    shown = _figures(figures)
    length_ms = duration(for_, "--for")
    from ivr.language import load_center
    from ivr.sim.outcome import Outcome

    loaded = load_center(center)
    somebody(loaded, center)
    known_queue(queue, loaded, center)
    settings = [_setting(text, loaded) for text in set_]
    found: list[tuple[dict[str, str], Outcome]] = []
    with running(seed, replications, jobs, cluster, shown=not json) as runner:
        for chosen, variant in _variants(loaded, settings):
            job = job_of(variant, length_ms, warm_up, length_ms, seed)
            what = ", ".join(f"{name}={value}" for name, value in chosen.items())
            found.append((chosen, Outcome(variant.plan, runner.run(job, what=what))))
    if json:
        print_json([_plain(*one, shown, queue) for one in found], indent=2)
    else:
        print(
            f"{replications} runs of {span(length_ms / 1_000)} each, in virtual time, with the same callers\n"
        )
        print("\n".join(_table(found, shown, queue)))
    return exit_codes.OK


def _figures(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",")]
    if unknown := [name for name in names if name not in _KINDS]:
        raise exit_codes.WrongUsage(f"--figures {unknown[0][:40]!r}: there are {', '.join(_KINDS)}")
    return names


def _setting(text: str, center: "Center") -> Setting:
    where, equals, values = text.partition("=")
    file, _, path = where.strip().rpartition(":")
    if not equals or not path or not values.strip():
        raise exit_codes.WrongUsage(f'--set {text[:60]!r}: write "queues.support.max_wait=2m,5m"')
    endings = {"": "center.yaml", "people": ".people.yaml"}
    ending = endings.get(file, f"{file}.flow.yaml")
    names = [name for name in center.sources if name.endswith(ending)]
    if not names:
        raise exit_codes.WrongUsage(
            f"--set {text[:60]!r}: the center has no such file; there are {', '.join(center.sources)}"
        )
    return Setting(names[0], path, tuple(_split(values)))


def _split(values: str) -> Iterator[str]:
    """At the commas that are not inside brackets or braces."""
    depth, word = 0, ""
    for sign in values:
        depth += (sign in "[{") - (sign in "]}")
        if sign == "," and depth == 0:
            yield word.strip()
            word = ""
        else:
            word += sign
    yield word.strip()


def _variants(center: "Center", settings: Sequence[Setting]) -> "Iterator[tuple[dict[str, str], Center]]":
    """Each combination with what was chosen, by path; a variant that is no center is an error of its own."""
    from ivr.language import load_sources
    from ivr.language.changing import with_value

    many = 1
    for setting in settings:
        many *= len(setting.values)
    if many > VARIANTS_MAX:
        raise exit_codes.WrongUsage(f"{many} combinations: at most {VARIANTS_MAX} are tried at once")
    for values in itertools.product(*(setting.values for setting in settings)):
        sources = dict(center.sources)
        for setting, value in zip(settings, values, strict=True):
            try:
                sources[setting.file] = with_value(sources[setting.file], setting.path, value)
            except ValueError as fault:
                raise exit_codes.WrongUsage(f"--set {fault}") from None
        yield (
            {setting.path: value for setting, value in zip(settings, values, strict=True)},
            load_sources(sources),
        )


def _table(
    found: "Sequence[tuple[dict[str, str], Outcome]]", shown: Sequence[str], queue: str | None
) -> list[str]:
    settings = list(found[0][0])
    headings = [path.rpartition(".")[2] for path in settings]
    if len(set(headings)) < len(headings):
        headings = settings
    columns = [
        *(Column(heading) for heading in headings),
        *(Column(name, right=True) for name in shown),
    ]
    rows = []
    for chosen, outcome in found:
        figures = outcome.center if queue is None else outcome.queues[queue]
        rows.append([*chosen.values(), *(cell(figures.get(name), _KINDS[name]) for name in shown)])
    return [
        *laid_out(columns, rows, shutil.get_terminal_size().columns),
        "",
        "means ± half a 95 % confidence interval, of each by itself: `ivr compare` has those of differences",
    ]


def _plain(
    chosen: dict[str, str], outcome: "Outcome", shown: Sequence[str], queue: str | None
) -> dict[str, Any]:
    figures = outcome.plain()["center"] if queue is None else outcome.plain()["queues"][queue]
    return {"set": chosen, "figures": {name: figures.get(name) for name in shown}}
