"""`ivr format`: an author's files in the house style."""

from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter

from ivr.cli import exit_codes
from ivr.cli.files import must_exist, write_whole
from ivr.cli.terminal import print_json, progress

_KINDS: Final = (".yaml", ".yml")


def format(  # noqa: A001 - the command's name
    *paths: Annotated[Path, Parameter(help="Folders, or single YAML files.")],
    check: Annotated[
        bool, Parameter(help="Change nothing; say which files would change.", show_default=False)
    ] = False,
    json: Annotated[bool, Parameter(help="Print JSON.", show_default=False)] = False,
) -> int:
    """Write files in the house style: two spaces, room in braces, no trailing blanks.

    Comments, quotes, the order of keys and where lines are broken stay as they are. A file is only changed
    if our own reader reads the same in it afterwards. Nothing is changed while any file has errors.

    Exit code: 0 when done, or when nothing would change; 1 when --check found something to change, or when
    a file cannot be read.
    """
    from ivr.language.formatting import formatted

    if not paths:
        raise exit_codes.WrongUsage("format what? name a folder or a file, such as `ivr format my-center`")
    changes: dict[Path, str] = {}
    with progress("formatting"):
        for file in _files(paths):
            before, after = formatted(file)
            if before != after:
                changes[file] = after
    if not check:
        for file, text in changes.items():
            write_whole(file, text)
    if json:
        print_json({"changed": [str(file) for file in changes], "written": not check})
    else:
        for file in changes:
            print(f"{file} {'would change' if check else 'is written anew'}")
        if not changes:
            print("nothing to change")
    return exit_codes.NO if check and changes else exit_codes.OK


def _files(paths: tuple[Path, ...]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        must_exist(path)
        found += (
            sorted(file for file in path.rglob("*") if file.suffix in _KINDS) if path.is_dir() else [path]
        )
    return found
