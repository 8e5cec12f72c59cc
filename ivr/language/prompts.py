"""Spoken texts to prompts, and the texts that are generated: menus from their labels, keys of offers."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from ivr.core.flow.model import Prompt, Scope, Template
from ivr.core.flow.steps.appointment import CONFIRM_KEY, DECLINE_KEY, MORE_KEY
from ivr.core.time import Ms
from ivr.language import doubts
from ivr.language.center_parts import Surroundings
from ivr.language.fields import Spoken
from ivr.language.scoping import Reader
from ivr.language.speech import base, window
from ivr.language.templates import constant_template, join_templates
from ivr.language.tree import Text

_PRESS: Final[Mapping[str, str]] = {
    "en": "{label}, press {key}.",
    "ru": "{label}, нажмите {key}.",
    "uk": "{label}, натисніть {key}.",
}
_OPERATOR: Final[Mapping[str, str]] = {
    "en": "To speak to a person",
    "ru": "Чтобы поговорить с сотрудником",
    "uk": "Щоб поговорити з працівником",
}
_ACCEPT: Final[Mapping[str, str]] = {"en": "To accept", "ru": "Чтобы согласиться", "uk": "Щоб погодитися"}
_DECLINE: Final[Mapping[str, str]] = {"en": "To decline", "ru": "Чтобы отказаться", "uk": "Щоб відмовитися"}
_AGREE: Final[Mapping[str, str]] = {"en": "If you agree", "ru": "Если вы согласны", "uk": "Якщо ви згодні"}
_REFUSE: Final[Mapping[str, str]] = {"en": "If not", "ru": "Если нет", "uk": "Якщо ні"}
_CONFIRM: Final[Mapping[str, str]] = {
    "en": "To confirm",
    "ru": "Чтобы подтвердить",
    "uk": "Щоб підтвердити",
}
_OTHER_TIME: Final[Mapping[str, str]] = {
    "en": "If that does not suit you",
    "ru": "Если это время не подходит",
    "uk": "Якщо цей час не підходить",
}
_MORE: Final[Mapping[str, str]] = {
    "en": "For other times",
    "ru": "Чтобы услышать другое время",
    "uk": "Щоб почути інший час",
}
_KEY_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {"*": "star", "#": "hash"},
    "ru": {"*": "звёздочку", "#": "решётку"},
    "uk": {"*": "зірочку", "#": "решітку"},
}


class Prompts:
    """Makes prompts of one flow, and remembers which languages its texts have."""

    def __init__(self, reader: Reader, around: Surroundings) -> None:
        self._reader = reader
        self._around = around
        self._heard: list[Spoken] = []

    def prompt(
        self,
        spoken: Spoken,
        *,
        wav: Text | None = None,
        barge_in: bool = True,
        must_hear: bool = False,
        voice: Text | None = None,
        lang: Text | None = None,
        silent: bool = False,
    ) -> Prompt:
        """A prompt for a caller or an agent; one that may be `silent` is more than its text."""
        report, language = self._around.report, str(lang or "")
        if voice is not None:
            doubts.check_voice(voice, report, recorded=wav is not None)
        if lang is not None:
            doubts.check_lang(spoken, lang, report)
        if wav is None and not silent:
            doubts.check_said(spoken, report)
        texts = self.texts(spoken, language)
        sounds: dict[str, tuple[str, Ms]] = {}
        if wav is not None:
            length = self._around.sounds.length(str(wav), wav, report)
            sounds = {language or self._around.language: (str(wav), length)}
        return Prompt(texts, sounds, barge_in and not must_hear, must_hear, str(voice or ""), language)

    def texts(self, spoken: Spoken, language: str = "") -> dict[str, Template]:
        """The compiled text for each language it is written in, the center's own first."""
        self._heard.append(spoken)
        if spoken.plain is not None:
            code = language or self._around.language
            return {code: self._reader.template(spoken.plain, code)}
        own = self._around.language
        for code in spoken.languages:
            doubts.check_language(Text.of(code), self._around.report)
        return {
            code: self._reader.template(spoken.languages[Text.of(code)], code)
            for code in sorted(map(str, spoken.languages), key=lambda code: code != own)
        }

    def menu(self, question: Spoken, labels: Sequence[tuple[str, Spoken]], *, operator: bool) -> Prompt:
        """The question, then `LABEL, press KEY.` for each choice in order, then the operator's key."""
        asked = self.texts(question)
        said = [(key, self.texts(label)) for key, label in labels]
        languages = self._in_order([asked, *(texts for _, texts in said)])
        result = {}
        for code in languages:
            self._words(code, question)
            parts = [_in(asked, code)]
            parts += [_press(_in(texts, code), key, code) for key, texts in said]
            if operator:
                parts.append(_press(constant_template(_word(_OPERATOR, code)), "0", code))
            result[code] = join_templates(parts)
        return Prompt(result)

    def offer(self, spoken: Spoken, accept: str, decline: str) -> Prompt:
        """The offer, then the keys that accept and decline it."""
        return self._two_keys(spoken, (_ACCEPT, accept), (_DECLINE, decline))

    def consent(self, spoken: Spoken, agree: str, refuse: str) -> Prompt:
        """The question, then the keys that agree and refuse."""
        return self._two_keys(spoken, (_AGREE, agree), (_REFUSE, refuse))

    def _two_keys(self, spoken: Spoken, *ways: tuple[Mapping[str, str], str]) -> Prompt:
        result = {}
        for code, text in self.texts(spoken).items():
            self._words(code, spoken)
            keys = [_press(constant_template(_word(words, code)), key, code) for words, key in ways]
            result[code] = join_templates([text, *keys])
        return Prompt(result)

    def appointment(self, spoken: Spoken, *, confirm: bool) -> Prompt:
        """The question, then the windows on offer (or yes and no), each with its key."""
        if confirm:
            return self._two_keys(spoken, (_CONFIRM, CONFIRM_KEY), (_OTHER_TIME, DECLINE_KEY))
        result = {}
        for code, text in self.texts(spoken).items():
            self._words(code, spoken)
            result[code] = join_templates([text, _windows(code)])
        return Prompt(result)

    def _words(self, code: str, spoken: Spoken) -> None:
        if base(code) not in _PRESS:
            doubts.check_wordless(code, spoken.place, self._around)

    def label(self, spoken: Spoken | None) -> str:
        """A choice's label in the center's language, for screens."""
        if spoken is None:
            return ""
        text = (
            spoken.plain
            or spoken.languages.get(self._around.language)
            or next(iter(spoken.languages.values()))
        )
        return " ".join(text.split())

    def warn_untranslated(self) -> None:
        """Warn of each text that lacks a language other texts of the flow have."""
        own = self._around.language
        wanted = {code for spoken in self._heard for code in spoken.languages}
        if not wanted:
            return
        for spoken in self._heard:
            missing = sorted(wanted - (set(spoken.languages) or {own}))
            if missing:
                code = missing[0]
                message = f"the text is not there in {', '.join(missing)}"
                self._around.report.warn(
                    spoken.place, "translation", message, f"write {{{own}: ..., {code}: ...}}"
                )

    def _in_order(self, all_texts: Iterable[Mapping[str, Template]]) -> list[str]:
        codes = {code: None for texts in all_texts for code in texts}
        return sorted(codes, key=lambda code: code != self._around.language)


def phrases_of(spoken: Spoken | None, extra: Iterable[Text]) -> list[str]:
    """What a caller may say for a choice: the author's list and the labels, casefolded."""
    labels = (
        [] if spoken is None else [spoken.plain] if spoken.plain is not None else [*spoken.languages.values()]
    )
    texts = [*extra, *(label for label in labels if label is not None and "{" not in label)]
    phrases = {" ".join(text.casefold().split()).rstrip(".!,;:?"): None for text in texts}
    return [phrase for phrase in phrases if phrase]


def _in(texts: Mapping[str, Template], code: str) -> Template:
    return texts.get(code) or next(iter(texts.values()))


def _press(label: Template, key: str, code: str) -> Template:
    words = _KEY_WORDS.get(base(code), _KEY_WORDS["en"])
    before, _, after = _word(_PRESS, code).partition("{label}")
    ending = after.format(key=words.get(key, key))
    if not label.needs:
        return constant_template(before + label.source.rstrip(" .,;:") + ending)
    say = label.fn
    source = label.source.rstrip(" .,;:") + ending
    return Template(source, label.needs, lambda scope: say(scope).rstrip(" .,;:") + ending, label.tells_wait)


def _windows(code: str) -> Template:
    """What reads out the windows of the page that is on offer: `appointment.choices` of the scope."""

    def said(scope: Scope) -> str:
        shown = scope["appointment"]
        parts = [
            _press(constant_template(window(starts, ends, code)), str(number), code).source
            for number, (starts, ends) in enumerate(shown["choices"], 1)
        ]
        if shown["more"]:
            parts.append(_press(constant_template(_word(_MORE, code)), MORE_KEY, code).source)
        return " ".join(part[0].upper() + part[1:] for part in parts)

    return Template("{windows}", frozenset(("appointment",)), said)


def _word(words: Mapping[str, str], code: str) -> str:
    return words.get(base(code), words["en"])
