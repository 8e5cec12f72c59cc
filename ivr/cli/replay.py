"""`ivr replay`: whether today's code tells the history a journal holds."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from ivr.cli import exit_codes
from ivr.cli.options import Json
from ivr.cli.terminal import print_json, progress, span
from ivr.errors import ReplayDiverged


def replay(
    journal: Annotated[Path, Parameter(help="A data folder, its ivr.db, or a .jsonl file.")],
    /,
    *,
    run: Annotated[
        int | None, Parameter(help="Which run; the last one unless said.", show_default=False)
    ] = None,
    json: Json = False,
) -> int:
    """Run a journal again and compare all that happens.

    The journal is the folder given to `ivr serve --data`, its ivr.db, or a .jsonl file.
    Exit code: 0 when the histories are identical, 1 when not (the first difference is shown).
    """
    from ivr.sim.replay import replay as run_again

    try:
        with progress("replaying"):
            report = run_again(journal, run)
    except ReplayDiverged as fault:
        if json:
            found = {"identical": False, "index": fault.index, "journal": fault.expected, "replay": fault.got}
            print_json(found)
        else:
            print(f"different: {fault}")
        return exit_codes.NO
    if json:
        print_json(
            {"identical": True, "facts": report.facts, "inputs": report.inputs, "seconds": report.seconds}
        )
    else:
        print(f"identical: {report.facts:,} facts from {report.inputs:,} inputs in {span(report.seconds)}")
    return exit_codes.OK
