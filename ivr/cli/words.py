"""What the wire says in codes, in words for people; the codes stay in `--json`."""

from collections.abc import Mapping
from typing import Final

_ENDINGS: Final = {
    "caller_hung_up": "the caller hung up",
    "line_lost": "the connection broke",
    "line_too_slow": "the phone did not keep up",
    "flow_hung_up": "the center hung up",
    "not_reached": "the customer was not reached",
    "not_answered": "nobody picked up",
    "shutdown": "the center closed",
    "system_error": "the center had an error",
}
_REFUSALS: Final = {
    "unknown_number": "the center has no such number",
    "busy": "the center takes no calls now",
}
_RINGS: Final = {
    "lapsed": "not answered in time",
    "hung_up": "the caller hung up",
    "abandoned": "the caller hung up",
    "short_abandoned": "the caller hung up",
    "agent_paused": "you paused",
    "agent_signed_out": "you signed out",
    "agent_lost": "the desk was lost",
    "system_error": "the center had an error",
}
_NOT_POSSIBLE: Final = {
    "not talking": "there is no talk",
    "not holding": "nobody is on hold",
    "not in a talk": "there is no talk",
    "not in wrap-up": "there is no wrap-up",
    "not consulting": "there is no consultation",
    "listens to nobody": "you listen to nobody",
    "not on a work order": "there is no work order",
    "no supervisor": "you are no supervisor",
}

_CONSULTATIONS: Final = {
    "ringing": "asking {party}",
    "private": "talking with {party} in private",
    "swapped": "talking with the caller; {party} is on hold",
    "conference": "conference: you, {party} and the caller hear each other",
    "completed": "the caller goes on with {party}",
    "taken_back": "{party} is let go",
    "left": "{party} has left",
    "hung_up": "the caller hung up",
    "no_answer": "{party} does not answer",
    "busy": "{party} is busy",
    "rejected": "{party} refuses",
    "failed": "the consultation with {party} failed",
}
_ASKED: Final = {
    "private": "talking with {party}, who asks about a caller",
    "swapped": "{party} talks with the caller; you are on hold",
    "completed": "{party} passes the caller on to you",
    "taken_back": "{party} took the caller back",
    "left": "you have left",
    "failed": "the consultation is over",
}
"""The same where it is told otherwise to whom was asked."""
_SUPERVISIONS: Final = {
    "monitor": "listening to {agent}; nobody hears you",
    "whisper": "listening to {agent}, who alone hears you",
    "barge": "listening to {agent}; everybody hears you",
    "": "no longer listening",
}


def ending(reason: str) -> str:
    """Why a call ended."""
    return _said(_ENDINGS, reason)


def refusal(why: str) -> str:
    """Why a call was not taken."""
    return _said(_REFUSALS, why)


def ring_over(why: str) -> str:
    """Why a desk rings no longer."""
    return _said(_RINGS, why)


def objection(code: str, text: str) -> str:
    """What the center had against something; its text is for people already, but for what a desk cannot do."""
    return f"not possible: {_said(_NOT_POSSIBLE, text)}" if code == "not_possible" else text


def consultation(mode: str, party: str, *, asked: bool) -> str:
    """How a consultation stands or ended; `asked` when it is told to whom was asked."""
    words = _CONSULTATIONS | _ASKED if asked else _CONSULTATIONS
    return _said(words, mode).replace("{party}", party)


def supervision(mode: str, agent: str) -> str:
    """How a supervisor listens to an agent."""
    return _said(_SUPERVISIONS, mode).replace("{agent}", agent)


def outcome(code: str) -> str:
    """How a visit to a queue or a call came out."""
    return code.replace("_", " ")


def party(name: str) -> str:
    """Who is on the other end."""
    return name or "number withheld"


def _said(words: Mapping[str, str], code: str) -> str:
    """A code nobody has words for yet is at least read without its underscores."""
    return words.get(code, code.replace("_", " "))
