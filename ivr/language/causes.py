"""`caused:` of a people file compiled: who calls because of what has happened to a row of the company."""

from dataclasses import dataclass

from ivr.core.flow.nearness import did_you_mean as suggest
from ivr.language.center_parts import Surroundings
from ivr.language.law_models import Law
from ivr.language.people_models import CallersModel, CausedModel
from ivr.language.trigger_parts import Columns, columns_read, known_table, row_condition
from ivr.language.world_model import Becomes


@dataclass(frozen=True, slots=True)
class Cause:
    """Callers of a `kind`: a `share` of those for whose row it `becomes` true, so long `after` it (None: at once)."""

    kind: str
    becomes: Becomes
    share: float
    after: Law | None


def causes(model: CallersModel, columns: Columns, around: Surroundings) -> tuple[Cause, ...]:
    """Every cause, in order; what does not fit is reported."""
    kinds = [str(kind.name) for kind in model.kinds]
    return tuple(_cause(one, kinds, columns, around) for one in model.caused)


def _cause(model: CausedModel, kinds: list[str], columns: Columns, around: Surroundings) -> Cause:
    if str(model.kind) not in kinds:
        hint = suggest(model.kind, kinds)
        around.unknown(model.kind, "kind", f"there is no kind of caller {str(model.kind)!r}", hint)
    crossing = model.becomes
    if known_table(crossing.rows, columns, around) and "phone" not in columns[str(crossing.rows)]:
        message = f"the table {str(crossing.rows)!r} has no phones"
        around.report.add(crossing.rows, "unknown-column", message, "add a column phone")
    when = row_condition(str(model.kind), crossing.when, crossing.rows, columns, around)
    becomes = Becomes(str(crossing.rows), when, columns_read(crossing.when))
    return Cause(str(model.kind), becomes, model.share, model.after)
