"""A sketch as an SVG that a person can read: one file, no script, light and dark."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple
from xml.sax.saxutils import escape

from ivr.draw.layers import Edge, Layout, Point, Size, layout
from ivr.draw.sketch import SHAPES, Arrow, Box, Shape, Sketch
from ivr.draw.text import width, wrapped

STYLE: Final = """\
.ivr{--page:#fff;--ink:#1b2330;--soft:#5b6675;--line:#46566b;--faint:#b3bdc9;--state:#f3f6fa;--edge:#93a1b3;
--queue:#dff0e6;--queue-edge:#3f8f63;--transfer:#fdecd6;--transfer-edge:#c07a22;--flow:#e4e6fb;--flow-edge:#5a61c4;
--exit:#f9e1e3;--exit-edge:#bd525c;--anywhere:#fff;font-family:Helvetica,Arial,"Liberation Sans",sans-serif}
@media (prefers-color-scheme:dark){.ivr{--page:#12161c;--ink:#e6ebf2;--soft:#a3afbe;--line:#9fb0c6;--faint:#647284;
--state:#1f2731;--edge:#5d6c7f;--queue:#17352a;--queue-edge:#4fae7b;--transfer:#3c2c14;--transfer-edge:#d9963f;
--flow:#272a4d;--flow-edge:#8187e6;--exit:#40222a;--exit-edge:#da6f7a;--anywhere:#12161c}}
.ivr .page{fill:var(--page)}.ivr text{fill:var(--ink)}.ivr .soft{fill:var(--soft)}.ivr .key{font-weight:700}
.ivr path.arrow{fill:none;stroke:var(--line);stroke-width:1.6}
.ivr path.faint{stroke:var(--faint);stroke-width:1.3;stroke-dasharray:5 4}
.ivr .tip{fill:var(--line)}.ivr .tip-faint{fill:var(--faint)}
.ivr .box{stroke-width:1.4;fill:var(--state);stroke:var(--edge)}
.ivr .queue{fill:var(--queue);stroke:var(--queue-edge)}.ivr .transfer{fill:var(--transfer);stroke:var(--transfer-edge)}
.ivr .flow{fill:var(--flow);stroke:var(--flow-edge)}.ivr .exit{fill:var(--exit);stroke:var(--exit-edge)}
.ivr .anywhere{fill:var(--anywhere);stroke:var(--faint);stroke-dasharray:5 4}
"""
_TITLE: Final = 14.0
_BODY: Final = 12.0
_LINE: Final = 16.0
_ROOM: Final = 220.0  # for the text of a box
_LABEL_ROOM: Final = 170.0
_PAD: Final = 12.0
_SLANT: Final = 12.0  # of shapes with slanted sides
_MARGIN: Final = 24.0
_HEAD: Final = 64.0
_FOOT: Final = 52.0
_STEPS_MAX: Final = 6  # of a box; the rest is dots


class _Row(NamedTuple):
    text: str
    soft: bool


def svg(sketch: Sketch) -> str:
    """The whole picture."""
    return _Picture(sketch).made()


class _Picture:
    def __init__(self, sketch: Sketch) -> None:
        self._sketch = sketch
        self._tip = f"{sketch.name}-"  # ids are of the whole page, and a page may hold several pictures
        self._rows = [_rows(box) for box in sketch.boxes]
        self._labels = [_label(arrow) for arrow in sketch.arrows]
        number = {box.key: place for place, box in enumerate(sketch.boxes)}
        sizes = [_size(box, rows) for box, rows in zip(sketch.boxes, self._rows, strict=True)]
        edges = [
            Edge(number[arrow.start], number[arrow.end], _label_size(lines))
            for arrow, lines in zip(sketch.arrows, self._labels, strict=True)
        ]
        self._sizes = sizes
        self._start = number[sketch.start]
        self._layout: Layout = layout(sizes, edges, self._start)

    def made(self) -> str:
        """Arrows first, so that boxes and labels lie over them."""
        legend = self._legend()
        wide = max(self._layout.size.width, legend[1]) + 2 * _MARGIN
        high = self._layout.size.height + _HEAD + _FOOT
        name = escape(self._sketch.name)
        shift = round((wide - self._layout.size.width) / 2, 1)
        parts = [
            _opening(wide, high, name),
            f"<style>{STYLE}</style>",
            f"<title>The flow {name}</title>",
            _tip(self._tip, "tip") + _tip(self._tip, "tip-faint"),
            f'<rect class="page" width="{wide:g}" height="{high:g}"/>',
            _text(_MARGIN, 30, name, 17, bold=True),
            f'<g transform="translate({shift:g} {_HEAD:g})">',
            self._entry(),
            *self._arrows(),
            *self._boxes(),
            *self._named(),
            "</g>",
            f'<g transform="translate({_MARGIN:g} {high - 30:g})">{legend[0]}</g>',
            "</svg>",
        ]
        return "\n".join(parts) + "\n"

    def _entry(self) -> str:
        """Where a call comes in."""
        at = self._layout.boxes[self._start]
        top = at.y - self._sizes[self._start].height / 2
        return (
            f'<circle class="tip" cx="{at.x:g}" cy="{top - 22:g}" r="5"/>'
            f'<path class="arrow" d="M{at.x:g} {top - 22:g}V{top - 2:g}" marker-end="url(#{self._tip}tip)"/>'
        )

    def _arrows(self) -> Iterator[str]:
        pairs = list(zip(self._sketch.arrows, self._layout.paths, strict=True))
        for arrow, path in sorted(pairs, key=lambda pair: not pair[0].faint):  # those that matter on top
            kind, tip = ("arrow faint", "tip-faint") if arrow.faint else ("arrow", "tip")
            about = escape(f"{arrow.start} to {arrow.end}")
            yield f'<path class="{kind}" d="{_curve(path)}" marker-end="url(#{self._tip}{tip})"><title>{about}</title></path>'

    def _boxes(self) -> Iterator[str]:
        for number, box in enumerate(self._sketch.boxes):
            at, size = self._layout.boxes[number], self._sizes[number]
            yield f"<g>{_outline(box.shape, at, size)}{_inside(box, self._rows[number], at, size)}</g>"

    def _named(self) -> Iterator[str]:
        pairs = zip(self._sketch.arrows, self._labels, self._layout.labels, strict=True)
        for arrow, lines, at in pairs:
            if at is None or not lines:
                continue
            size = _label_size(lines)
            assert size is not None
            left, top = at.x - size.width / 2, at.y - size.height / 2
            place = f'x="{left:g}" y="{top:g}" width="{size.width:g}" height="{size.height:g}"'
            yield f'<rect class="page" {place} rx="3"/>'
            for number, line in enumerate(lines):
                yield _keyed(left + 4, top + _LINE * number + 12, line, soft=arrow.faint)

    def _legend(self) -> tuple[str, float]:
        """The shapes that occur, with their meaning, and how wide that is."""
        used = [shape for shape in SHAPES if any(box.shape == shape for box in self._sketch.boxes)]
        at, parts = 0.0, []
        for shape in used:
            parts.append(_outline(shape, Point(at + 15, 0), Size(30, 18)))
            parts.append(_text(at + 36, 4, SHAPES[shape], _BODY, soft=True))
            at += 36 + width(SHAPES[shape], _BODY) + 22
        for kind, tip, about in (
            ("arrow", "tip", "goes on"),
            ("arrow faint", "tip-faint", "in trouble, or at any time"),
        ):
            parts.append(
                f'<path class="{kind}" d="M{at:g} 0H{at + 28:g}" marker-end="url(#{self._tip}{tip})"/>'
            )
            parts.append(_text(at + 38, 4, about, _BODY, soft=True))
            at += 38 + width(about, _BODY) + 22
        return "".join(parts), at


def _opening(wide: float, high: float, name: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="ivr" viewBox="0 0 {wide:.1f} {high:.1f}" '
        f'width="{wide:.1f}" height="{high:.1f}" role="img" aria-label="The flow {name}">'
    )


def _tip(prefix: str, name: str) -> str:
    return (
        f'<marker id="{prefix}{name}" viewBox="0 0 10 10" refX="9" refY="5" markerUnits="userSpaceOnUse" markerWidth="10" '
        f'markerHeight="10" orient="auto"><path class="{name}" d="M0 1L10 5L0 9z"/></marker>'
    )


def _rows(box: Box) -> list[_Row]:
    rows: list[_Row] = []
    for line in box.lines[:_STEPS_MAX]:
        text = f"“{line.text}”" if line.spoken else line.text
        rows += [_Row(part, not line.spoken) for part in wrapped(text, _BODY, _ROOM, 4 if line.spoken else 2)]
    if len(box.lines) > _STEPS_MAX:
        rows.append(_Row("…", soft=True))
    return rows


def _label(arrow: Arrow) -> list[str]:
    return [part for label in arrow.labels for part in wrapped(label, _BODY, _LABEL_ROOM, 2)]


def _label_size(lines: Sequence[str]) -> Size | None:
    if not lines:
        return None
    return Size(round(max(width(line, _BODY, bold=True) for line in lines) + 8, 1), len(lines) * _LINE + 2)


def _size(box: Box, rows: Sequence[_Row]) -> Size:
    texts = [width(box.title, _TITLE, bold=True), *(width(row.text, _BODY) for row in rows)]
    side = _PAD + (
        _SLANT if box.shape in ("transfer", "queue") else 8.0 if box.shape in ("flow", "exit") else 0.0
    )
    return Size(round(max(texts) + 2 * side, 1), 2 * _PAD + _LINE * (1 + len(rows)) - 2)


def _outline(shape: Shape, at: Point, size: Size) -> str:
    left, top = round(at.x - size.width / 2, 1), round(at.y - size.height / 2, 1)
    right, low = round(left + size.width, 1), round(top + size.height, 1)
    slant = min(_SLANT, size.height / 3)
    if shape == "transfer":
        corners = f"{left + slant:g},{top:g} {right:g},{top:g} {right - slant:g},{low:g} {left:g},{low:g}"
        return f'<polygon class="box transfer" points="{corners}"/>'
    if shape == "queue":
        corners = (
            f"{left + slant:g},{top:g} {right - slant:g},{top:g} {right:g},{at.y:g} {right - slant:g},{low:g} "
            f"{left + slant:g},{low:g} {left:g},{at.y:g}"
        )
        return f'<polygon class="box queue" points="{corners}"/>'
    radius = min(size.height / 2, 22) if shape == "exit" else 6
    place = f'x="{left:g}" y="{top:g}" width="{size.width:g}" height="{size.height:g}" rx="{radius:g}"'
    drawn = f'<rect class="box {shape}" {place}/>'
    if shape == "flow":
        bars = f"M{left + 6:g} {top:g}V{low:g}M{right - 6:g} {top:g}V{low:g}"
        drawn += f'<path class="box flow" d="{bars}"/>'
    return drawn


def _inside(box: Box, rows: Sequence[_Row], at: Point, size: Size) -> str:
    side = (
        size.width - max([width(box.title, _TITLE, bold=True), *(width(r.text, _BODY) for r in rows)])
    ) / 2
    left, top = at.x - size.width / 2 + side, at.y - size.height / 2 + _PAD
    parts = [_text(left, top + 11, escape(box.title), _TITLE, bold=True)]
    parts += [
        _text(left, top + 11 + _LINE * (number + 1), escape(row.text), _BODY, soft=row.soft)
        for number, row in enumerate(rows)
    ]
    return "".join(parts)


def _text(x: float, y: float, escaped: str, size: float, *, bold: bool = False, soft: bool = False) -> str:
    kind = ' class="soft"' if soft else ""
    weight = ' font-weight="700"' if bold else ""
    return f'<text{kind} x="{x:.1f}" y="{y:.1f}" font-size="{size:g}"{weight}>{escaped}</text>'


def _keyed(x: float, y: float, line: str, *, soft: bool) -> str:
    """A label, its key in bold."""
    key, parted, rest = line.partition("  ")
    shown = f'<tspan class="key">{escape(key)}</tspan> {escape(rest)}' if parted else escape(line)
    return _text(x, y, shown, _BODY, soft=soft)


def _curve(points: Sequence[Point]) -> str:
    """Straight down where a point is below the other, else a bend that begins and ends upright."""
    first = points[0]
    parts = [f"M{first.x:g} {first.y:g}"]
    for before, here in pairwise(points):
        if before.x == here.x:
            if before.y != here.y:
                parts.append(f"V{here.y:g}")
        else:
            middle = round((before.y + here.y) / 2, 1)
            parts.append(f"C{before.x:g} {middle:g} {here.x:g} {middle:g} {here.x:g} {here.y:g}")
    return "".join(parts)
