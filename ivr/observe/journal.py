"""The journal: a run as lines of JSON, and the comparison of a replay with it.

The first line is the header, each further line an input or a fact, in the order in which they
happened:

    {"header":{"format":1,...}}
    {"at":1200,"in":{"event":"key_pressed","line":"p-1","key":"1"}}
    {"fact":{"fact":"key_heard","at":1200,"call":1,"key":"1","use":"taken"}}

Before an input `plan_replaced` stands a line with the files of that plan:

    {"plan":{"at":90000,"digest":"4f0c...","sources":{"center.yaml":"..."}}}

Inputs alone are the whole history (the engine is deterministic); the facts are there to be read, and
to prove that today's code still tells the same history.
"""

import hashlib
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import Final, TypeAlias

import msgspec

from ivr.core.events import AnyEvent, Event
from ivr.core.facts import AnyFact, Fact
from ivr.core.time import Instant
from ivr.errors import OperatorError, ReplayDiverged
from ivr.limits import JOURNAL_LINE_BYTES_MAX

FORMAT: Final = 1
"""The version of the journal's format; a reader takes no other."""


class Header(msgspec.Struct, frozen=True):
    """What a replay needs to know before the first input.

    `epoch_ms` is instant 0 in milliseconds since 1970-01-01 UTC. `sources` are the texts of the
    center's files by name, so that a journal can be replayed without the folder it was made in.
    """

    ivr: str
    plan: str
    seed: str
    epoch_ms: int = 0
    first_call: int = 1
    speed: float = 1.0
    sources: dict[str, str] = {}
    format: int = FORMAT


class Input(msgspec.Struct, frozen=True, gc=False):
    """An event the engine was given, stamped with its instant."""

    at: Instant
    event: Event


class Replacement(msgspec.Struct, frozen=True):
    """The files of a plan that an input will name by its digest."""

    at: Instant
    digest: str
    sources: dict[str, str]


Entry: TypeAlias = Input | Fact | Replacement


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    """Any line, as it is written."""

    at: Instant | None = None
    event: AnyEvent | None = msgspec.field(default=None, name="in")
    fact: AnyFact | None = None
    plan: Replacement | None = None
    header: msgspec.Raw = msgspec.Raw()


class _Version(msgspec.Struct):
    format: int


_encoder = msgspec.json.Encoder()
_line_decoder = msgspec.json.Decoder(_Line)


def header_line(header: Header) -> bytes:
    """The first line of a journal, without the line break."""
    return b'{"header":%b}' % _encoder.encode(header)


def input_line(at: Instant, event: Event) -> bytes:
    """The line of an input, without the line break."""
    return b'{"at":%d,"in":%b}' % (at, _encoder.encode(event))


def fact_line(fact: Fact) -> bytes:
    """The line of a fact, without the line break."""
    return b'{"fact":%b}' % _encoder.encode(fact)


def read(lines: Iterable[str | bytes], name: str = "journal") -> tuple[Header, Iterator[Entry]]:
    """The header, and the entries one by one as they are asked for. Empty lines are passed over.

    Raises:
        OperatorError: a line is damaged or unknown; the text names the file and the line.
    """
    numbered = ((number, line) for number, line in enumerate(lines, 1) if line.strip())
    number, first = next(numbered, (0, b""))
    if not number:
        raise OperatorError(f"{name} is empty; a journal begins with its header")
    return _header(first, f"{name}, line {number}"), _entries(numbered, name)


def _header(line: str | bytes, place: str) -> Header:
    raw = _decode(line, place).header
    if not bytes(raw):
        raise OperatorError(f"{place}: a journal begins with its header")
    try:
        version = msgspec.json.decode(raw, type=_Version).format
        if version != FORMAT:
            raise OperatorError(
                f"{place}: written in format {version}, this ivr reads format {FORMAT}; "
                "replay it with the version that wrote it"
            )
        return msgspec.json.decode(raw, type=Header)
    except msgspec.MsgspecError as error:
        raise OperatorError(f"{place}: the header is damaged: {error}") from None


def _entries(numbered: Iterator[tuple[int, str | bytes]], name: str) -> Iterator[Entry]:
    for number, text in numbered:
        line = _decode(text, f"{name}, line {number}")
        if line.fact is not None and line.at is None and line.event is None:
            yield line.fact
        elif line.event is not None and line.at is not None and line.fact is None:
            yield Input(line.at, line.event)
        elif line.plan is not None:
            yield line.plan
        else:
            raise OperatorError(f"{name}, line {number}: neither an input nor a fact")


def _decode(line: str | bytes, place: str) -> _Line:
    if len(line) > JOURNAL_LINE_BYTES_MAX:
        raise OperatorError(f"{place}: longer than {JOURNAL_LINE_BYTES_MAX} bytes; this is no journal")
    try:
        return _line_decoder.decode(line)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise OperatorError(f"{place}: damaged or not a journal: {error}") from None


# Comparing -------------------------------------------------------------------------------------------------


def differences(expected: Iterable[Fact], got: Iterable[Fact]) -> int:
    """Compare two histories fact by fact; how many facts they have.

    Raises:
        ReplayDiverged: at the first fact that differs, or where one history ends before the other.
    """
    index = -1
    for index, (ours, theirs) in enumerate(zip_longest(expected, got)):
        if ours != theirs:
            raise ReplayDiverged(index, _shown(ours), _shown(theirs))
    return index + 1


def _shown(fact: Fact | None) -> str:
    return _encoder.encode(fact).decode() if fact is not None else "(the end)"


class FactDigest:
    """A running digest of a history: equal histories have equal digests, on every Python."""

    __slots__ = ("_hash", "count")

    def __init__(self) -> None:
        self._hash = hashlib.blake2b(digest_size=32)
        self.count = 0

    def add(self, fact: Fact) -> None:
        """Take the next fact."""
        self.count += 1
        line = _encoder.encode(fact)
        self._hash.update(b"%d:%b" % (len(line), line))

    def hex(self) -> str:
        """The digest so far."""
        return self._hash.hexdigest()
