"""Rules applied: findings become problems like all others, except those silenced with a reason."""

from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Final

import ivr.lint.rules  # noqa: F401 - fills RULES
from ivr.core.flow.nearness import did_you_mean as suggest
from ivr.language import Inside, Problem, look_inside
from ivr.language.beside import check_beside, is_beside
from ivr.language.problems import Report
from ivr.limits import FINDINGS_MAX
from ivr.lint.rule import RULES, Finding, Rule
from ivr.lint.scene import Scene
from ivr.lint.silence import Silence, silences

OFF: Final = "off"
"""The severity of a rule that a center does not want to hear of."""

SILENCE: Final = "silence"
"""The code of what is wrong with a silence."""


def check(path: Path, more: Iterable[str] = ()) -> list[Problem]:
    """Everything wrong with a center or a flow, and what breaks a rule of its packs or of `more` packs.

    Rules are looked at once there are no errors: they reason over ways that have to exist.
    """
    if is_beside(path):
        return check_beside(path)
    inside = look_inside(path)
    if inside.report.failed or any(problem.severity == "error" for problem in inside.problems):
        return inside.problems
    before = set(inside.report.problems)
    apply(inside, more)
    added = [problem for problem in inside.report.problems if problem not in before]
    if inside.only:
        added = [problem for problem in added if problem.file == inside.only]
    tests = check_beside(path) if not inside.only else []
    found = [*inside.problems, *added, *tests]
    return sorted(found, key=lambda p: (p.file, p.line, p.column, p.code, p.message))


def apply(inside: Inside, more: Iterable[str] = ()) -> None:
    """Add what breaks a rule to the report of a center that was read without an error."""
    settings = inside.settings
    own = [str(pack) for pack in settings.lint.packs] if settings is not None else ["core"]
    packs = list(dict.fromkeys((*own, *more)))
    severity = {str(name): str(level) for name, level in settings.lint.severity.items()} if settings else {}
    if settings is not None:
        for name in settings.lint.severity:
            if str(name) not in RULES:
                inside.report.add(
                    name, "unknown-rule", f"there is no rule {str(name)!r}", suggest(name, RULES)
                )
    scene = Scene(inside)
    quiet = _Quiet(inside.report)
    active = [rule for rule in RULES.values() if not rule.packs.keys().isdisjoint(packs)]
    for rule in active:
        level = severity.get(rule.id) or rule.level(packs)
        for finding in islice(rule.check(scene), FINDINGS_MAX) if level != OFF else ():
            if not quiet.covers(rule, finding):
                inside.report.add(finding.place, rule.id, finding.message, finding.hint, severity=level)
    quiet.complain({rule.id for rule in active})


class _Quiet:
    """The silences of all files, and which of them silenced something."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._all = [one for file, lines in report.files.items() for one in silences(lines, file)]
        self._by_line: dict[tuple[str, int], list[Silence]] = {}
        for one in self._all:
            self._by_line.setdefault((one.place.file, one.line), []).append(one)
        self._used: set[tuple[Silence, str]] = set()

    def covers(self, rule: Rule, finding: Finding) -> bool:
        """Whether the author allowed this, with a reason."""
        covered = False
        for one in self._by_line.get((finding.place.file, finding.place.line), ()):
            if rule.id in one.ids:
                self._used.add((one, rule.id))
                covered = covered or bool(one.reason)
        return covered

    def complain(self, active: set[str]) -> None:
        """Warn of silences that are none."""
        warn = self._report.warn
        how = "write # lint: allow ID because REASON"
        for one in self._all:
            if not one.ids:
                warn(one.place, SILENCE, "this comment allows nothing", how)
            elif not one.reason:
                warn(one.place, SILENCE, "nothing is allowed without a reason", how)
            for name in one.ids:
                if name not in RULES:
                    warn(one.place, SILENCE, f"there is no rule {name!r}", suggest(name, RULES))
                elif one.reason and name in active and (one, name) not in self._used:
                    warn(one.place, SILENCE, f"there is no finding of {name} on this line", "delete it")
