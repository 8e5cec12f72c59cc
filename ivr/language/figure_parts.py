"""The `figures:` of a center's world compiled: what rows say at the end of a run."""

from typing import Final

from ivr.core.flow.values import ValueType
from ivr.language.center_parts import Surroundings
from ivr.language.company_models import FigureModel
from ivr.language.tree import Text
from ivr.language.trigger_parts import Columns, known_table, row_reader
from ivr.language.world_model import Figure

_WAYS: Final = ("sum", "mean", "share")


def figures(models: dict[Text, FigureModel], columns: Columns, around: Surroundings) -> tuple[Figure, ...]:
    """Every figure that can be said; what does not fit is reported."""
    found = (_figure(name, model, columns, around) for name, model in models.items())
    return tuple(figure for figure in found if figure is not None)


def _figure(name: Text, model: FigureModel, columns: Columns, around: Surroundings) -> Figure | None:
    known_table(model.rows, columns, around)
    said = [how for how in _WAYS if getattr(model, how) is not None]
    if len(said) != 1:
        if not model.lost:
            message = f"both {said[0]!r} and {said[1]!r} are said" if said else "nothing says which number"
            around.report.add(model.place, "figure", message, f"write one of {', '.join(_WAYS)}")
        return None
    how = said[0]
    text: Text = getattr(model, how)
    reader = row_reader(str(name), model.rows, columns, around)
    number = ValueType("number")
    value = reader.condition(text) if how == "share" else reader.expression(text, number)
    return Figure(str(name), str(model.rows), how, value)
