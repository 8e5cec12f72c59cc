"""`ivr check`: what is wrong with an author's files."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from ivr.cli import exit_codes
from ivr.cli.options import must_exist
from ivr.cli.terminal import colored, print_json, progress

if TYPE_CHECKING:
    from ivr.language import Problem


def check(
    *paths: Annotated[
        Path, Parameter(help="Folders of centers, or single *.flow.yaml or *.test.yaml files.")
    ],
    format_: Annotated[Literal["text", "json"], Parameter(name="--format", help="How to print.")] = "text",
    json: Annotated[
        bool, Parameter(name="--json", help="The same as --format json.", show_default=False)
    ] = False,
) -> int:
    """Say what is wrong with centers, flows and tests, where, and its cure.

    Exit code: 0 when there are no errors (warnings do not count), 1 when there are, 3 when there is
    nothing at a path.
    """
    from ivr.language import check_center, render

    if not paths:
        raise exit_codes.WrongUsage(
            "check what? name a center's folder or a flow, such as `ivr check my-center`"
        )
    for path in paths:
        must_exist(path)
    problems: list[Problem] = []
    with progress("checking"):
        for path in paths:
            problems += check_center(path)
    failed = any(problem.severity == "error" for problem in problems)
    if json or format_ == "json":
        print_json({"ok": not failed, "problems": [problem.as_dict() for problem in problems]}, indent=2)
    else:
        print(render(problems, colored(sys.stdout)))
    return exit_codes.NO if failed else exit_codes.OK
