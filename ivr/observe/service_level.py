"""Service level: not one number but a family, every member of which has a name.

T is the queue's threshold, S its limit for short abandons. Sources of the variants: Asterisk's `queue show` (SL
and SL2), Genesys Cloud's and Bright Pattern's switches, Amazon Connect's metric definitions, and the survey of
callcentrehelper.com, whose worked example tests them.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from ivr.core.time import SECOND

IN_TIME_MS: Final = 2 * SECOND
"""A person whom a campaign calls and who picks up is to hear an agent within this: 16 CFR 310.4(b)(4)(iii)."""


class Counted(NamedTuple):
    """Visits of a queue that are over; `gone_on` are timeouts, overflows, exits by key and callbacks."""

    answered: int = 0
    abandoned: int = 0  # short ones included
    answered_in_t: int = 0
    abandoned_in_t: int = 0
    abandoned_short: int = 0
    gone_on: int = 0


VARIANTS: Final[dict[str, tuple[Callable[[Counted], tuple[int, int]], str]]] = {
    "of_answered": (
        lambda n: (n.answered_in_t, n.answered),
        "answered in T / answered (Asterisk SL)",
    ),
    "of_offered": (
        lambda n: (n.answered_in_t, n.answered + n.abandoned),
        "answered in T / (answered + abandoned) (Genesys)",
    ),
    "without_short_abandons": (
        lambda n: (n.answered_in_t, n.answered + n.abandoned - n.abandoned_short),
        "answered in T / (answered + abandoned later than S) (Genesys without short abandons)",
    ),
    "short_abandons_credited": (
        lambda n: (n.answered_in_t + n.abandoned_short, n.answered + n.abandoned),
        "(answered in T + abandoned within S) / (answered + abandoned)",
    ),
    "without_abandons_in_t": (
        lambda n: (n.answered_in_t, n.answered + n.abandoned - n.abandoned_in_t),
        "answered in T / (answered + abandoned later than T) (Bright Pattern)",
    ),
    "abandons_in_t_credited": (
        lambda n: (n.answered_in_t + n.abandoned_in_t, n.answered + n.abandoned),
        "(answered in T + abandoned in T) / (answered + abandoned) (Asterisk SL2, Amazon Connect)",
    ),
    "with_flow_outs": (
        lambda n: (n.answered_in_t, n.answered + n.abandoned + n.gone_on),
        "answered in T / (answered + abandoned + gone on elsewhere) (Genesys with flow-outs)",
    ),
}
"""Of each variant its numerator and denominator, and how people call it."""


def service_levels(counted: Counted) -> dict[str, float]:
    """Every variant as a share, 0 to 1; one whose denominator is 0 is not there."""
    levels = {}
    for name, (parts, _) in VARIANTS.items():
        part, whole = parts(counted)
        if whole > 0:
            levels[name] = part / whole
    return levels
