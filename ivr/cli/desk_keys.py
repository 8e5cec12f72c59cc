"""The keys of a desk: what each letter means, which mean something now, and what may be typed after some."""

from typing import Final

from ivr.client.view import DeskView

KEYS: Final = {
    "a": "accept", "r": "reject",
    "h": "hold", "t": "transfer", "c": "consult", "e": "end",
    "k": "complete", "s": "swap", "f": "conference", "b": "take back",
    "w": "wrap up", "p": "pause", "y": "ready",
    "d": "done", "n": "no show", "l": "later",
    "m": "monitor", "i": "whisper", "g": "barge", "x": "leave",
    "u": "pull a call", "o": "force a state", "q": "sign out",
}  # fmt: skip
"""A letter means the same at every moment, so that a script need not know how far the center is."""

ASKS: Final = {
    "t": "transfer to",
    "c": "consult",
    "m": "monitor",
    "i": "whisper to",
    "g": "barge in on",
    "u": "pull call (such as c-000042)",
    "o": "force",
}
"""Letters that want something typed after them, and how that is asked for."""

MODES: Final = {"m": "monitor", "i": "whisper", "g": "barge"}
RESULTS: Final = {"d": "done", "n": "no_show", "l": "rescheduled"}

_FORCED: Final = ("ready", "paused", "signed_out")
_CONSULTING: Final = {"ringing": "be", "private": "ksfb", "swapped": "ksfb", "conference": "kb"}
_IDLE: Final = {"ready": "p", "paused": "y", "not_responding": "y", "wrap_up": "wp", "working": "dnlp"}
_LISTED_MAX: Final = 40  # names below the line of the moment; more are found by typing on


def useful(view: DeskView) -> str:
    """The letters that mean something at this moment."""
    if view.ring is not None:
        return "arq"
    if view.consults:
        return (_CONSULTING.get(view.consult_mode, "") if view.call else "e") + "q"
    if view.call:
        return "htcepq"
    letters = _IDLE.get(view.state, "")
    if view.team and letters in ("p", "y"):
        if view.supervises:
            letters += "".join(key for key, mode in MODES.items() if mode != view.supervise_mode) + "x"
        elif letters == "y":  # one listens on a pause only
            letters += "mig"
        letters += "uo"
    return letters + "q"


def hint(view: DeskView) -> str:
    """What may be typed now, for people."""
    named = KEYS | {"h": "resume"} if view.held else KEYS
    return "  ".join(f"{letter} {named[letter]}" for letter in useful(view))


def in_vain(letter: str, view: DeskView) -> str:
    """Why it makes no sense to ask for what comes after this letter; empty when it does."""
    if letter in "tc" and not view.call:
        return "there is no talk to transfer" if letter == "t" else "there is no talk to consult about"
    if letter in "migo" and not view.team:
        return f"only a supervisor can {KEYS[letter]}"
    return ""


def fitting(letter: str, typed: str, view: DeskView) -> list[str]:
    """What may be meant by what was typed after a letter: one whole name, or all that begin like it, word by word."""
    if letter == "u":
        return [typed] if typed else []  # the desk is not told which calls wait
    names = view.targets if letter in "tc" else view.team
    known = [f"{name} {state}" for name in names for state in _FORCED] if letter == "o" else list(names)
    words = typed.split()
    return [typed] if typed in known else [name for name in known if _begins(name.split(), words)]


def listed(names: list[str]) -> str:
    """Names in one line, not too many."""
    more = [f"and {len(names) - _LISTED_MAX} more"] if len(names) > _LISTED_MAX else []
    return ", ".join(names[:_LISTED_MAX] + more)


def _begins(whole: list[str], typed: list[str]) -> bool:
    return len(typed) <= len(whole) and all(map(str.startswith, whole, typed))
