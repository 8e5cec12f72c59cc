"""Sound files of a center: only inside its folder, and only their length is read here."""

import json
import wave
from pathlib import Path, PurePosixPath
from typing import Final

from ivr.core.flow.nearness import did_you_mean as suggest
from ivr.language.problems import Place, Report

LENGTHS_SOURCE: Final = "sounds.json"
"""The entry of a center's sources that keeps the lengths, so that a replay needs no sound files."""

_PORTS: Final = {f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10)}
_DEVICES: Final = frozenset({"con", "prn", "aux", "nul", *_PORTS})
_PATH_CHARS_MAX: Final = 200
_FILE_BYTES_MAX: Final = 64 * 1024 * 1024  # an hour of 8 kHz telephone sound


class Sounds:
    """Looks sound files up in a folder or, for a replay, in the lengths noted before (milliseconds).

    Raises:
        ValueError: the noted lengths are not what `source` writes.
    """

    def __init__(self, folder: Path | None = None, lengths: str = "") -> None:
        self.lengths: dict[str, int] = {}
        self._folder = folder
        noted = json.loads(lengths) if lengths else {}
        if not isinstance(noted, dict) or not all(isinstance(length, int) for length in noted.values()):
            raise ValueError("lengths are whole numbers by name")
        self._noted: dict[str, int] = noted

    def source(self) -> str:
        """The lengths of all files asked for, as text; empty without any."""
        return json.dumps(self.lengths, sort_keys=True) + "\n" if self.lengths else ""

    def length(self, name: str, place: Place, report: Report) -> int:
        """The length of a file; 0 with a problem where it cannot be used."""
        if name in self.lengths:
            return self.lengths[name]
        if why := _refused(name):
            report.add(
                place, "sound", why, "name a WAV file in the center's folder, such as sounds/welcome.wav"
            )
            return 0
        if self._folder is None:
            self.lengths[name] = self._noted.get(name, 0)
            return self.lengths[name]
        path = self._folder / name
        found = self._inside(path, name, place, report) and _length(path, place, report)
        if found:
            self.lengths[name] = found
        return found or 0

    def _inside(self, path: Path, name: str, place: Place, report: Report) -> bool:
        assert self._folder is not None
        try:
            siblings = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
            if path.name not in siblings:
                sounds = [sibling for sibling in siblings if sibling.lower().endswith(".wav")]
                hint = suggest(path.name, sounds) or "there are no sound files in that folder"
                report.add(place, "sound", f"there is no sound file {name!r}", hint)
                return False
            if not path.resolve().is_relative_to(self._folder.resolve()) or not path.is_file():
                report.add(place, "sound", f"{name!r} is not a file inside the center's folder")
                return False
            if path.stat().st_size > _FILE_BYTES_MAX:
                report.add(place, "sound", f"{name!r} has more than {_FILE_BYTES_MAX} bytes")
                return False
        except (OSError, RuntimeError, ValueError):
            report.add(place, "sound", f"{name!r} cannot be read")
            return False
        return True


def _refused(name: str) -> str:
    """Why a path cannot name a sound file of the center; empty if it can."""
    if not name.isprintable() or len(name) > _PATH_CHARS_MAX:
        return "this is not the name of a file"
    if ":" in name or "\\" in name or name.startswith(("/", "~")):
        return "a sound file is named by its path inside the center's folder"
    parts = PurePosixPath(name).parts
    if ".." in parts or not parts:
        return "a sound file has to be inside the center's folder"
    if any(part.split(".")[0].lower() in _DEVICES for part in parts):
        return "some systems take this name for a device"
    return "" if name.lower().endswith(".wav") else "a sound file ends in .wav"


def _length(path: Path, place: Place, report: Report) -> int:
    try:
        with wave.open(str(path), "rb") as file:
            rate, frames = file.getframerate(), file.getnframes()
    except (wave.Error, EOFError, OSError, RuntimeError):
        report.add(
            place, "sound", f"{path.name!r} is not a WAV file with plain samples", "save it as 16-bit PCM"
        )
        return 0
    if rate <= 0 or frames <= 0:
        report.add(place, "sound", f"{path.name!r} is empty")
        return 0
    return max(1, round(frames * 1000 / rate))
