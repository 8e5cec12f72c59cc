"""Saying and hearing: prompts, music, the step's alarm, keys, words and digits."""

from ivr.core.commands import Listening, Spoken
from ivr.core.facts import InputMissed, KeyHeard, PromptHeard, SpeechTaken, call_name
from ivr.core.flow.hand import Hand
from ivr.core.flow.model import Prompt
from ivr.core.time import Ms
from ivr.limits import TYPE_AHEAD_MAX

MS_PER_CHARACTER = 1_000 / 14  # an unhurried voice says about fourteen characters a second
SPOKEN_MS_MIN = 400


def spoken_ms(text: str) -> Ms:
    """How long it takes to say a text: what an audio-less line and virtual time go by."""
    return max(SPOKEN_MS_MIN, round(len(text) * MS_PER_CHARACTER)) if text else 0


class Voice(Hand):
    """What a call says and hears."""

    __slots__ = ()

    # Saying ----------------------------------------------------------------------------------------------

    def play(self, prompt: Prompt, listening: Listening | None = None) -> None:
        """Start a prompt; `prompt_ended` follows unless it is stopped."""
        call = self.call
        spoken = prompt.same.get(prompt.language or call.language) or self.render(prompt)
        self.play_to(call.line, spoken, listening)

    def render(self, prompt: Prompt) -> Spoken:
        """A prompt's words in the caller's language, with the time it takes to say them."""
        language = prompt.language or self.call.language
        if (same := prompt.same.get(language)) is not None:
            return same
        asked = language
        wav, wav_ms = prompt.wav.get(language) or next(iter(prompt.wav.values()), ("", 0))
        template = prompt.texts.get(language)
        if template is None:
            if not prompt.texts:
                return Spoken("", language, wav_ms, wav, prompt.voice)
            language, template = next(iter(prompt.texts.items()))
        text = self.text(template)
        wait_ms = self.kernel.queues.estimate(self.call) if template.tells_wait and not wav else None
        spoken = Spoken(text, language, wav_ms if wav else spoken_ms(text), wav, prompt.voice, wait_ms)
        if not template.needs:
            prompt.same[asked] = spoken
        return spoken

    def play_to(self, line: str, spoken: Spoken, listening: Listening | None = None) -> None:
        """Start a prompt on the caller's line or another's."""
        call, kernel = self.call, self.kernel
        if call.play:
            self.stop("cut")
        kernel.last_play = call.play = play = kernel.last_play + 1
        call.play_line = line
        call.play_since = kernel.now
        call.spoken = spoken
        kernel.outlet.play(line, play, spoken, listening)

    def stop(self, ended: str) -> None:
        """Break off the prompt that is being heard, if any; on another's line it is cut, whatever `ended` says."""
        call = self.call
        if not call.play:
            return
        own = call.play_line == call.line
        if not (call.gone and own):
            self.kernel.outlet.stop(call.play_line, call.play)
        self.prompt_heard(ended if own else "cut")

    def prompt_heard(self, ended: str) -> None:
        """The prompt is over."""
        call, kernel = self.call, self.kernel
        spoken = call.spoken
        assert spoken is not None
        call.play = 0
        text = spoken.text or spoken.wav
        kernel.tell(
            PromptHeard(kernel.now, call.id, call.play_line, text, spoken.language, call.play_since, ended)
        )

    def music(self, name: str) -> None:
        """Play music from now on, or stop it (empty name)."""
        self.kernel.outlet.music(self.call.line, name)

    # The step's alarm --------------------------------------------------------------------------------------

    def wake_in(self, delay_ms: Ms, tag: str) -> None:
        """Set the step's one alarm; `alarm(tag)` follows unless it is cleared or set again."""
        call, kernel = self.call, self.kernel
        if call.alarm is not None:
            kernel.timers.cancel(call.alarm)
        call.alarm = kernel.timers.set(kernel.now + delay_ms, kernel.flows.wake, (call, tag))

    def clear_alarm(self) -> None:
        """Take the step's alarm back."""
        call = self.call
        if call.alarm is not None:
            self.kernel.timers.cancel(call.alarm)
            call.alarm = None

    # Keys and words ----------------------------------------------------------------------------------------

    def take(self, key: str, *, secret: bool = False) -> None:
        """A key was of use."""
        call, kernel = self.call, self.kernel
        call.failing = False
        if call.ahead:
            call.ahead = False  # it was told when it was pressed
            return
        kernel.tell(KeyHeard(kernel.now, call.id, "•" if secret else key, "taken"))

    def keep(self, key: str) -> None:
        """Keep a key for a later step; too many are dropped."""
        kept = self.call.kept
        if kept is None:
            self.call.kept = kept = []
        if len(kept) >= TYPE_AHEAD_MAX:
            self.kernel.bound("type_ahead", call_name(self.call.id))
            self._key(key, "ignored")
            return
        kept.append(key)
        self._key("•" if self.call.plan.secret else key, "kept")

    def has_kept(self) -> bool:
        """Whether keys wait for a step that listens."""
        return bool(self.call.kept)

    def take_kept(self) -> str | None:
        """The first key that was kept; what a step makes of it is not told again."""
        call = self.call
        if not call.kept:
            return None
        call.ahead = True
        return call.kept.pop(0)

    def drop_kept(self) -> None:
        """Forget the keys that were kept."""
        self.call.kept = None

    def ignore_key(self, key: str) -> None:
        """A key that nobody listens to."""
        self._key(key, "ignored")

    def invalid_key(self, key: str) -> None:
        """A key that is not one of the options."""
        self._key(key, "invalid")

    def _key(self, key: str, use: str) -> None:
        call = self.call
        if call.ahead:
            call.ahead = False
            return
        self.kernel.tell(KeyHeard(self.kernel.now, call.id, key, use))

    def take_speech(self, text: str, choice: str) -> None:
        """Words were understood as a choice, or not (empty)."""
        if choice:
            self.call.failing = False
        self.kernel.tell(SpeechTaken(self.kernel.now, self.call.id, text, choice))

    def ignore_speech(self, text: str) -> None:
        """Words that nobody listens to."""
        self.take_speech(text, "")

    def tries(self) -> int:
        """The misses of the step so far."""
        return self.call.tries

    def repeat_once(self) -> bool:
        """Whether the prompt of the step has not been said once more yet since it was asked; now it has."""
        call = self.call
        asked = (call.since, call.tries)
        if call.repeated == asked:
            return False
        call.repeated = asked
        return True

    def count_miss(self, kind: str) -> int:
        """Count a miss of the step and of the call; the step's tries so far."""
        call = self.call
        call.tries += 1
        call.errors += 1
        call.entry = ""
        self.kernel.tell(InputMissed(self.kernel.now, call.id, kind, call.tries))
        return call.tries

    # Digits ------------------------------------------------------------------------------------------------

    def entry(self) -> str:
        """The digits keyed so far."""
        return self.call.entry.removeprefix("?")

    def add_digit(self, digit: str) -> int:
        """One more digit; how many there are."""
        self.call.entry += digit
        return len(self.call.entry)

    def set_entry(self, digits: str) -> None:
        """All digits at once."""
        self.call.entry = digits

    def confirming(self) -> bool:
        """Whether the entry is being read back."""
        return self.call.entry.startswith("?")

    def begin_confirmation(self) -> None:
        """The entry is read back."""
        self.call.entry = "?" + self.call.entry

    def end_confirmation(self) -> None:
        """The entry is dropped."""
        self.call.entry = ""
