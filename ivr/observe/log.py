"""The log: facts as structured events with constant names, personal data masked, nothing forgeable.

One JSON object a line when the output is not a terminal, else readable lines. What happens to calls
and agents as a whole is `info`, what went wrong `warning`, every key and prompt `debug`. Texts of
callers never become event names, so nobody can forge a line.
"""

import re
import sys
from collections.abc import Callable
from typing import Any, Final, TextIO, cast, get_args

import msgspec
import structlog
from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

from ivr.core import facts
from ivr.core.facts import AnyFact, Fact, call_name
from ivr.errors import OperatorError
from ivr.limits import LOG_VALUE_CHARS_MAX
from ivr.observe.fan import Handlers

LEVELS: Final = {"debug": 10, "info": 20, "warning": 30, "error": 40}

_INFO: Final = (
    facts.CallStarted,
    facts.CallRefused,
    facts.CallEnded,
    facts.LogWritten,
    facts.QueueLeft,
    facts.QueueRefused,
    facts.TransferEnded,
    facts.CallbackBooked,
    facts.CallbackEnded,
    facts.PlanChanged,
)
_WARNING: Final = (facts.FlowFailed, facts.LimitReached)

_PERSONAL: Final = frozenset(("name", "password", "token", "cookie", "authorization"))
_AS_IT_IS: Final = frozenset(("call", "event", "level", "time", "at", "digest", "revision"))
_NUMBER: Final = re.compile(r"\+?\d[\d ().-]{5,}\d")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d(?!\d)")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def masked(text: str) -> str:
    """A text with phone numbers, and what looks like one, made unreadable: `+1555*****67`."""
    return _NUMBER.sub(_mask, text)


def _mask(found: re.Match[str]) -> str:
    number = found.group()
    if _DATE.match(number):
        return number
    head = 5 if number.startswith("+") else 3
    return number[:head] + "*" * max(3, len(number) - head - 2) + number[-2:]


def _mask_values(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Mask every value, however deep it lies."""
    for key, value in event.items():
        if key in _AS_IT_IS:
            continue
        event[key] = "[redacted]" if key.lower() in _PERSONAL and value else _clean(value, masked)
    return event


def _clean(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        text = change(value)
        return text if len(text) <= LOG_VALUE_CHARS_MAX else text[: LOG_VALUE_CHARS_MAX - 1] + "…"
    if isinstance(value, dict):
        return {
            str(key): "[redacted]" if str(key).lower() in _PERSONAL and one else _clean(one, change)
            for key, one in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [_clean(one, change) for one in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return _clean(str(value), change)


def _printable(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Take out what could move the cursor, colour the screen or turn the line around."""
    return {key: _clean(value, lambda text: _CONTROL.sub("�", text)) for key, value in event.items()}


def _as_json(_: WrappedLogger, __: str, event: EventDict) -> str:
    """JSON, with also those characters escaped that JSON allows but a terminal or an editor obeys."""
    return _CONTROL.sub(lambda found: f"\\u{ord(found.group()):04x}", msgspec.json.encode(event).decode())


def logger(
    stream: TextIO | None = None, *, level: str = "info", json: bool | None = None, mask: bool = True
) -> FilteringBoundLogger:
    """A logger of its own, without any global state: to `stream` (standard error by default).

    `json` None means: unless the stream is a terminal. `mask` False shows numbers and names as they are.

    Raises:
        OperatorError: there is no such level.
    """
    if level not in LEVELS:
        raise OperatorError(f"there is no log level {level!r}; choose one of {', '.join(LEVELS)}")
    stream = stream if stream is not None else sys.stderr
    processors: list[structlog.typing.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        structlog.processors.format_exc_info,
    ]
    if mask:
        processors.append(_mask_values)
    if json if json is not None else not stream.isatty():
        processors.append(_as_json)
    else:
        colors = stream.isatty()
        processors += [_printable, structlog.dev.ConsoleRenderer(colors=colors, timestamp_key="time")]
    made = structlog.wrap_logger(
        structlog.PrintLogger(stream),
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        cache_logger_on_first_use=True,
    )
    return cast("FilteringBoundLogger", made)


class Log:
    """Writes facts to a logger; facts below the level cost nothing, they are not even asked for."""

    def __init__(self, to: FilteringBoundLogger, *, level: str = "info") -> None:
        self._to = to
        self._level = LEVELS[level]

    def handlers(self) -> Handlers:
        """See `ivr.observe.fan`."""
        wanted: dict[type[Fact], Callable[[Any], None]] = {}
        for kind in get_args(AnyFact):
            level = 30 if kind in _WARNING else 20 if kind in _INFO else 10
            if level >= self._level:
                wanted[kind] = self._writer(str(kind.__struct_config__.tag), level)
        if self._level == LEVELS["info"]:
            wanted[facts.ReservationEnded] = self._reservation
            wanted[facts.AgentMoved] = self._moved
        return wanted

    def _writer(self, event: str, level: int) -> Callable[[Fact], None]:
        def write(fact: Fact) -> None:
            self._to.log(level, event, **_values(fact))

        return write

    def _reservation(self, fact: facts.ReservationEnded) -> None:
        """At `info` only the ones that failed."""
        if fact.result != "accepted":
            self._to.info("reservation_ended", **_values(fact))

    def _moved(self, fact: facts.AgentMoved) -> None:
        """At `info` only who comes, goes or stops responding."""
        if fact.state in ("signed_out", "not_responding") or fact.left == "signed_out":
            self._to.info("agent_moved", **_values(fact))


def _values(fact: Fact) -> dict[str, Any]:
    values = msgspec.structs.asdict(fact)
    if "call" in values:
        values["call"] = call_name(values["call"])
    if "event" in values:
        values["what"] = values.pop("event")  # `event` is the name of the line
    if "level" in values:
        values["which"] = values.pop("level")
    return {key: value for key, value in values.items() if value != "" and value is not None}
