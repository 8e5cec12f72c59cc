"""The `triggers:` of a center compiled: when a flow begins without a call."""

import ast
from collections.abc import Mapping

from ivr.core.flow.expression import ExpressionError, parse_expression
from ivr.core.flow.model import Expression
from ivr.core.flow.nearness import did_you_mean as suggest
from ivr.core.flow.scope_schema import ITSELF
from ivr.core.flow.values import ValueType
from ivr.core.time import MINUTE
from ivr.language import leads
from ivr.language.center_parts import Surroundings, days_of
from ivr.language.scoping import Reader
from ivr.language.tree import Text
from ivr.language.trigger_models import KINDS, TriggerModel
from ivr.language.world_model import Becomes, CallEnds, Campaign, Comes, Schedule, Trigger, Writes

Columns = Mapping[str, Mapping[str, ValueType]]


def trigger(name: Text, model: TriggerModel, columns: Columns, around: Surroundings) -> Trigger:
    """One trigger; what does not fit is reported."""
    report = around.report
    said = [kind for kind in KINDS if getattr(model, kind) is not None]
    if len(said) != 1 and not model.lost:
        message = f"both {said[0]!r} and {said[1]!r} say when" if said else "nothing says when"
        report.add(
            model.place_of_key(said[1]) if said else name,
            "trigger",
            message,
            f"write one of {', '.join(KINDS)}",
        )
    table = model.table
    if model.into is not None:
        if table is None and model.campaign is None and not model.lost:
            report.add(model.into, "trigger", "'into' shows a row, and this has none", "delete it")
        around.known(model.into, "data", around.schema)
    if table is not None and known_table(table, columns, around):
        known = columns[str(table)]
        if "phone" in model.model_fields_set and str(model.phone) not in known:
            hint = suggest(model.phone, known)
            around.unknown(model.phone, "column", f"there is no column {str(model.phone)!r}", hint)
    kind = _kind(str(name), model, columns, around)
    into = str(model.into or "")
    return Trigger(str(name), kind, model.after, into, str(model.phone), tuple(around.schema.get(into, {})))


def known_table(table: Text, columns: Columns, around: Surroundings) -> bool:
    """Whether there is such a table; reported if not."""
    if str(table) in columns:
        return True
    around.unknown(table, "table", f"there is no table {str(table)!r}", suggest(table, columns))
    return False


def _kind(
    name: str, model: TriggerModel, columns: Columns, around: Surroundings
) -> Schedule | Becomes | Comes | CallEnds | Writes | Campaign:
    if model.schedule is not None:
        return _schedule(name, model, columns, around)
    if model.becomes is not None:
        becomes = model.becomes
        when = row_condition(name, becomes.when, becomes.rows, columns, around)
        return Becomes(str(becomes.rows), when, columns_read(becomes.when))
    if model.comes is not None:
        comes = model.comes
        known = columns.get(str(comes.rows), {})
        if str(comes.rows) in columns and str(comes.date) not in known:
            hint = suggest(comes.date, known)
            around.unknown(comes.date, "column", f"there is no column {str(comes.date)!r}", hint)
        elif str(comes.date) in known and known[str(comes.date)].kind not in ("date", "datetime"):
            message = f"{str(comes.date)!r} is {known[str(comes.date)]}, not a date"
            hint = "declare it as a date in the data root that shows the table's rows"
            around.report.add(comes.date, "type", message, hint)
        fits = (
            row_condition(name, comes.when, comes.rows, columns, around) if comes.when is not None else None
        )
        return Comes(str(comes.rows), str(comes.date), comes.days_before, comes.at, fits)
    if model.message is not None:
        return Writes(str(model.message))
    if model.campaign is not None:
        return leads.campaign(model, model.campaign, around)
    return _ended(model, around)


def _schedule(name: str, model: TriggerModel, columns: Columns, around: Surroundings) -> Schedule:
    report, schedule = around.report, model.schedule
    assert schedule is not None
    if (schedule.at is None) == (schedule.every is None) and not schedule.lost:
        report.add(
            schedule.place, "trigger", "a schedule has a time, or a pause", "write at: 10:00, or every: 1h"
        )
    if schedule.every is not None and schedule.every < MINUTE:
        report.add(schedule.place_of_key("every"), "trigger", "that is too often", "write every: 1m or more")
    when = None
    if schedule.when is not None:
        if schedule.rows is None and not schedule.lost:
            report.add(schedule.when, "trigger", "there is no row to look at", "add rows: TABLE")
        else:
            when = row_condition(name, schedule.when, schedule.rows, columns, around)
    days = frozenset(days_of(schedule.days, report))
    return Schedule(schedule.at, days, schedule.every or 0, str(schedule.rows or ""), when)


def row_reader(name: str, table: Text | None, columns: Columns, around: Surroundings) -> Reader:
    """Reads what may be said of a row of a table."""
    schema = row_schema(columns.get(str(table), {}))
    unsure = not around.lost.names.isdisjoint(("tables", "data", "world", str(table)))
    unsure = unsure or str(table) not in columns
    return Reader(around.report, schema, {}, around.currency, name, lenient=unsure, dry=around.dry)


def row_schema(columns: Mapping[str, ValueType]) -> dict[str, Mapping[str, ValueType]]:
    """What expressions over a row may read: the row, the moment, the day."""
    return {"row": columns, "now": {ITSELF: ValueType("datetime")}, "today": {ITSELF: ValueType("date")}}


def row_condition(
    name: str, text: Text, table: Text | None, columns: Columns, around: Surroundings
) -> Expression:
    """A condition of a row."""
    return row_reader(name, table, columns, around).condition(text)


def columns_read(text: Text) -> frozenset[str]:
    """The columns that a condition of a row reads: it cannot change while they do not."""
    try:
        tree = parse_expression(text)
    except ExpressionError:
        return frozenset()  # it is reported where it is compiled
    return frozenset(
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "row"
    )


def _ended(model: TriggerModel, around: Surroundings) -> CallEnds:
    if model.missed_call is not None:
        for number in model.missed_call:
            around.known(number, "number", around.numbers)
        return CallEnds(tuple(str(number) for number in model.missed_call), missed=True)
    ended = model.call_ended
    if ended is None:
        return CallEnds()
    if ended.number is not None:
        around.known(ended.number, "number", around.numbers)
    numbers = (str(ended.number),) if ended.number is not None else ()
    return CallEnds(numbers, str(ended.flow or ""), str(ended.outcome or ""), str(ended.state or ""))
