"""The command line: `ivr COMMAND`, one file a command.

A command's file imports the rooms it drives only when it runs, so that `ivr --help` and `ivr check`
stay quick. Commands return an exit code (`ivr.cli.exit_codes`); what goes wrong on purpose is an
`IvrError`, which `main` turns into a line on stderr.
"""

from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command (of `sys.argv` unless given) and return the exit code."""
    from ivr.cli.app import run

    return run(arguments)
