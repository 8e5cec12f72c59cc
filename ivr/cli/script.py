"""What a caller is told to do before the call: `--press "1,5s,!2,hangup"`.

A comma separates what is done one after the other:

    12#      press these keys when the center next listens for keys
    !12#     press these keys at once
    5s       wait (`ms`, `s`, `m`, `h`)
    hangup   hang up
"""

import re
from typing import Final, NamedTuple, TypeAlias

from ivr.cli.exit_codes import WrongUsage

_KEYS: Final = re.compile(r"(!?)([0-9*#A-Da-d]+)")
_SPAN: Final = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?)(ms|s|m|h)")
_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
STEPS_MAX: Final = 1_000  # a script is typed by a person


class Press(NamedTuple):
    """Press keys: when the center next listens, or at once."""

    keys: str
    at_once: bool = False

    def __str__(self) -> str:
        return ("!" if self.at_once else "") + self.keys


class Speak(NamedTuple):
    """Say something when the center next listens."""

    text: str

    def __str__(self) -> str:
        return repr(self.text)


class Wait(NamedTuple):
    """Do nothing for a while."""

    ms: int

    def __str__(self) -> str:
        return f"{self.ms}ms"


class HangUp(NamedTuple):
    """Hang up."""

    def __str__(self) -> str:
        return "hangup"


Step: TypeAlias = Press | Speak | Wait | HangUp


def parse_span(text: str) -> float:
    """Seconds of a length such as `500ms`, `5s`, `10m`, `1h`; WrongUsage for anything else."""
    if match := _SPAN.fullmatch(text.strip()):
        return float(match[1]) * _SECONDS[match[2]]
    raise WrongUsage(f"{text[:40]!r} is not a length of time; write it like 500ms, 5s, 10m or 1h")


def parse_script(text: str) -> tuple[Step, ...]:
    """The steps of a script; WrongUsage names the part that is none."""
    parts = text.split(",")
    if len(parts) > STEPS_MAX:
        raise WrongUsage(f"a script has at most {STEPS_MAX} steps, not {len(parts)}")
    return tuple(_step(part.strip(), text) for part in parts)


def _step(part: str, script: str) -> Step:
    if part == "hangup":
        return HangUp()
    if match := _KEYS.fullmatch(part):
        return Press(match[2].upper(), bool(match[1]))
    if _SPAN.fullmatch(part):
        return Wait(round(parse_span(part) * 1_000))
    where = f" in {script[:80]!r}" if part != script.strip() else ""
    raise WrongUsage(f"{part[:40]!r}{where} is neither keys (12#, !12#) nor a pause (5s) nor 'hangup'")
