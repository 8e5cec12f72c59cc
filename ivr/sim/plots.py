"""The pictures of a report, as SVG text: drawn by matplotlib, coloured by the page they stand in."""

from collections.abc import Sequence
from io import StringIO
from typing import Any, Final

import matplotlib as mpl
from matplotlib.figure import Figure

INK: Final = "#12345f"  # replaced by the page's own colour of text
_ACCENT: Final = "#2f6fde"
_WARM: Final = "#d9772b"
_QUIET: Final = "#9aa7b8"

_STYLE: Final[Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "ivr",  # the same picture has the same ids
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.edgecolor": _QUIET,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": _QUIET,
    "grid.alpha": 0.35,
    "legend.frameon": False,
}

_ABOVE: Final[Any] = {"loc": "lower left", "bbox_to_anchor": (0, 1), "ncols": 2}  # beside no line

Values = Sequence[float | None]


def waits_by_time(labels: Sequence[str], calls: Values, waits: Values, nine_of_ten: Values) -> str:
    """Mean wait by interval as a line, calls as bars beneath."""
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(9, 3.6), layout="constrained")
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=[2, 1])
        places = range(len(labels))
        above.plot(places, _gaps(waits), color=_ACCENT, marker=".", label="mean wait of answered calls")
        above.plot(
            places,
            _gaps(nine_of_ten),
            color=_WARM,
            marker=".",
            linestyle=":",
            label="longest wait, mean of the runs",
        )
        above.set_ylabel("seconds")
        above.set_ylim(bottom=0)
        above.legend(**_ABOVE)
        below.bar(places, _gaps(calls), color=_QUIET)
        below.set_ylabel("calls")
        _ticks(below, labels)
        return _svg(figure)


def staffing(labels: Sequence[str], there: Values, need: Values) -> str:
    """Agents who are there against those that the formula asks for."""
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(9, 2.6), layout="constrained")
        axes = figure.subplots()
        places = range(len(labels))
        axes.bar(places, _gaps(there), color=_QUIET, label="agents there")
        axes.step(places, _gaps(need), where="mid", color=_WARM, label="Erlang A asks for")
        axes.set_ylabel("agents")
        axes.legend(**_ABOVE)
        _ticks(axes, labels)
        return _svg(figure)


def heat(days: Sequence[str], labels: Sequence[str], shares: Sequence[Values], title: str) -> str:
    """A share by day and interval; empty where nobody called."""
    with mpl.rc_context(_STYLE | {"axes.grid": False}):
        figure = Figure(figsize=(9, 0.9 + 0.35 * len(days)), layout="constrained")
        axes = figure.subplots()
        picture = axes.imshow(
            [_gaps(row) for row in shares],
            aspect="auto",
            vmin=0,
            vmax=1,
            cmap="RdYlGn",
            interpolation="nearest",
        )
        axes.set_yticks(range(len(days)), days)
        _ticks(axes, labels)
        figure.colorbar(picture, ax=axes, label=title, format=lambda share, _: f"{share:.0%}")
        return _svg(figure)


def _ticks(axes: Any, labels: Sequence[str]) -> None:
    step = max(1, round(len(labels) / 12))
    axes.set_xticks(range(0, len(labels), step), labels[::step])


def _gaps(values: Values) -> list[float]:
    return [float("nan") if value is None else value for value in values]


def _svg(figure: Figure) -> str:
    out = StringIO()
    figure.savefig(out, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    text = out.getvalue()
    return text[text.index("<svg") :].replace(INK, "currentColor")
