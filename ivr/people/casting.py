"""From a center's people file to the script of a cast."""

from collections.abc import Mapping

from ivr.core.calendar import Hours
from ivr.core.law import (
    Law,
    empirical,
    exponential,
    fixed,
    gamma,
    hyperexponential,
    lognormal,
    uniform,
    weibull,
)
from ivr.language import Center
from ivr.language.arrivals import arrival_plan
from ivr.language.causes import causes
from ivr.language.center_parts import Surroundings
from ivr.language.law_models import (
    Empirical,
    Exponential,
    Fixed,
    Gamma,
    Hyperexponential,
    Law as LawModel,
    Lognormal,
    Uniform,
    Weibull,
)
from ivr.language.people_models import (
    AgentHabits,
    CalledModel,
    CallerKind as CallerKindModel,
    ComplainsModel,
    HearsWaitModel,
)
from ivr.language.problems import Report
from ivr.language.talk_model import TalkScript
from ivr.people.script import AgentScript, Called, CallerKind, Cause, Complains, HearsWait, Script


def cast_script(center: Center, *, callers: bool = True) -> Script:
    """Who is simulated in a center: every agent and caller its people file describes; nobody without one.

    Without `callers`, only agents and who is called.
    """
    people = center.people
    if people is None:
        return Script({})
    habits = {str(name): model for name, model in people.agents.items()}
    default = habits.get("default", AgentHabits())
    hours = center.plan.hours
    agents = {
        name: _agent(default, habits.get(name, AgentHabits()), hours, center.scripts)
        for name in center.plan.agents
    }
    called = _called(people.called) if people.called is not None else Called()
    if people.callers is None or not callers:
        return Script(agents, called=called)
    kinds = tuple(_kind(kind, center) for kind in people.callers.kinds)
    model = people.callers.arrivals
    plain = model.rate is not None and model.busyness is None
    arrivals = arrival_plan(model, center.sources, center.plan.numbers, Report())
    between_ms = 1 / model.rate if plain and model.rate is not None else None
    named = {kind.name: kind for kind in kinds}
    found = causes(people.callers, center.world.columns, Surroundings(Report()))
    caused = tuple(
        Cause(
            named[cause.kind],
            cause.becomes,
            cause.share,
            law_of(cause.after) if cause.after is not None else fixed(0),
        )
        for cause in found
    )
    return Script(agents, kinds, between_ms, people.callers.at_start, called, arrivals, caused)


def _called(model: CalledModel) -> Called:
    after = law_of(model.answers_after) if model.answers_after is not None else Called().answers_after
    return Called(model.picks_up, model.machines, model.busy, after)


def law_of(model: LawModel) -> Law:
    """A law as written in a people file; a plain duration is a fixed one."""
    match model:
        case int():
            return fixed(model)
        case Fixed():
            return fixed(model.value)
        case Exponential():
            return exponential(model.mean)
        case Lognormal():
            return lognormal(model.mean, model.cv)
        case Uniform():
            return uniform(model.low, model.high)
        case Weibull():
            return weibull(model.mean, model.shape)
        case Gamma():
            return gamma(model.mean, model.cv)
        case Hyperexponential():
            return hyperexponential([(float(part.share), part.mean) for part in model.parts])
        case Empirical():
            return empirical(model.values)
        case _:
            raise AssertionError(f"the checker lets no other law through: {model}")


def _agent(
    default: AgentHabits, own: AgentHabits, hours: Mapping[str, Hours], scripts: Mapping[str, TalkScript]
) -> AgentScript:
    habits = default.model_copy(update={name: getattr(own, name) for name in own.model_fields_set})
    usual = AgentScript()
    return AgentScript(
        law_of(habits.answers_after) if habits.answers_after is not None else usual.answers_after,
        law_of(habits.talks) if habits.talks is not None else usual.talks,
        law_of(habits.wraps_up) if habits.wraps_up is not None else None,
        habits.misses or 0.0,
        habits.rejects or 0.0,
        law_of(habits.works) if habits.works is not None else usual.works,
        habits.no_shows or 0.0,
        hours[str(habits.shift)] if habits.shift is not None else None,
        tuple(hours[str(name)] for name in habits.breaks or ()),
        habits.absent or 0.0,
        law_of(habits.late) if habits.late is not None else None,
        scripts[str(habits.script)] if habits.script is not None else None,
    )


def _kind(kind: CallerKindModel, center: Center) -> CallerKind:
    rows = center.world.tables.get(kind.phone_from, ()) if kind.phone_from else ()
    usual = CallerKind("", "")
    return CallerKind(
        str(kind.name),
        str(kind.dials),
        float(kind.share),
        str(kind.wants or ""),
        tuple(str(row["phone"]) for row in rows if row.get("phone")),
        law_of(kind.patience) if kind.patience is not None else usual.patience,
        law_of(kind.thinks) if kind.thinks is not None else usual.thinks,
        kind.knows,
        kind.accepts_offer,
        kind.leaves_callback,
        kind.hangs_up_in_menu,
        law_of(kind.talks) if kind.talks is not None else None,
        kind.redials,
        law_of(kind.redials_after) if kind.redials_after is not None else usual.redials_after,
        center.conversations.get(str(kind.name)),
        _hears_wait(kind.hears_wait) if kind.hears_wait is not None else None,
        _complains(kind.complains) if kind.complains is not None else None,
    )


def _hears_wait(model: HearsWaitModel) -> HearsWait:
    return HearsWait(model.balks, model.times, model.over, model.calms)


def _complains(model: ComplainsModel) -> Complains:
    return Complains(
        model.share,
        "abandoned" in model.after,
        "turned_away" in model.after,
        model.waited,
        str(model.dials or ""),
        str(model.wants or ""),
        law_of(model.in_) if model.in_ is not None else Complains(0.0).after,
    )
