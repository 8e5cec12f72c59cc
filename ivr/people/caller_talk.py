"""A caller's side of the talks of one call: what they want, what they answer, and when there is nothing left to say."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from ivr.core import events
from ivr.core.commands import Speech
from ivr.core.flow.voice import spoken_ms
from ivr.core.time import SECOND
from ivr.language.talk_model import Conversation, Reply
from ivr.limits import NAME_CHARS_MAX
from ivr.people.stage import Stage
from ivr.people.talk import IDLE_MS, REACTION_MS, words
from ivr.people.turns import Turns

QUIET_MS: Final = 6 * SECOND  # of silence after which a caller takes the talk to be over
OPENS_MS: Final = 4 * SECOND  # after which a caller speaks first, where the agent says nothing
_SAYS: Final[Mapping[str, Mapping[str, str]]] = {
    "unknown": {"en": "I do not know that.", "ru": "Этого я не знаю.", "uk": "Цього я не знаю."},
    "accepts": {"en": "Yes, please.", "ru": "Да, согласен.", "uk": "Так, згода."},
    "declines": {"en": "No, thank you.", "ru": "Нет, спасибо.", "uk": "Ні, дякую."},
    "thanks": {"en": "Thank you. Goodbye.", "ru": "Спасибо. До свидания.", "uk": "Дякую. До побачення."},
}


class CallerTalk(Turns):
    """A caller's side of the talks of one call."""

    __slots__ = (
        "_accepts",
        "_conversation",
        "_language",
        "_leaves",
        "_line",
        "_opened",
        "_used",
    )

    def __init__(
        self,
        line: str,
        conversation: Conversation,
        stage: Stage,
        leaves: Callable[[], None],
        *,
        language: str,
        accepts: bool,
    ) -> None:
        """`leaves` is called when there is nothing left to say; `accepts` says whether they take offers."""
        self._line = line
        self._conversation = conversation
        super().__init__(stage)
        self._leaves = leaves
        self._language = language
        self._accepts = accepts
        self._opened = False
        self._used: set[int] = set()

    def begin(self) -> None:
        """Somebody is there; to each one anew they say what they want."""
        self._opened = False
        self._later(OPENS_MS, self._open)

    def silent(self) -> None:
        """The talk is over, or they are on hold: what they were about to say they do not."""
        self._turn += 1

    def goes_on(self) -> None:
        """They are off hold."""
        self._later(IDLE_MS, self._leave)

    def heard(self, speech: Speech) -> None:
        """An agent says something."""
        if speech.text:
            self._later(speech.length_ms + REACTION_MS, self._react, speech)

    def _open(self, _: object) -> None:
        self._opened = True
        conversation = self._conversation
        if conversation.wants or conversation.words is not None:
            self._say(words(conversation.words, self._language, {}), "wants", conversation.wants)
        else:
            self._later(QUIET_MS, self._leave)

    def _react(self, speech: Speech) -> None:
        reply = next(self._replies(speech), None)
        if reply is not None:
            about = reply.wants or speech.about
            self._say(
                words(reply.words, self._language, {}), reply.act, about, reply.detail, last=reply.hangs_up
            )
        elif speech.act == "asks" and (self._opened or speech.about in self._conversation.knows):
            known = self._conversation.knows.get(speech.about)
            said = known or _SAYS["unknown"].get(self._language, _SAYS["unknown"]["en"])
            detail = (
                known if known and len(known) <= NAME_CHARS_MAX else ""
            )  # else the words themselves are it
            self._say(said, "answers" if known else "unknown", speech.about, detail)
        elif speech.act == "offers":
            act = "accepts" if self._accepts else "declines"
            self._say(_SAYS[act].get(self._language, _SAYS[act]["en"]), act, speech.about)
        elif speech.act == "settles":
            self._say(_SAYS["thanks"].get(self._language, _SAYS["thanks"]["en"]), "says", "", last=True)
        elif not self._opened:
            self._open(None)
        else:
            self._later(QUIET_MS, self._leave)

    def _replies(self, speech: Speech) -> Iterator[Reply]:
        for number, reply in enumerate(self._conversation.replies):
            fits = reply.to == speech.act and reply.about in ("", speech.about)
            if fits and (reply.always or number not in self._used):
                self._used.add(number)
                yield reply

    def _say(self, text: str, act: str, about: str, detail: str = "", *, last: bool = False) -> None:
        self._stage.post(events.SpeechHeard(self._line, text, act, about, detail))
        self._later(spoken_ms(text) + (0 if last else QUIET_MS), self._leave)

    def _leave(self, _: object) -> None:
        self._leaves()
