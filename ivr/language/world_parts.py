"""The `world:` of `center.yaml` compiled: tables, lookups and runs, and what flows may ask of them."""

from collections.abc import Mapping
from typing import Any

from ivr.core.flow.model import Expression, Template
from ivr.core.flow.nearness import did_you_mean as suggest
from ivr.core.flow.scope_schema import ITSELF
from ivr.core.flow.values import ValueType
from ivr.core.plan import Request
from ivr.language.center_models import CenterModel
from ivr.language.center_parts import Surroundings, check_field_name
from ivr.language.company_models import LookupSettings, RowModel, RunSettings
from ivr.language.fault_parts import fault
from ivr.language.http_parts import service
from ivr.language.process_parts import process
from ivr.language.row_parts import columns_of, rows_of
from ivr.language.scoping import Reader
from ivr.language.tree import Text
from ivr.language.trigger_parts import row_schema, trigger
from ivr.language.world_model import CALLER, Channel, Match, WorldLookup, WorldModel, WorldRun


def world(center: CenterModel, around: Surroundings) -> WorldModel:
    """The compiled world; `around.requests` is filled with what flows may ask."""
    settings = center.world
    columns = {str(name): columns_of(name, table, center, around) for name, table in settings.tables.items()}
    tables = rows_of(center, columns, around)
    lookups = {str(name): _lookup(name, lookup, columns, around) for name, lookup in settings.lookups.items()}
    runs = {}
    for name, run in settings.runs.items():
        if name in lookups:
            around.report.add(name, "duplicate", f"{str(name)!r} is a lookup already", "choose another name")
        runs[str(name)] = _run(name, run, columns, around)
    channels = {
        str(name): Channel(
            model.takes, model.fails, model.replies, model.replies_after, str(model.replies_with)
        )
        for name, model in settings.channels.items()
    }
    triggers = {str(name): trigger(name, model, columns, around) for name, model in center.triggers.items()}
    processes = tuple(process(name, model, columns, around) for name, model in settings.processes.items())
    faults = tuple(fault(name, model, around) for name, model in settings.faults.items())
    return WorldModel(tables, columns, lookups, runs, triggers, channels, faults, processes)


def _match(
    row: RowModel | LookupSettings,
    args: Mapping[str, ValueType],
    columns: Mapping[str, Any],
    around: Surroundings,
) -> Match:
    report = around.report
    if row.from_ is None or not row.match:
        missing = "from" if row.from_ is None else "match"
        if not row.lost:
            hint = f"add '{missing}: ...', or ask a service of yours: http: {{url: ...}}"
            report.add(row.place, "missing-key", f"{missing!r} is missing here", hint)
        return Match("", {})
    if str(row.from_) not in columns:
        around.unknown(
            row.from_, "table", f"there is no table {str(row.from_)!r}", suggest(row.from_, columns)
        )
        return Match("", {})
    known = columns[str(row.from_)]
    for column, source in row.match.items():
        if str(column) not in known:
            around.unknown(column, "column", f"there is no column {str(column)!r}", suggest(column, known))
        elif source != CALLER and str(source) not in args:
            if row.lost:
                continue
            hint = suggest(source, [*args, CALLER])
            around.unknown(source, "argument", f"there is no argument {str(source)!r}", hint)
        elif source != CALLER and args[str(source)].kind != known[str(column)].kind:
            message = f"{str(source)!r} is {args[str(source)]}, the column is {known[str(column)]}"
            report.add(source, "type", message, "give both the same type")
    return Match(str(row.from_), {str(column): str(source) for column, source in row.match.items()})


def _args(name: Text, request: LookupSettings | RunSettings, around: Surroundings) -> dict[str, ValueType]:
    if request.lost:
        around.open_args.add(str(name))
    return _declared(request.args, around)


def _declared(types: Mapping[Text, ValueType], around: Surroundings) -> dict[str, ValueType]:
    return {str(n): kind for n, kind in types.items() if check_field_name(n, n, around.report)}


def _lookup(
    name: Text, lookup: LookupSettings, columns: Mapping[str, Any], around: Surroundings
) -> WorldLookup:
    args = _args(name, lookup, around)
    http = service(lookup, args, around)
    match = _match(lookup, args, columns, around) if http is None else None
    around.known(lookup.into, "data", around.schema)
    result = around.schema.get(str(lookup.into), {})
    around.requests[str(name)] = Request(str(name), "lookup", args, result, str(lookup.into), lookup.timeout)
    return WorldLookup(str(name), args, match, str(lookup.into), lookup.takes, lookup.fails, http)


def _run(name: Text, run: RunSettings, columns: Mapping[str, Any], around: Surroundings) -> WorldRun:
    report = around.report
    args = _args(name, run, around)
    row = _match(run.row, args, columns, around) if run.row is not None else None
    known: Mapping[str, ValueType] = columns.get(row.table, {}) if row is not None else {}
    schema = {**row_schema(known), "args": args, "number": {ITSELF: ValueType("integer")}}
    sees = _sees(run, schema, args, columns, around)
    unsure = bool(run.lost) or not around.lost.names.isdisjoint(("data", str(run.into), *known))
    reader = Reader(report, schema, {}, around.currency, str(name), lenient=unsure, dry=around.dry)
    declines = {str(why): reader.condition(text) for why, text in run.declines.items()}
    sets = _sets(run, known, reader, around, unsure=unsure)
    declared = _declared(run.result, around)
    http = service(run, args, around)
    gives = _gives(run, declared, reader, around, unsure=unsure)
    if run.into is not None and run.row is None and http is None and not run.lost:
        report.add(run.into, "missing-key", "'into' needs a row", "add row: {from: ..., match: ...}")
    into = str(run.into) if run.into is not None and around.known(run.into, "data", around.schema) else ""
    result = {**around.schema.get(into, {}), **declared}
    around.requests[str(name)] = Request(str(name), "run", args, result, into, run.timeout)
    drawn = (run.takes, run.fails, run.declined)
    return WorldRun(str(name), args, row, sets, gives, into, *drawn, http, sees, declines)


def _sees(
    run: RunSettings,
    schema: dict[str, Mapping[str, ValueType]],
    args: Mapping[str, ValueType],
    columns: Mapping[str, Any],
    around: Surroundings,
) -> dict[str, Match]:
    """The other rows that a run reads; `schema`, of what its expressions know, gets their columns."""
    sees = {}
    for name, model in run.sees.items():
        if str(name) in schema:
            around.report.add(name, "duplicate", f"{str(name)!r} is known already", "choose another name")
            continue
        sees[str(name)] = match = _match(model, args, columns, around)
        schema[str(name)] = columns.get(match.table, {})
    return sees


def _sets(
    run: RunSettings,
    known: Mapping[str, ValueType],
    reader: Reader,
    around: Surroundings,
    *,
    unsure: bool,
) -> dict[str, Expression | Template]:
    """The columns that a run changes."""
    sets = {}
    for column, text in run.sets.items():
        if str(column) in known:
            sets[str(column)] = reader.value(text, known[str(column)], around.language)
        elif not unsure:
            hint = suggest(column, known) if known else "add row: {from: ..., match: ...}"
            around.unknown(column, "column", f"there is no column {str(column)!r}", hint)
    return sets


def _gives(
    run: RunSettings,
    declared: Mapping[str, ValueType],
    reader: Reader,
    around: Surroundings,
    *,
    unsure: bool,
) -> dict[str, Expression | Template]:
    """What a run answers, which is what it declares; a service of the user's gives it unasked."""
    gives = {}
    for field, text in run.gives.items():
        if str(field) not in declared and not unsure:
            message = f"{str(field)!r} is not in result:"
            around.unknown(field, "field", message, f"add result: {{{field}: text}}")
        gives[str(field)] = reader.value(text, declared.get(str(field)), around.language)
    for field in run.result:
        if str(field) not in gives and run.http is None and not run.lost:
            message = f"nothing gives {str(field)!r}"
            around.report.add(field, "missing-key", message, f"add gives: {{{field}: ...}}")
    return gives
