"""`ivr new`: a center that runs at once, with comments that teach."""

import re
from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter

from ivr.cli import exit_codes
from ivr.cli.terminal import print_json
from ivr.errors import OperatorError

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")


def new(
    name: Annotated[str, Parameter(help="The name of the center and of its folder.")],
    /,
    *,
    dir_: Annotated[Path, Parameter(name="--dir", help="Where to make the folder.")] = Path(),
    vscode: Annotated[
        bool, Parameter(help="Also write settings and schemas for VS Code.", show_default=False)
    ] = False,
    json: Annotated[bool, Parameter(help="Print JSON.", show_default=False)] = False,
) -> int:
    """Make a folder with a small center that runs at once.

    It has one flow with tests, one queue, three agents and simulated people. It runs at once and its comments
    explain it; change it from there. An existing folder that is not empty is left alone.
    """
    from ivr.cli.editor import editor_files
    from ivr.cli.starter import FILES

    if not _NAME.fullmatch(name):
        raise exit_codes.WrongUsage(
            f"{name[:60]!r} is not a name for a center; take letters, digits, - and _, a letter first"
        )
    folder = dir_ / name
    title = name.replace("-", " ").replace("_", " ").capitalize()
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise OperatorError(f"{folder} exists already; choose another name, or empty it first")
        files = {file: text.replace("%NAME%", title) for file, text in FILES.items()}
        if vscode:
            files |= editor_files()
        for file, text in files.items():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_text(text, encoding="utf-8")
    except OSError as fault:
        raise OperatorError(f"cannot write {folder}: {fault.strerror}") from None
    if json:
        print_json({"folder": str(folder), "files": list(files)})
        return exit_codes.OK
    print(
        f"{folder} is made: {', '.join(files)}\n"
        f"  check it        ivr check {folder}\n"
        f"  test it         ivr test {folder}\n"
        f"  open it         ivr serve {folder}\n"
        f"  call it         ivr call hotline\n"
        f"  answer calls    ivr agent anna"
    )
    return exit_codes.OK
