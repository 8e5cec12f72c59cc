"""Who hears whom when more than two are on a call: one table for consultations, conferences and supervisors.

    mode         the caller          the agent                 the consultant
    talk         the agent           the caller                -
    hold         music               nobody                    -
    ringing      music               the ringing tone          -
    private      music               the consultant            the agent
    swapped      the agent           the caller                music
    conference   both others         both others               both others

A supervisor hears the agent and whoever the agent talks with. Nobody hears one who monitors; the agent alone
hears one who whispers; everybody in the agent's talk hears one who barges in. Supervisors hear each other's barging.
"""

from collections.abc import Mapping
from typing import Final

MODES: Final = ("monitor", "whisper", "barge")
"""What a supervisor may do."""

_TALKS_WITH: Final = {
    "talk": ("caller",),
    "hold": (),
    "ringing": (),
    "private": ("consultant",),
    "swapped": ("caller",),
    "conference": ("caller", "consultant"),
}


def table(
    mode: str, caller: str, agent: str, consultant: str, supervisors: Mapping[str, str]
) -> dict[str, tuple[str, ...]]:
    """The lines that each line hears; who hears music or a tone instead has no entry.

    `supervisors` are their lines with what each does.
    """
    lines = {"caller": caller, "consultant": consultant}
    group = [agent, *(lines[who] for who in _TALKS_WITH[mode])]
    barging = [line for line, does in supervisors.items() if does == "barge"]
    whispering = [line for line, does in supervisors.items() if does == "whisper"]
    found: dict[str, tuple[str, ...]] = {}
    for line in group:
        others = [other for other in group if other != line]
        if line == agent:
            others += whispering
        found[line] = (*others, *barging)
    if mode == "ringing" and not (whispering or barging):
        del found[agent]
    for line in supervisors:
        found[line] = (*group, *(other for other in barging if other != line))
    return found
