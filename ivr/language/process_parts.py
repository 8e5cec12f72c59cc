"""The `processes:` of a center's world compiled: what changes rows by itself."""

from ivr.core.flow.nearness import did_you_mean as suggest
from ivr.core.time import DAY, MINUTE
from ivr.language.center_parts import Surroundings, days_of
from ivr.language.company_models import ProcessModel
from ivr.language.tree import Text
from ivr.language.trigger_parts import Columns, known_table, row_reader
from ivr.language.world_model import Process


def process(name: Text, model: ProcessModel, columns: Columns, around: Surroundings) -> Process:
    """One process; what does not fit is reported."""
    known_table(model.rows, columns, around)
    _check_times(model, around)
    known = columns.get(str(model.rows), {})
    reader = row_reader(str(name), model.rows, columns, around)
    when = reader.condition(model.when) if model.when is not None else None
    sets = {}
    for column, text in model.sets.items():
        if str(column) in known:
            sets[str(column)] = reader.value(text, known[str(column)], around.language)
        elif str(model.rows) in columns:
            around.unknown(column, "column", f"there is no column {str(column)!r}", suggest(column, known))
    days = frozenset(days_of(model.days, around.report))
    timing = (model.at, days, model.every or 0)
    return Process(str(name), str(model.rows), *timing, sets, when, model.chance)


def _check_times(model: ProcessModel, around: Surroundings) -> None:
    report = around.report
    if model.lost:
        return
    if model.at is None and model.every is None:
        report.add(model.place, "process", "nothing says when it goes on", "write at: 00:00, or every: 1h")
    elif model.at is None and "days" in model.model_fields_set:
        report.add(model.place_of_key("days"), "process", "'days' goes with a time", "add at: 00:00")
    if model.every is None:
        return
    place = model.place_of_key("every")
    if model.every < MINUTE:
        report.add(place, "process", "that is too often", "write every: 1m or more")
    if model.at is not None and model.every % DAY:
        report.add(
            place, "process", "with a time, it goes on every so many days", "write every: 1d, or delete at"
        )
    if model.at is not None and "days" in model.model_fields_set and model.every != DAY:
        report.add(place, "process", "'days' and 'every' both say on which days", "delete one")
