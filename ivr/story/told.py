"""What comes of a story that is played: its facts, and when each entry of its timeline was reached."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from ivr.core.calendar import Calendar
from ivr.core.facts import Fact
from ivr.core.time import Instant
from ivr.language import Center
from ivr.language.fields import Spoken
from ivr.language.story_models import EntryModel, StoryModel


@dataclass(frozen=True, slots=True)
class Beat:
    """An entry of the timeline that was reached: when, and whether what it is about came about."""

    entry: EntryModel
    at: Instant
    came: bool
    until: Instant


@dataclass(slots=True)
class Told:
    """A story that was played: every fact of the center, and the customer's calls with the beat each belongs to."""

    story: StoryModel
    center: Center
    language: str
    epoch_ms: int
    facts: list[Fact] = field(default_factory=list)
    beats: list[Beat] = field(default_factory=list)
    settled_at: Instant | None = None

    def local(self, at: Instant) -> datetime:
        """The local time of an instant."""
        return Calendar(self.epoch_ms, self.center.plan.timezone).local(at)


def in_language(spoken: Spoken | None, language: str) -> str:
    """A text in a language, else in the first it has."""
    if spoken is None:
        return ""
    return str(spoken.plain or spoken.languages.get(language) or next(iter(spoken.languages.values())))


def begun(story: StoryModel, center: Center, language: str) -> Told:
    """A story that is about to be played; the customer and the company speak `language`."""
    speaking = replace(center, plan=replace(center.plan, language=language))
    begins = story.timeline[0].on
    assert begins is not None, "a story that was checked says when it begins"
    epoch_ms = round(begins.replace(tzinfo=ZoneInfo(center.plan.timezone)).timestamp() * 1_000)
    return Told(story, speaking, language, epoch_ms)
