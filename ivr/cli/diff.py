"""`ivr diff`: what callers would notice between two revisions of a center."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from ivr.cli import exit_codes
from ivr.cli.explore import chosen
from ivr.cli.files import must_exist
from ivr.cli.options import Json
from ivr.cli.terminal import clean, print_json, progress
from ivr.limits import DIFF_CALLERS_MAX

if TYPE_CHECKING:
    from ivr.language import Center
    from ivr.trial.comparison import Comparison

_Callers = dict[str, str]


def diff(
    old: Annotated[Path, Parameter(help="Folder of a center, or a flow file of one.")],
    new: Annotated[Path, Parameter(help="The same, as it is to be.")],
    /,
    *,
    explore: Annotated[
        bool,
        Parameter(help="Also send callers who try everything, as `ivr explore` does.", show_default=False),
    ] = False,
    depth: Annotated[int, Parameter(help="How many decisions deep these go.")] = 12,
    json: Json = False,
) -> int:
    """Say what callers would notice between two revisions of a center.

    The callers of the tests in either folder (*.test.yaml) call both, and do the same things at the same
    turns; shown is what one of them hears, or how long it takes, where that differs. Names of states and whatever
    else no caller hears do not count. Where there are no tests, callers try everything, once each.

    A flow file stands for its center with that file; one without a center beside it takes the place of the file
    of the same name in the other center.

    Exit code: 0 when no caller notices anything, 1 when one does.
    """
    for path in (old, new):
        must_exist(path)
    with progress("reading"):
        before, after = _centers(old, new)
        texts = {**_tests(before), **_tests(after)}
    compared = []
    with progress("calling"):
        for file, text in texts.items():
            compared += _compared(text, file, before, after)
        if explore or not compared:
            compared += _explored(before, after, depth)
    differ = [comparison for comparison in compared if comparison.differs]
    if json:
        print_json([_plain(comparison) for comparison in compared], indent=2)
    else:
        print("\n\n".join([*map(_text, differ), _summary(compared, differ)]))
    return exit_codes.NO if differ else exit_codes.OK


# Two centers ---------------------------------------------------------------------------------------------


def _centers(old: Path, new: Path) -> "tuple[Center, Center]":
    from ivr.language import load_center

    folders = {path: _folder(path) for path in (old, new)}
    known = [folder for folder in folders.values() if folder is not None]
    if not known:
        raise exit_codes.WrongUsage(f"there is no center.yaml beside {old} or {new}, or above them")
    loaded = {folder: load_center(folder) for folder in dict.fromkeys(known)}
    made = []
    for path, folder in folders.items():
        center = loaded[folder if folder is not None else known[0]]
        made.append(center if folder is not None else _with(center, path))
    return (made[0], made[-1])


def _folder(path: Path) -> Path | None:
    from ivr.language.trials import center_of

    return path if path.is_dir() else center_of(path)


def _with(center: "Center", file: Path) -> "Center":
    """The center with one of its files replaced."""
    from ivr.language import load_sources

    if file.name not in center.sources:
        names = ", ".join(name for name in center.sources if name.endswith(".flow.yaml"))
        raise exit_codes.WrongUsage(f"{file} has no center; the other one has {names}, but no {file.name}")
    from ivr.errors import OperatorError

    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeError) as fault:
        raise OperatorError(f"cannot read {file}: {fault}") from None
    return load_sources({**center.sources, file.name: text})


# Callers -------------------------------------------------------------------------------------------------


def _tests(center: "Center") -> _Callers:
    """The texts of the test files of a center, by their place in its folder."""
    from ivr.language.trials import find_trials

    folder = center.folder
    if folder is None:
        return {}
    return {str(file.relative_to(folder)): file.read_text("utf-8") for file in find_trials(folder)}


def _compared(text: str, file: str, before: "Center", after: "Center") -> "list[Comparison]":
    from ivr.language.trials import callers_in
    from ivr.trial.comparison import compare

    old, new = callers_in(text, file, before), callers_in(text, file, after)
    names = list(dict.fromkeys([*new, *old]))
    missing = "there is no such test"
    return [compare(f"{file}: {name}", old.get(name, missing), new.get(name, missing)) for name in names]


def _explored(before: "Center", after: "Center", depth: int) -> "list[Comparison]":
    """Callers who go every way of either revision, once."""
    from ivr.cli.found_tests import way_of
    from ivr.language.formatting import written
    from ivr.sim.explorer import explore

    callers: dict[str, dict[str, Any]] = {}
    for center in (before, after):
        for number in chosen((), _both(before.plan.numbers, after.plan.numbers)):
            for path, staffed in explore(center, number, depth).ways:
                way = way_of(center, number, path, staffed=staffed)
                if way is not None and len(callers) < DIFF_CALLERS_MAX:
                    callers.setdefault(written(way), {"test": _name(number, path), **way})
    for count, caller in enumerate(callers.values(), 1):
        caller["test"] = f"{count}. {caller['test']}"
    return [
        comparison
        for caller in callers.values()
        for comparison in _compared(written({"tests": [caller]}), "explored", before, after)
    ]


def _both(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    return {number: flow for number, flow in new.items() if number in old}


def _name(number: str, path: Any) -> str:
    words = "; ".join(move.text for move in path)
    return f"{number}: {words}"[:70] if words else number


# Telling -------------------------------------------------------------------------------------------------


def _text(compared: "Comparison") -> str:
    lines = [clean(compared.name)]
    for which, side in (("old", compared.old), ("new", compared.new)):
        if side.problem:
            lines.append(f"  cannot call the {which} one: {clean(side.problem)}")
    if not (compared.old.problem or compared.new.problem):
        lines += [f"  {clean(line)}" for line in compared.shown()]
        lines.append(f"  {_totals(compared)}")
    return "\n".join(lines)


def _totals(compared: "Comparison") -> str:
    took = (compared.new.lasted_ms - compared.old.lasted_ms) / 1_000
    time = "as long" if abs(took) < 0.05 else f"{abs(took):.1f} s {'longer' if took > 0 else 'shorter'}"
    keys = compared.new.keys - compared.old.keys
    pressed = "as many keys" if not keys else f"{abs(keys)} {'more' if keys > 0 else 'fewer'} keys"
    return f"= {time}, {pressed}"


def _summary(compared: "list[Comparison]", differ: "list[Comparison]") -> str:
    count = f"{len(compared)} {'caller' if len(compared) == 1 else 'callers'}"
    if not differ:
        return f"{count}: nobody notices anything"
    return f"{count}: {len(differ)} of them {'notices' if len(differ) == 1 else 'notice'} something"


def _plain(compared: "Comparison") -> dict[str, Any]:
    both = {"old": compared.old, "new": compared.new}
    return {
        "caller": compared.name,
        "differs": compared.differs,
        **{
            which: {
                "problem": side.problem,
                "seconds": side.lasted_ms / 1_000,
                "keys": side.keys,
                "story": [{"at": line.at / 1_000, "who": line.who, "text": line.text} for line in side.lines],
            }
            for which, side in both.items()
        },
    }
