"""`ivr check`: what is wrong with an author's files."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from ivr.cli import exit_codes
from ivr.cli.files import must_exist
from ivr.cli.terminal import colored, print_json, progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ivr.language import Problem


def check(
    *paths: Annotated[
        Path, Parameter(help="Folders of centers, or single *.flow.yaml or *.test.yaml files.")
    ],
    pack: Annotated[
        tuple[str, ...],
        Parameter(
            help="A pack of rules besides those of the center: human, retention, pt, br, es, in. Repeatable.",
            show_default=False,
        ),
    ] = (),
    format_: Annotated[
        Literal["text", "json", "sarif", "github"], Parameter(name="--format", help="How to print.")
    ] = "text",
    json: Annotated[
        bool, Parameter(name="--json", help="The same as --format json.", show_default=False)
    ] = False,
) -> int:
    """Say what is wrong with centers, flows and tests, where, and its cure.

    Once there are no errors, rules are looked at: those of the packs under `lint:` in center.yaml (core
    unless it says otherwise) and of --pack. A finding that is meant is allowed by a comment on its line:
    `# lint: allow MENU-1 because the regulator approved six`.

    Exit code: 0 when there are no errors (warnings do not count), 1 when there are, 3 when there is
    nothing at a path.
    """
    if not paths:
        raise exit_codes.WrongUsage(
            "check what? name a center's folder or a flow, such as `ivr check my-center`"
        )
    for path in paths:
        must_exist(path)
    with progress("checking"):
        problems = _found(paths, pack)
    failed = any(problem.severity == "error" for problem in problems)
    _print(problems, "json" if json else format_, ok=not failed)
    return exit_codes.NO if failed else exit_codes.OK


def _found(paths: "Sequence[Path]", packs: "Sequence[str]") -> "list[Problem]":
    from ivr.core.flow.nearness import did_you_mean as suggest
    from ivr.language.fields import PACKS
    from ivr.lint import check as look

    for name in packs:
        if name not in PACKS:
            raise exit_codes.WrongUsage(f"there is no pack {name[:40]!r}; {suggest(name[:40], PACKS)}")
    return [problem for path in paths for problem in look(path, packs)]


def _print(problems: "Sequence[Problem]", how: str, *, ok: bool) -> None:
    if how == "json":
        print_json({"ok": ok, "problems": [problem.as_dict() for problem in problems]}, indent=2)
    elif how == "text":
        from ivr.language import render

        print(render(problems, colored(sys.stdout)))
    else:
        from ivr.lint import formats

        if how == "sarif":
            print_json(formats.sarif(problems), indent=2)
        elif problems:
            print(formats.github(problems))
