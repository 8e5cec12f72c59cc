"""Files that stand beside or above a center: tests of call flows, and stories."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ivr.core.flow.nearness import did_you_mean as suggest
from ivr.core.flow.values import coerce
from ivr.errors import AuthorError
from ivr.language import speech
from ivr.language.center_parts import Surroundings
from ivr.language.compile import CENTER_FILE, Center, load_center
from ivr.language.problems import Problem, Report
from ivr.language.reading import parse, read_file
from ivr.language.story_models import KINDS, DoesModel, EntryModel, StoryModel, entries
from ivr.language.talk_parts import Talks
from ivr.language.tree import Text
from ivr.language.trials import TRIAL_ENDING, check_trials, find_trials
from ivr.language.validate import validate

STORY_FILE: Final = "story.yaml"
_FIRST_YEAR: Final = 1900
_LAST_YEAR: Final = 2999
VERSIONS: Final = ("as-told", "improved")
"""The folders of the two centers of a story."""


def is_beside(path: Path) -> bool:
    """Whether a path is a test, a story or its folder, which are checked with their centers and not as a part of one."""
    if path.is_dir():
        return (path / STORY_FILE).is_file() and not (path / CENTER_FILE).is_file()
    return path.name.endswith(TRIAL_ENDING) or path.name == STORY_FILE


def check_beside(path: Path) -> list[Problem]:
    """Every problem of a test or a story; of a folder, those of the tests in it."""
    if path.name == STORY_FILE and not path.is_dir():
        return check_story(path)
    if is_beside(path):
        return check_story(path / STORY_FILE) if path.is_dir() else check_trials([path])
    tests = find_trials(path if path.is_dir() else path.parent)
    return check_trials(tests) if tests else []


def load_story(path: Path) -> StoryModel:
    """A story that is right, with both its centers.

    Raises:
        AuthorError: with every problem of it.
    """
    report = Report()
    story = _read(path, report)
    if story is None or report.failed:
        raise AuthorError(report.errors)
    return story


def check_story(path: Path) -> list[Problem]:
    """Every problem of a story."""
    report = Report()
    _read(path, report)
    return report.problems


def _read(path: Path, report: Report) -> StoryModel | None:
    text = read_file(path, str(path), report)
    tree = parse(text, str(path), report) if text is not None else None
    story = validate(StoryModel, tree, report) if tree is not None else None
    if story is None:
        return None
    if not speech.known_language(str(story.language)):
        message = f"there is no language {str(story.language)!r}"
        report.add(story.language, "language", message, "write a code such as en, ru or uk")
    _check_times(story.timeline, report)
    _check_words(story, report)
    for entry in entries(story.timeline):
        if entry.does is not None and not entry.does.lost:
            _check_does(entry.does, report)
    for name in VERSIONS:
        _check_center(story, path.parent / name, name, report)
    return story


def _check_times(timeline: list[EntryModel], report: Report, *, first: bool = True) -> None:
    """Every entry has one kind and one time, and they go forward."""
    before = None
    for number, entry in enumerate(timeline):
        if entry.lost:
            continue
        kinds = [kind for kind in KINDS if getattr(entry, kind) is not None]
        if len(kinds) > 1:
            message = f"both {kinds[0]!r} and {kinds[1]!r} happen here"
            report.add(entry.place, "story", message, "make two entries of it")
        if not kinds and entry.tells is None:
            report.add(entry.place, "story", "nothing happens here", f"write tells, or {', '.join(KINDS)}")
        if (entry.then or entry.else_) and not kinds:
            report.add(entry.place, "story", "nothing can come about here", "delete then and else")
        _check_times(entry.then, report, first=False)
        _check_times(entry.else_, report, first=False)
        if entry.on is not None and entry.after is not None:
            report.add(entry.place_of_key("after"), "story", "'on' and 'after' both say when", "delete one")
        if first and not number and entry.on is None:
            report.add(entry.place, "story", "nothing says when the story begins", "add on: 2026-12-03T10:00")
        if entry.on is not None and not _FIRST_YEAR <= entry.on.year <= _LAST_YEAR:
            message = f"stories are told of the years {_FIRST_YEAR} to {_LAST_YEAR}"
            report.add(entry.place_of_key("on"), "story", message, "write another year")
        if entry.on is not None and before is not None and entry.on < before:
            report.add(
                entry.place_of_key("on"), "story", "this is before the entry above it", "put it in order"
            )
        before = entry.on or before


def _check_words(story: StoryModel, report: Report) -> None:
    """What the customer says can be said, and is an act that there is."""
    talks = Talks(Surroundings(report, language=str(story.language)))
    talks.known(story.customer.knows)
    replies = [*story.customer.replies]
    for entry in entries(story.timeline):
        for model in (entry.calls, entry.is_called):
            if model is not None:
                talks.words(model.says)
                replies += model.replies
    for reply in replies:
        talks.reply(reply)


def _check_does(model: DoesModel, report: Report) -> None:
    if model.request is not None and model.counts is not None:
        message = "both 'request' and 'counts' are done here"
        report.add(model.place_of_key("counts"), "story", message, "make two entries of it")
    for key, owner in (("with", "request"), ("where", "counts")):
        if getattr(model, "with_" if key == "with" else key) and getattr(model, owner) is None:
            report.add(model.place_of_key(key), "story", f"{key!r} belongs to {owner!r}", f"add {owner}:")


def _check_center(story: StoryModel, folder: Path, name: str, report: Report) -> None:
    """One of the two centers: it is there, can be served, and has the numbers that are called."""
    if not (folder / CENTER_FILE).is_file():
        message = f"there is no center in {name}/"
        report.add(story.place_of_key("story"), "no-center", message, f"add {name}/{CENTER_FILE}")
        return
    try:
        center = load_center(folder)
    except AuthorError as fault:
        count = len(fault.problems)
        message = f"the center in {name}/ has {count} problem{'s' * (count > 1)}"
        report.add(story.place_of_key("story"), "no-center", message, f"see ivr check {folder}")
        return
    for entry in entries(story.timeline):
        _check_entry(entry, center, name, report)


def _check_entry(entry: EntryModel, center: Center, name: str, report: Report) -> None:
    if entry.calls is not None and str(entry.calls.number) not in center.plan.numbers:
        number = entry.calls.number
        message = f"the center in {name}/ has no number {str(number)!r}"
        report.add(number, "unknown-number", message, suggest(number, center.plan.numbers))
    if entry.does is not None and entry.does.request is not None:
        _check_request(entry.does.request, entry.does.with_, center, name, report)
    if entry.does is not None and entry.does.counts is not None:
        _check_columns(entry.does.counts, entry.does.where, center, name, report)
    if entry.changes is not None:
        for values in (entry.changes.where, entry.changes.sets):
            _check_columns(entry.changes.table, values, center, name, report)


def _check_request(
    request: Text, written: Mapping[Text, Text], center: Center, name: str, report: Report
) -> None:
    known = center.plan.requests.get(str(request))
    if known is None:
        message = f"the center in {name}/ has no lookup or run {str(request)!r}"
        report.add(request, "unknown-lookup", message, suggest(request, center.plan.requests))
        return
    what = f"{str(request)!r} in {name}/"
    for arg, value in written.items():
        if str(arg) not in known.args:
            report.add(arg, "unknown-argument", f"{what} takes no {str(arg)!r}", suggest(arg, known.args))
            continue
        try:
            coerce(str(value), known.args[str(arg)])
        except ValueError as fault:
            message = f"{fault}, and {str(arg)!r} of {what} is {known.args[str(arg)]}"
            report.add(value, "type", message, "write a value of that type")
    for needed in known.args:
        if needed not in map(str, written):
            hint = f"add with: {{{needed}: ...}}"
            report.add(request, "missing-argument", f"{what} needs {needed!r}", hint)


def _check_columns(
    table: Text, wanted: Mapping[Text, Text], center: Center, name: str, report: Report
) -> None:
    if str(table) not in center.world.tables:
        message = f"the center in {name}/ has no table {str(table)!r}"
        report.add(table, "unknown-table", message, suggest(table, center.world.tables))
        return
    columns = center.world.columns.get(str(table), {})
    for column, value in wanted.items():
        if str(column) not in columns:
            message = f"the table {str(table)!r} in {name}/ has no column {str(column)!r}"
            report.add(column, "unknown-column", message, suggest(column, columns))
            continue
        try:
            coerce(str(value), columns[str(column)])
        except ValueError as fault:
            message = f"{fault}, and the column {str(column)!r} in {name}/ is {columns[str(column)]}"
            report.add(value, "type", message, "write a value of that type")
