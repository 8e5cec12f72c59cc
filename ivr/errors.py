"""The exceptions of the product, by who erred.

    IvrError
    ├── AuthorError        a file an author wrote: every problem at once, with its place and its cure
    ├── OperatorError      how the product was started: port, folder, database, flag
    ├── PeerError          what somebody sent over a socket: a code and a text that are safe to send back
    └── ReplayDiverged     today's code tells another history than the journal does

A broken invariant is an `AssertionError`: a bug of ours, never of the world's.
"""

from collections.abc import Sequence
from typing import Protocol


class Problem(Protocol):
    """What an `AuthorError` lists: anything that prints itself with its place."""

    def __str__(self) -> str: ...


class IvrError(Exception):
    """Base of everything this package raises on purpose."""


class AuthorError(IvrError):
    """A flow, center or people file cannot be used; `problems` lists all that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class OperatorError(IvrError):
    """The product was started in a way that cannot work; the text says what to change."""


class PeerError(IvrError):
    """A peer broke the protocol; `code` and the text go back to it."""

    def __init__(self, code: str, text: str) -> None:
        self.code = code
        super().__init__(text)


class ReplayDiverged(IvrError):
    """Replaying a journal gave another fact than it holds at `index`."""

    def __init__(self, index: int, expected: str, got: str) -> None:
        self.index = index
        self.expected = expected
        self.got = got
        super().__init__(f"fact {index} differs\n  journal: {expected}\n  replay:  {got}")
