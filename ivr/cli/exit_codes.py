"""The exit codes of every command, in one place, and the faults they stand for."""

from typing import Final

from ivr.errors import AuthorError, IvrError, OperatorError, ReplayDiverged

OK: Final = 0
NO: Final = 1
USAGE: Final = 2
OPERATOR: Final = 3
PEER: Final = 4
INTERRUPTED: Final = 130

TABLE: Final = (
    (OK, "done"),
    (NO, "the answer is no: problems found, histories differ, the call broke"),
    (USAGE, "the command was typed wrongly"),
    (OPERATOR, "something has to be fixed first: a port, a folder, a database"),
    (PEER, "the center refused, or cannot be reached"),
    (INTERRUPTED, "stopped with Ctrl-C (`ivr serve` has no other end, and gives 0)"),
)


class WrongUsage(IvrError):
    """An argument that cannot be meant; the text says what can."""


class NobodyAnswers(IvrError):
    """Where the center should be, there is none: for a caller no matter of this machine, but of the peer."""


def of(fault: IvrError) -> int:
    """The exit code for a fault."""
    match fault:
        case AuthorError() | ReplayDiverged():
            return NO
        case WrongUsage():
            return USAGE
        case OperatorError():
            return OPERATOR
    return PEER
