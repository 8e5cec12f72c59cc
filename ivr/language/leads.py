"""The lists of campaigns: CSV files of the center's folder, a lead a row."""

import csv
from collections.abc import Iterator, Mapping
from typing import Any

from ivr.core.flow.nearness import did_you_mean as suggest
from ivr.core.flow.values import ValueType, coerce, plain
from ivr.language.center_parts import Surroundings
from ivr.language.problems import Mark
from ivr.language.trigger_models import CampaignModel, TriggerModel
from ivr.language.world_model import Campaign, Lead
from ivr.limits import CALLER_CHARS_MAX, LEADS_MAX


def campaign(trigger: TriggerModel, model: CampaignModel, around: Surroundings) -> Campaign:
    """A campaign with its leads; what does not fit is reported at its line."""
    around.known(model.queue, "queue", around.queues)
    if model.hours is not None:
        around.known(model.hours, "hours", around.hours)
    if model.ratio < 1:
        around.report.add(model.place_of_key("ratio"), "ratio", "a ratio is at least 1")
    found: tuple[Lead, ...] = ()
    text = around.files.get(str(model.list))
    if text is None and not around.lost:
        around.report.add(
            model.list, "no-file", f"there is no file {str(model.list)!r} in the center's folder"
        )
    elif text is not None:
        kinds = around.schema.get(str(trigger.into), {}) if trigger.into is not None else {}
        file = model.list.file.removesuffix("center.yaml") + str(model.list)
        found = tuple(_leads(file, text, str(trigger.phone), kinds, around))
    return Campaign(
        found,
        str(model.queue),
        frozenset(name for name, queues in around.serving.items() if str(model.queue) in queues),
        str(model.mode),
        float(model.ratio),
        model.max_drop,
        around.hours.get(str(model.hours)) if model.hours is not None else None,
        model.tries,
        model.retry_every,
        model.priority,
    )


def _leads(
    name: str, text: str, phone: str, kinds: Mapping[str, ValueType], around: Surroundings
) -> Iterator[Lead]:
    report = around.report
    report.source(name, text)
    reader = csv.DictReader(text.splitlines())
    columns = reader.fieldnames or ()
    if phone not in columns:
        hint = suggest(phone, columns) if columns else "the first line names the columns"
        report.add(Mark(name), "unknown-column", f"there is no column {phone!r}", hint)
        return
    try:
        for number, row in enumerate(reader, 1):
            if number > LEADS_MAX:
                report.add(Mark(name, reader.line_num), "too-big", f"the list has more than {LEADS_MAX} rows")
                return
            called = (row[phone] or "").strip()
            if not called or len(called) > CALLER_CHARS_MAX:
                report.add(Mark(name, reader.line_num), "no-number", f"the column {phone!r} holds no number")
                continue
            yield Lead(called, dict(_fields(name, reader.line_num, row, kinds, around)))
    except csv.Error as fault:
        report.add(Mark(name, reader.line_num or 1), "csv", f"this is no CSV: {fault}")


def _fields(
    name: str, line: int, row: dict[str, Any], kinds: Mapping[str, ValueType], around: Surroundings
) -> Iterator[tuple[str, Any]]:
    """The columns that the data root has, as plain values of its types; others are left alone."""
    for column, kind in kinds.items():
        written = row.get(column)
        if written is None or not written.strip():
            continue
        try:
            yield column, plain(coerce(written.strip(), kind))
        except ValueError as fault:
            around.report.add(Mark(name, line), "type", f"{column}: {fault}")
