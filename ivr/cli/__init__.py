"""The command line: `ivr COMMAND`, one file a command.

A command's file imports the rooms it drives only when it runs, so that `ivr --help` and `ivr check`
stay quick. Commands return an exit code (`ivr.cli.exit_codes`); what goes wrong on purpose is an
`IvrError`, which `main` turns into a line on stderr.
"""

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command (of `sys.argv` unless given) and return the exit code.

    Ctrl-C is met here too: while the commands are still being imported nobody else would.
    """
    try:
        from ivr.cli.app import run

        return run(arguments)
    except KeyboardInterrupt:
        print("ivr: stopped", file=sys.stderr)
        return 130
