"""`ivr draw`: flows as pictures."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from ivr.cli import exit_codes
from ivr.cli.files import must_exist
from ivr.errors import AuthorError, OperatorError
from ivr.limits import PICTURE_STATES_MAX

if TYPE_CHECKING:
    from ivr.draw.sketch import Sketch
    from ivr.language import Inside


def draw(
    path: Annotated[Path, Parameter(help="A center's folder, or a single *.flow.yaml file.")],
    /,
    *,
    flow: Annotated[
        str | None, Parameter(help="The flow to draw; needed where there are several.", show_default=False)
    ] = None,
    format_: Annotated[
        Literal["mermaid", "svg", "html"] | None,
        Parameter(name="--format", help="What to make: mermaid, svg or html; else as -o ends, else mermaid."),
    ] = None,
    html: Annotated[
        bool, Parameter(name="--html", help="The same as --format html.", show_default=False)
    ] = False,
    output: Annotated[
        Path | None, Parameter(name=("--output", "-o"), help="A file; else the screen.", show_default=False)
    ] = None,
) -> int:
    """Draw a flow: its states with what is said there, and the keys that lead on.

    Queues, transfers, other flows and ends have shapes of their own; what happens in trouble is drawn
    lighter, and what works in every state once. An SVG follows the reader's light or dark. HTML is one
    page with every flow of the center.
    """
    from ivr.draw.mermaid import mermaid
    from ivr.draw.page import page
    from ivr.draw.sketch import sketch
    from ivr.draw.svg import svg

    must_exist(path)
    how = "html" if html else format_ or _ending(output)
    inside = _read(path)
    title = str(inside.settings.center) if inside.settings is not None else path.name
    if how == "html":
        names = [flow] if flow is not None else _flows(inside)
        text = page(title, [sketch(inside, _known(inside, name)) for name in names])
    else:
        drawn: Sketch = sketch(inside, _one(inside, flow))
        text = svg(drawn) if how == "svg" else mermaid(drawn)
    if output is None:
        print(text, end="")
        return exit_codes.OK
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OperatorError(f"{output} cannot be written: {error.strerror}") from None
    return exit_codes.OK


def _read(path: Path) -> "Inside":
    from ivr.language import look_inside

    inside = look_inside(path)
    if errors := [problem for problem in inside.problems if problem.severity == "error"]:
        raise AuthorError(errors)
    return inside


def _ending(output: Path | None) -> str:
    kinds = {".svg": "svg", ".html": "html", ".htm": "html"}
    return kinds.get(output.suffix.lower(), "mermaid") if output is not None else "mermaid"


def _flows(inside: "Inside") -> list[str]:
    """The flows of a center; of a single file, its own."""
    own = [name for name, model in inside.models.items() if model.flow.file == inside.only]
    return own or list(inside.flows)


def _one(inside: "Inside", flow: str | None) -> str:
    if flow is not None:
        return _known(inside, flow)
    names = _flows(inside)
    if len(names) != 1:
        raise exit_codes.WrongUsage(
            f"which flow? add --flow with one of: {', '.join(names)}; or --html for all"
        )
    return _known(inside, names[0])


def _known(inside: "Inside", flow: str) -> str:
    from ivr.core.flow.nearness import did_you_mean as suggest

    if flow not in inside.flows:
        raise exit_codes.WrongUsage(f"there is no flow {flow[:40]!r}; {suggest(flow[:40], inside.flows)}")
    if len(inside.flows[flow].states) > PICTURE_STATES_MAX:
        message = f"{flow!r} has more than {PICTURE_STATES_MAX} states, too many for a picture"
        raise OperatorError(f"{message}; divide it into flows that call each other")
    return flow
