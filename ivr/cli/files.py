"""Files that commands are given, and files that they write for an author."""

from pathlib import Path

from ivr.errors import OperatorError


def must_exist(path: Path) -> None:
    """OperatorError unless something is there: a missing center has no lines with problems to be shown."""
    if not path.exists():
        raise OperatorError(f"there is no {'file' if path.suffix else 'folder'} {path}")


def write_whole(file: Path, content: str | bytes) -> None:
    """Whole or not at all, as whoever serves the folder sees it."""
    part = file.with_name(f".{file.name}.part")
    try:
        part.write_bytes(content.encode() if isinstance(content, str) else content)
        part.replace(file)
    except OSError as fault:
        part.unlink(missing_ok=True)
        raise OperatorError(f"cannot write {file}: {fault.strerror}") from None
