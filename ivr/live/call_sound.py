"""The sound of a whole call on its way to the disk: what a caller says, and whom they talk to, mixed."""

from pathlib import Path

from ivr.media import Line, Playout, Recorder


class CallSound:
    """A line of its own that nobody calls from: it hears what is to be recorded, and its frames are written.

    So the mixing is that of a conference, and while it hears nobody its frames are silence.
    """

    def __init__(self, playout: Playout, caller: Line, path: Path) -> None:
        """Raises `SoundError` if the file cannot be written."""
        self.recorder = Recorder(path, caller.codec)
        self.line = playout.open(f"recording of {caller.name}", caller.codec)
        self.suspended = False
        self._playout = playout
        self._caller = caller
        self._follow()

    def write(self, frame: bytes) -> None:
        """One tick of the call, written with what was heard at it."""
        self.recorder.write(frame)
        self._follow()

    def suspend(self, *, on: bool) -> None:
        """Hear nobody, or again those who talk."""
        self.suspended = on
        self._follow()

    def _follow(self) -> None:
        """Hear the caller and whoever the caller hears; talks, holds and transfers come and go."""
        wanted = {} if self.suspended else dict.fromkeys((self._caller, *self._caller.sources))
        for line in [line for line in self.line.sources if line not in wanted]:
            self._playout.unlisten(self.line, line)
        for line in wanted:
            self._playout.listen(self.line, line)

    def end(self) -> None:
        """Hear no more; the file has still to be closed."""
        self._playout.close(self.line)
