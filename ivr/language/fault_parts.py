"""The `faults:` of a center's world compiled: what is broken or slow, and when."""

from typing import Final

from ivr.core.flow.nearness import did_you_mean as suggest
from ivr.language.center_parts import Surroundings
from ivr.language.company_models import FaultModel
from ivr.language.step_models import OUTCOMES
from ivr.language.tree import Text
from ivr.language.world_model import Fault

USUAL: Final = "failed.out_of_service"
_KINDS: Final = ("lookup", "run", "channel")


def fault(name: Text, model: FaultModel, around: Surroundings) -> Fault:
    """One fault; what does not fit is reported. The requests of the center have to be known before."""
    report = around.report
    said = [(kind, word) for kind in _KINDS if (word := getattr(model, kind)) is not None]
    if len(said) != 1 and not model.lost:
        place = model.place_of_key(said[1][0]) if said else name
        message = f"both {said[0][0]!r} and {said[1][0]!r} are named" if said else "nothing is broken here"
        report.add(place, "fault", message, f"write one of {', '.join(_KINDS)}: NAME")
    kind, of = said[0] if said else ("lookup", Text(""))
    if said and kind != "channel":
        around.known(of, kind, [known for known, asked in around.requests.items() if asked.kind == kind])
    if model.hours is not None:
        around.known(model.hours, "hours", around.hours)
    if model.from_ is not None and model.until is not None and model.until <= model.from_:
        report.add(model.place_of_key("until"), "fault", "it ends before it begins", "write a later moment")
    slow = model.outcome is None and model.takes is not None
    outcome = "" if slow else str(model.outcome or USUAL)
    if model.outcome is not None:
        _check_outcome(model.outcome, kind, around)
    hours = around.hours.get(str(model.hours)) if model.hours is not None else None
    when = (model.from_, model.until, hours)
    return Fault(str(name), kind, str(of), *when, outcome, model.share, model.takes)


def _check_outcome(outcome: Text, kind: str, around: Surroundings) -> None:
    known = [word for word in OUTCOMES[kind] if word != "timeout"] if kind != "channel" else ["failed"]
    if outcome.split(".")[0] not in known:
        what = "a message" if kind == "channel" else f"a {kind}"
        message = f"{what} does not end with {str(outcome)!r}"
        around.report.add(outcome, "fault", message, suggest(str(outcome), known))
