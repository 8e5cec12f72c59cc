"""The scripted caller: told what its line says, it answers with what it does. No sockets, no clock.

    caller.prompt(at, "How can we help?", 7)     # and the other things a line may say
    for act in caller.turn(at): ...              # what to do now; ask again after every input
    caller.wake_at                               # and at this instant, if nothing was said before

A caller hears out what is being said before pressing a key, unless the step says `at_once`: numbers
such as the time to cancel then mean what they would for somebody who listens.
"""

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final, NamedTuple, TypeAlias, cast

from ivr.core.time import NEVER, Instant, Ms, format_duration
from ivr.language.said import normal
from ivr.language.tree import Map, Text
from ivr.language.trial_models import ANYBODY, CallerStepModel, HearsModel
from ivr.language.trial_steps import DONE, OBSERVED, matches
from ivr.limits import TRIAL_HEARS_MS, TRIAL_TALKS_MS
from ivr.trial.story import CALLER, CENTER, Story

REACTION_MS: Final = 300  # between the end of a prompt and a key; a menu's prompt follows a greeting at once
GRACE_MS: Final = 50  # how much longer than a silence a silent caller is, so that the silence is over
_TONES: Final = ("ringback", "beep")


class Press(NamedTuple):
    """Press keys."""

    keys: str


class Speak(NamedTuple):
    """Say something."""

    text: str


class Write(NamedTuple):
    """Send a message."""

    text: str


class HangUp(NamedTuple):
    """Hang up."""


Act: TypeAlias = Press | Speak | Write | HangUp


class Heard(NamedTuple):
    """A prompt that began at an instant."""

    at: Instant
    text: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a test failed: where in its file, what was to be, what was instead, and how the two differ."""

    file: str
    line: int
    column: int
    wanted: str
    instead: str
    difference: tuple[str, ...] = ()


class ScriptedCaller:
    """Plays the steps of one test."""

    def __init__(self, steps: list[Any], contacts: dict[str, str], *, lenient: bool = False) -> None:
        """`contacts` are numbers by name: a talk with a contact is one with its number.

        One who is `away` is not on the line yet: nothing but a message is waited for. A `lenient` one, who
        waits for words that are not said, takes the next question for what they waited for.
        """
        self.story = Story()
        self.failure: Failure | None = None
        self.wake_at: Instant = NEVER
        self.ended = ""
        self.away = False
        self.finished_at: Instant = 0
        self._lenient = lenient
        self._asked = False
        self._steps = [_spelled_out(step) for step in steps]
        self._contacts = contacts
        self._number = 0
        self._since: Instant = 0
        self._acting = False
        self._heard: list[Heard] = []
        self._cursor = 0
        self._letters: list[Heard] = []
        self._read = 0
        self._play: int | None = None
        self._quiet_since: Instant = 0
        self._first_quiet: Instant = NEVER  # since the step began
        self._music = ""
        self._party: str | None = None

    @property
    def done(self) -> bool:
        """Whether every step was done, or one failed."""
        return self._number >= len(self._steps) or self.failure is not None

    @property
    def reading(self) -> bool:
        """Whether a message is waited for, which may come when the call is long over."""
        return not self.done and self._steps[self._number].gets is not None and not self._acting

    @property
    def saying(self) -> int | None:
        """The prompt that is being said."""
        return self._play

    # What the line says -----------------------------------------------------------------------------------

    def began(self, at: Instant) -> None:
        """The center has answered."""
        self.story.began = self._since = self._quiet_since = at

    def prompt(self, at: Instant, text: str, play: int, *, asks: bool = False) -> None:
        """A prompt begins; one that `asks` wants an answer."""
        self._asked = asks
        self._heard.append(Heard(at, text))
        self._play, self._music = play, ""
        self.story.add(at, CENTER, f'"{text}"')

    def prompt_over(self, at: Instant, play: int) -> None:
        """A prompt was heard to its end, or broken off."""
        if play == self._play:
            self._play, self._quiet_since = None, at
            self._first_quiet = min(self._first_quiet, at)

    def music(self, at: Instant, name: str) -> None:
        """Music or a tone, or none (empty)."""
        self._music = name
        if name:
            self.story.add(at, CENTER, f"({name})" if name in _TONES else f"(music: {name})")

    def queued(self, at: Instant, queue: str, position: int) -> None:
        """The call waits."""
        self.story.add(at, CENTER, f"(waiting in {queue}, number {position})")

    def bridged(self, at: Instant, party: str) -> None:
        """A talk begins."""
        self._party, self._music = party, ""
        self.story.add(at, CENTER, f"(talks to {party or 'somebody'})")

    def parted(self, at: Instant) -> None:
        """The talk is over."""
        self._party = None
        self.story.add(at, CENTER, "(the talk is over)")

    def picks_up(self, at: Instant) -> None:
        """Their phone has rung, and they are on the line from now on."""
        self.away = False
        self._since = self._quiet_since = at
        self.story.add(at, CALLER, "picks up")

    def letter(self, at: Instant, channel: str, text: str) -> None:
        """A message came."""
        self._letters.append(Heard(at, text))
        self.story.add(at, CENTER, f'({channel}) "{text}"')

    def call_over(self, at: Instant, reason: str) -> None:
        """The call has ended."""
        self.ended, self._play, self._party = reason or "ended", None, None
        self.story.add(at, CENTER, f"(the call is over: {self.ended})")

    # What the caller does ----------------------------------------------------------------------------------

    def turn(self, at: Instant) -> list[Act]:
        """What to do now; sets `wake_at`."""
        acts: list[Act] = []
        self.wake_at = NEVER
        while not self.done:
            step = self._steps[self._number]
            if not self._acting:
                if not self._observes(step, at):
                    break
                self._acting = True
                self._since = at
                self._first_quiet = at if self._play is None else NEVER
            name = next((name for name in DONE if getattr(step, name) is not None), "")
            if name and not self._does(step, name, at, acts):
                break
            self._number += 1
            self._acting = False
            self._since = self.finished_at = at
            if acts:  # what the center makes of it comes before the next step
                self._quiet_since = self.wake_at = at
                break
        return acts

    def _observes(self, step: CallerStepModel, at: Instant) -> bool:
        """Whether what the step waits for is there; a failure when it cannot come any more."""
        name = next((name for name in OBSERVED if getattr(step, name) is not None), "")
        if not name or self._is_there(step):
            return True
        if name == "hears" and self._lenient and self._is_asked():
            return True
        within = _within(step)
        if self.away and not self.ended and name != "gets":
            return False
        if self.ended and name != "gets":
            self._fail(step, name, f"the call was over ({self.ended})")
        elif at >= self._since + within:
            self._fail(step, name, f"{format_duration(within)} later that had not come")
        else:
            self.wake_at = self._since + within
        return False

    def _is_asked(self) -> bool:
        """Whether a question was put to the caller, and it is their turn."""
        return self._asked and self._play is None and len(self._heard) > self._cursor

    def _is_there(self, step: CallerStepModel) -> bool:
        if step.hears is not None:
            for number in range(self._cursor, len(self._heard)):
                if matches(step.hears, self._heard[number].text):
                    limit = self._since + _within(step)
                    self._cursor = number + 1
                    return self._heard[number].at <= limit
            return False
        if step.gets is not None:
            for number in range(self._read, len(self._letters)):
                if matches(step.gets, self._letters[number].text):
                    self._read = number + 1
                    return self._letters[number].at <= self._since + _within(step)
            return False
        if step.hears_music is not None:
            wanted = step.hears_music
            return bool(self._music) and (
                self._music not in _TONES if wanted == "true" else self._music == wanted
            )
        if self._party is None:
            return False
        wanted = step.talks_to or Text(ANYBODY)
        return wanted == ANYBODY or self._party in (str(wanted), self._contacts.get(str(wanted)))

    def _does(self, step: CallerStepModel, name: str, at: Instant, acts: list[Act]) -> bool:
        """Do what the step does, if it is time; whether it is done."""
        if name == "hangs_up":
            acts.append(HangUp())
            self.story.add(at, CALLER, "hangs up")
            return True
        due = self._due(step)
        passes = name in (
            "waits",
            "talks",
            "silent",
            "writes",
        )  # and what ends in the same instant was long enough
        if due > at or (self.ended and not passes):
            if self.ended:
                self._fail(step, name, f"the call was over ({self.ended})")
            elif name == "talks" and self._party is None:
                lasted = format_duration(at - self._since)
                self._fail(step, name, f"there was no talk any more after {lasted}")
            self.wake_at = due
            return False
        if step.press is not None:
            acts.append(Press(step.press))
            self._cursor = len(self._heard)  # what is heard next is what comes of it
            self.story.add(at, CALLER, f"presses {step.press}")
        elif step.say is not None:
            acts.append(Speak(str(step.say)))
            self._cursor = len(self._heard)
            self.story.add(at, CALLER, f'says "{step.say}"')
        elif step.writes is not None:
            acts.append(Write(str(step.writes)))
            self.story.add(at, CALLER, f'writes "{step.writes}"')
        return True

    def _due(self, step: CallerStepModel) -> Instant:
        """When it is time for what a step does; NEVER while something is being said that is heard out."""
        if step.waits is not None or step.talks is not None:
            return self._since + (step.waits or step.talks or 0)
        if step.at_once or step.writes is not None:
            return self._since
        if step.silent is not None:
            return min(self._first_quiet + step.silent + GRACE_MS, NEVER)
        if self._play is not None:
            return NEVER
        return max(self._quiet_since + REACTION_MS, self._since)

    # Failing ------------------------------------------------------------------------------------------------

    def _fail(self, step: CallerStepModel, name: str, why: str) -> None:
        place = step.place_of_key(name)
        written = getattr(step, name)
        heard = [prompt.text for prompt in self._heard[self._cursor :]]
        instead = why
        difference: tuple[str, ...] = ()
        if name == "gets":
            came = " / ".join(f'"{letter.text}"' for letter in self._letters[self._read :][-3:])
            instead = f"{why}; came instead: {came or 'no message'}"
        elif name == "hears":
            said = " / ".join(f'"{text}"' for text in [*dict.fromkeys(heard)][-3:]) or "nothing was said"
            instead, difference = f"{why}; heard instead: {said}", _difference(written, heard)
        elif self._party is not None:
            instead = f"{why}; the caller talked to {self._party or 'somebody'}"
        elif self._music:
            instead = f"{why}; the caller heard music: {self._music}"
        wanted = f"{name.replace('_', ' ')} {told(written)}".rstrip()
        self.failure = Failure(place.file, place.line, place.column, wanted, instead, difference)


def told(written: Any) -> str:
    """What a step says, for reading."""
    if isinstance(written, HearsModel):
        how = next(how for how in ("contains", "exact", "regex") if getattr(written, how) is not None)
        return f'{how} "{getattr(written, how)}"'
    if isinstance(written, int):
        return format_duration(written)
    return "" if written == "true" else f'"{written}"'


def _within(step: CallerStepModel) -> Ms:
    own = step.hears.within if isinstance(step.hears, HearsModel) else None
    usual = TRIAL_TALKS_MS if step.talks_to is not None or step.gets is not None else TRIAL_HEARS_MS
    own = own or (step.gets.within if isinstance(step.gets, HearsModel) else None)
    return own or step.within or usual


def _spelled_out(step: Any) -> CallerStepModel:
    """A step that was written as one word, in full and at its place."""
    if not isinstance(step, Text):
        return cast("CallerStepModel", step)
    written = Map(step)
    written.keys_at[str(step)] = step
    written[step] = Text("true", step)
    return CallerStepModel.model_validate(written)


def _difference(hears: Any, heard: list[str]) -> tuple[str, ...]:
    """What was wanted beside the passage that comes nearest to it."""
    if isinstance(hears, HearsModel):
        if hears.regex is not None:
            return ()
        wanted = normal(hears.exact or hears.contains or "")
    else:
        wanted = normal(hears)
    best, passage = 0.5, ""
    size = len(wanted.split())
    for text in heard[-50:]:
        words = text.split()
        for start in range(max(1, len(words) - size + 1)):
            window = " ".join(words[start : start + size])
            ratio = SequenceMatcher(None, wanted.casefold(), window.casefold()).ratio()
            if ratio > best:
                best, passage = ratio, window
    return (f"- {wanted}", f"+ {passage}") if passage and passage.casefold() != wanted.casefold() else ()
