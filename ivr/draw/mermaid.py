"""A sketch as Mermaid text, which many pages draw by themselves."""

from typing import Final

from ivr.draw.sketch import Box, Shape, Sketch

_BRACKETS: Final[dict[Shape, tuple[str, str]]] = {
    "state": ("[", "]"),
    "queue": ("{{", "}}"),
    "transfer": ("[/", "/]"),
    "flow": ("[[", "]]"),
    "exit": ("([", "])"),
    "anywhere": ("(", ")"),
}
_LINES_MAX: Final = 3
_CHARS_MAX: Final = 70


def mermaid(sketch: Sketch) -> str:
    """The flow as a flowchart."""
    names = {box.key: f"s{number}" for number, box in enumerate(sketch.boxes)}
    lines = [f"%% the flow {_one_line(sketch.name)}", "flowchart TD"]
    lines += [f"    begin(( )) --> {names[sketch.start]}"]
    lines += [f"    {names[box.key]}{_box(box)}" for box in sketch.boxes]
    for arrow in sketch.arrows:
        label = "<br>".join(_quoted(one) for one in arrow.labels)
        shaft = "-.->" if arrow.faint else "-->"
        text = f'|"{label}"|' if label else ""
        lines.append(f"    {names[arrow.start]} {shaft}{text} {names[arrow.end]}")
    for shape in _BRACKETS:
        members = [names[box.key] for box in sketch.boxes if box.shape == shape]
        if members and shape != "state":
            lines.append(f"    class {','.join(members)} {shape}")
    lines += [
        "    classDef queue stroke:#3f8f63,stroke-width:2px",
        "    classDef transfer stroke:#c07a22,stroke-width:2px",
        "    classDef flow stroke:#5a61c4,stroke-width:2px",
        "    classDef exit stroke:#bd525c,stroke-width:2px",
        "    classDef anywhere stroke-dasharray:5 4",
    ]
    return "\n".join(lines) + "\n"


def _box(box: Box) -> str:
    opened, closed = _BRACKETS[box.shape]
    texts = [f"<b>{_quoted(box.title)}</b>"]
    for line in box.lines[:_LINES_MAX]:
        text = line.text if len(line.text) <= _CHARS_MAX else line.text[: _CHARS_MAX - 1] + "…"
        texts.append(_quoted(f"“{text}”" if line.spoken else text))
    return f'{opened}"{"<br>".join(texts)}"{closed}'


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _quoted(text: str) -> str:
    """Text that cannot end its quotes, nor become HTML, nor an entity of Mermaid."""
    clean = _one_line(text).replace("#", "#35;").replace("&", "#amp;")
    return clean.replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;").replace("`", "#96;")
