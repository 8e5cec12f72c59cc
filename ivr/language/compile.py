"""A center's folder (or its sources, for a replay) to a `Center`: read, checked and compiled.

center = load_center(Path("flows/northlight"))     # AuthorError lists every problem
engine = Engine(center.plan, ...)
same = load_sources(center.sources)                # the same digest
"""

import gc
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final, TypeAlias

from ivr.core.flow.model import Flow
from ivr.core.flow.scope_schema import BUILTIN
from ivr.core.plan import Announcement, Plan, QueuePlan
from ivr.errors import AuthorError
from ivr.language import center_checks, center_parts, doubts, talk_parts, treatment_parts, world_parts
from ivr.language.absence import check_absence
from ivr.language.center_models import CenterModel
from ivr.language.center_parts import Surroundings
from ivr.language.flow_builder import FlowBuilder
from ivr.language.inside import Inside
from ivr.language.models import FlowModel
from ivr.language.people_models import PeopleModel
from ivr.language.problems import ERROR, Mark, Problem, Report
from ivr.language.prompts import Prompts
from ivr.language.reading import LIST_ENDING, parse, read_file, read_lists
from ivr.language.results import consents_of, result_fields
from ivr.language.scoping import Reader
from ivr.language.sounds import LENGTHS_SOURCE, Sounds
from ivr.language.talk_model import Conversation, TalkScript
from ivr.language.validate import flow_of, validate
from ivr.language.world_model import WorldModel
from ivr.limits import FILE_BYTES_MAX

CENTER_FILE: Final = "center.yaml"
FLOW_ENDING: Final = ".flow.yaml"
PEOPLE_ENDING: Final = ".people.yaml"

_Models: TypeAlias = dict[str, tuple[FlowModel, str]]

_FILES_MAX: Final = 500  # flows of one center
_LEVELS_UP: Final = 4  # how far above a flow its center.yaml is looked for


@dataclass(frozen=True, slots=True)
class Center:
    """A center ready to serve or to simulate.

    `folder` is None when it was made of sources alone; `sources` are the texts it was made of, by name
    inside the folder; `starts` is the local time at which virtual time begins, with its zone. `flows`
    are the flows as written, for those who want to know where something stands. `scripts` are what agents say, by
    name, `conversations` what callers say, by the name of their kind.
    """

    folder: Path | None
    plan: Plan
    people: PeopleModel | None
    world: WorldModel
    sources: Mapping[str, str]
    warnings: tuple[Problem, ...] = ()
    starts: datetime | None = None
    flows: Mapping[str, FlowModel] = field(default_factory=dict)
    scripts: Mapping[str, TalkScript] = field(default_factory=dict)
    conversations: Mapping[str, Conversation] = field(default_factory=dict)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the garbage collector: what is made here stays, and looking through it takes a fifth of the time."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


@_uncollected()
def load_center(path: Path) -> Center:
    """The center in a folder, or of a `center.yaml`.

    Raises:
        AuthorError: with every problem of every file.
    """
    report = Report()
    center = _from_folder(path, report)
    return _or_raise(center, report)


@_uncollected()
def load_sources(files: Mapping[str, str]) -> Center:
    """The center made of these texts by name; sound files are not needed. The digest is that of the folder.

    Raises:
        AuthorError: with every problem of every file.
    """
    report = Report()
    sources = {name: text.replace("\r\n", "\n").replace("\r", "\n") for name, text in files.items()}
    try:
        sounds = Sounds(None, sources.get(LENGTHS_SOURCE, ""))
    except (ValueError, RecursionError):
        report.add(Mark(LENGTHS_SOURCE), "sound", "the lengths of the sound files cannot be read")
        sounds = Sounds()
    texts = {name: text for name, text in sources.items() if name != LENGTHS_SOURCE}
    return _or_raise(_compile(texts, "", None, sounds, report), report)


def check_center(path: Path) -> list[Problem]:
    """Every problem of a center's folder, of a `center.yaml`, of one flow or one test; errors and warnings.

    The tests of a center are checked when the center itself has no errors: they name what it has.
    """
    from ivr.language.beside import check_beside, is_beside  # they stand on centers

    if is_beside(path):
        return check_beside(path)
    inside = look_inside(path)
    return inside.problems if inside.only or inside.report.failed else inside.problems + check_beside(path)


@_uncollected()
def look_inside(path: Path) -> Inside:
    """A center, or one flow with its center, as far as it can be read: for rules and pictures, not to be run."""
    inside = Inside(Report())
    if path.name.endswith(FLOW_ENDING) and not path.is_dir():
        inside.only = str(path)
        inside.problems = _check_flow(path, inside)
    else:
        _from_folder(path, inside.report, inside)
        inside.problems = inside.report.problems
    return inside


def digest_of(sources: Mapping[str, str]) -> str:
    """The SHA-256 of a center's sources, independent of their order."""
    summed = hashlib.sha256()
    for name in sorted(sources):
        summed.update(f"{name}\0{len(sources[name])}\0{sources[name]}\0".encode(errors="replace"))
    return summed.hexdigest()


def _or_raise(center: Center | None, report: Report) -> Center:
    if center is None or report.failed:
        raise AuthorError(report.errors)
    return center


def _from_folder(path: Path, report: Report, inside: Inside | None = None) -> Center | None:
    folder = path if path.is_dir() else path.parent
    if not path.is_dir() and (path.name != CENTER_FILE or not path.exists()):
        report.add(
            Mark(str(path)), "no-center", "this is no center", "name a folder with a center.yaml in it"
        )
        return None
    prefix = "" if str(folder) == "." else f"{folder}/"
    names = _names(folder, prefix, report)
    texts = {name: read_file(folder / name, prefix + name, report) for name in names}
    settings = [text for name, text in texts.items() if text and not name.endswith(FLOW_ENDING)]
    texts |= read_lists(folder, prefix, settings, report)
    sources = {name: text for name, text in texts.items() if text is not None}
    unread = any(text is None and name.endswith(FLOW_ENDING) for name, text in texts.items())
    return _compile(sources, prefix, folder, Sounds(folder), report, flows_unread=unread, inside=inside)


def _names(folder: Path, prefix: str, report: Report) -> list[str]:
    """The files of a center, by name."""
    try:
        found = sorted(entry.name for entry in folder.iterdir())
    except OSError as error:
        report.add(Mark(prefix), "unreadable", f"the folder cannot be read: {error.strerror}")
        return []
    names = [name for name in found if name.endswith((FLOW_ENDING, PEOPLE_ENDING))]
    if len(names) > _FILES_MAX:
        report.add(Mark(prefix + names[0]), "too-big", f"the center has more than {_FILES_MAX} files")
        names = names[:_FILES_MAX]
    if CENTER_FILE not in found:
        report.add(
            Mark(prefix + CENTER_FILE), "no-center", "there is no center.yaml", "name a folder that has one"
        )
    return [*([CENTER_FILE] if CENTER_FILE in found else []), *names]


def _compile(
    sources: dict[str, str],
    prefix: str,
    folder: Path | None,
    sounds: Sounds,
    report: Report,
    *,
    flows_unread: bool = False,
    inside: Inside | None = None,
) -> Center | None:
    """The center made of these texts, or None; problems go to the report.

    With `inside` it is only to be looked at: nothing that could be run is made.
    """
    if CENTER_FILE not in sources and not report.failed:
        report.add(Mark(prefix + CENTER_FILE), "no-center", "there is no center.yaml")
    if sum(len(text) for text in sources.values()) > 8 * FILE_BYTES_MAX:
        report.add(Mark(prefix + CENTER_FILE), "too-big", "the files of the center are too big together")
        return None
    read = _read(sources, prefix, report)
    around = Surroundings(
        report, sounds=sounds, flows_unread=flows_unread or read.flows_unread, dry=inside is not None
    )
    if read.settings is None:  # the flows are checked for what they say by themselves
        around.complete = False
        compile_flows(read.flows, around)
        return None
    around.lost.join(read.settings.lost)
    around.files = {name: text for name, text in sources.items() if name.endswith(LIST_ENDING)}
    center = _assemble(read.settings, read.flows, sources, around)
    known = {name: model for name, (model, _) in read.flows.items()}
    if inside is not None:
        inside.show(around, known, center.plan.flows, read.settings, center.plan.queues)
    doubts.check_center(read.settings, read.people, known, around)
    if read.people is not None:
        center_checks.check_people(read.people, read.settings, center.world, around)
        scripts, conversations = talk_parts.talks(read.people, around)
        center = replace(center, scripts=scripts, conversations=conversations)
    warnings = tuple(problem for problem in report.problems if problem.severity != ERROR)
    return replace(center, folder=folder, people=read.people, warnings=warnings, flows=known)


@dataclass(slots=True)
class _Files:
    """The models of a center's files, as far as they could be read."""

    settings: CenterModel | None = None
    people: PeopleModel | None = None
    flows: _Models = field(default_factory=dict)
    flows_unread: bool = False


def _read(sources: Mapping[str, str], prefix: str, report: Report) -> _Files:
    read = _Files()
    for name, text in sorted(sources.items()):
        if name.endswith(LIST_ENDING):
            continue
        tree = parse(text, prefix + name, report)
        if name == CENTER_FILE:
            read.settings = validate(CenterModel, tree, report) if tree is not None else None
        elif name.endswith(PEOPLE_ENDING):
            if read.people is not None:
                report.add(Mark(prefix + name), "people", "a center has one people file", "join them")
            read.people = validate(PeopleModel, tree, report) if tree is not None else None
        elif name.endswith(FLOW_ENDING):
            model = flow_of(tree, report)
            if model is None or "flow" in model.lost.names:
                read.flows_unread = True
            if model is not None and _is_new(model, read.flows, report):
                read.flows[str(model.flow)] = (model, text)
    return read


def _is_new(model: FlowModel, flows: _Models, report: Report) -> bool:
    known = flows.get(str(model.flow))
    if known is not None:
        message = f"the flow {str(model.flow)!r} is also in {known[0].flow.file}"
        report.add(model.flow, "duplicate", message, "rename one of them")
    return known is None


def _assemble(
    settings: CenterModel, models: _Models, sources: dict[str, str], around: Surroundings
) -> Center:
    """The center without its people; the problems of its parts go to the report."""
    report = around.report
    _surround(settings, around)
    zone = center_parts.zone(settings, report)
    world = world_parts.world(settings, around)
    queues = _queues(settings, around)
    agents = center_parts.agents(settings, around)
    flows = compile_flows(models, around)
    for flow in (*settings.numbers.values(), *(trigger.flow for trigger in settings.triggers.values())):
        around.known(flow, "flow", models)
    if not settings.lost and not report.failed:
        check_absence(settings, flows, around)
    center_checks.check_use(settings, {name: model for name, (model, _) in models.items()}, around)
    if noted := around.sounds.source():
        sources = {**sources, LENGTHS_SOURCE: noted}
    plan = Plan(
        name=str(settings.center),
        digest=digest_of(sources),
        timezone=zone,
        language=around.language,
        currency=around.currency,
        flows=flows,
        numbers={str(number): str(flow) for number, flow in settings.numbers.items()},
        queues=queues,
        agents=agents,
        contacts={str(name): str(number) for name, number in settings.contacts.items()},
        hours=around.hours,
        requests=around.requests,
        schema=around.schema,
        values=around.values,
        caller_id=str(settings.caller_id or ""),
        secret=any(flow.secret for flow in flows.values()),
        result_values={
            name: kind.natural
            for request in around.requests.values()
            for name, kind in request.result.items()
        },
        consents=around.consents,
        triggers={str(name): str(trigger.flow) for name, trigger in settings.triggers.items()},
        appointments=around.appointments,
        asked_skills=tuple(around.asked),
        remembers=around.remembers,
        treatment=treatment_parts.treatment(settings, report),
    )
    return Center(None, plan, None, world, sources, (), center_parts.start_of(settings, zone, report))


def _surround(settings: CenterModel, around: Surroundings) -> None:
    """Fill in what flows may name; the requests come with the world."""
    report = around.report
    around.schema, around.values = center_parts.data(settings, report)
    around.language = center_parts.language(settings, report)
    around.currency = center_parts.currency(settings, report)
    around.queues = {str(name): name for name in settings.queues}
    around.agents = {str(name): name for name in settings.agents}
    around.serving = {str(name): tuple(map(str, agent.queues)) for name, agent in settings.agents.items()}
    around.contacts = {str(name): name for name in settings.contacts}
    around.numbers = {str(number): number for number in settings.numbers}
    around.hours = center_parts.hours(settings, report)
    around.appointments = center_parts.appointments(settings, report)


def _queues(settings: CenterModel, around: Surroundings) -> dict[str, QueuePlan]:
    schema = {**BUILTIN, **around.schema}
    reader = Reader(
        around.report, schema, {}, around.currency, "center", dry=around.dry, excused=around.lost.names
    )
    prompts = Prompts(reader, around)
    plans = {}
    for name, queue in settings.queues.items():
        for model in queue.announce:
            if (model.at is None) == (model.every is None) and not model.lost:
                message = "an announcement comes at a time or every so often"
                around.report.add(model.place, "announce", message, "write at: start, or every: 60s")
        announce = tuple(Announcement(prompts.prompt(m.say), m.at, m.every) for m in queue.announce)
        plans[str(name)] = replace(center_parts.queue_plan(name, queue, around), announce=announce)
    prompts.warn_untranslated()
    return plans


def compile_flows(models: _Models, around: Surroundings) -> dict[str, Flow]:
    """The flows of a center, with the checks between them."""
    known = {name: model for name, (model, _) in models.items()}
    center_checks.check_recursion(known, around.report)
    results = result_fields(known, around)
    around.consents = consents_of(known)
    return {
        name: FlowBuilder(model, text, around, known, results[name]).build()
        for name, (model, text) in models.items()
    }


def _check_flow(path: Path, inside: Inside) -> list[Problem]:
    """The problems of one flow, seen with the center beside or above it if there is one."""
    report = inside.report
    text = read_file(path, str(path), report)
    model = flow_of(parse(text, str(path), report), report) if text is not None else None
    if text is None or model is None:
        return report.problems
    center = next(
        (
            parent / CENTER_FILE
            for parent in path.absolute().parents[:_LEVELS_UP]
            if (parent / CENTER_FILE).is_file()
        ),
        None,
    )
    if center is None:
        around = Surroundings(report, complete=False)
        inside.show(around, {str(model.flow): model}, compile_flows({str(model.flow): (model, text)}, around))
        message = "there is no center.yaml beside or above it: names outside the flow are not checked"
        report.warn(model.flow, "no-center", message)
        return report.problems
    others = inside.report = Report()
    home = center.parent
    names = [name for name in _names(home, "", others) if not name.endswith(PEOPLE_ENDING)]
    texts = {name: read_file(home / name, name, others) for name in names if (home / name) != path.absolute()}
    sources = {name: other for name, other in texts.items() if other is not None}
    sources[str(path)] = text
    _compile(sources, "", home, Sounds(home), others, inside=inside)
    mine = [problem for problem in others.problems if problem.file == str(path) and problem.code != "unused"]
    if mine or CENTER_FILE not in sources:
        return mine
    return [
        problem for problem in others.problems if problem.file == CENTER_FILE and problem.severity == ERROR
    ]
