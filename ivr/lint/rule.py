"""What a rule is: its id, the packs that hold it, why, on whose word, and two flows that show it.

A rule is a function from `Scene` to findings, declared with `@rule`; the reference page and the tests
are made of the declarations.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, TypeAlias

from ivr.language.problems import ERROR, WARNING, Place
from ivr.lint.scene import Scene

Level: TypeAlias = Literal["warning", "error"]


class Finding(NamedTuple):
    """A place that breaks a rule, what is wrong there, and the cure."""

    place: Place
    message: str
    hint: str


Check: TypeAlias = Callable[[Scene], Iterable[Finding]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule; `packs` says how severe its finding is in each pack that holds it.

    `bad` and `good` are flows of the example center (`ivr.lint.example`); where one needs other parts
    of a center as well they stand in `center`.
    """

    id: str
    title: str
    why: str
    source: str
    packs: Mapping[str, Level]
    bad: str
    good: str
    check: Check
    center: str = ""
    measured: str = ""
    """What of the rule only a simulation can tell."""

    def level(self, packs: Iterable[str]) -> Level:
        """Its severity when these packs are on: the severest of them."""
        found = [self.packs[pack] for pack in packs if pack in self.packs]
        return ERROR if ERROR in found else WARNING


RULES: Final[dict[str, Rule]] = {}
"""Every rule by its id, in the order of the reference."""


def rule(
    id_: str,
    title: str,
    *,
    packs: Mapping[str, Level],
    why: str,
    source: str,
    bad: str,
    good: str,
    center: str = "",
    measured: str = "",
) -> Callable[[Check], Check]:
    """Declare the function that follows as a rule."""

    def declare(check: Check) -> Check:
        assert id_ not in RULES, id_
        RULES[id_] = Rule(
            id=id_,
            title=title,
            why=why,
            source=source,
            packs=packs,
            bad=bad,
            good=good,
            check=check,
            center=center,
            measured=measured,
        )
        return check

    return declare
