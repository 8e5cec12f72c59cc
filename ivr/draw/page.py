"""All pictures of a center on one page that needs nothing else."""

from collections.abc import Sequence
from html import escape

from ivr.draw.sketch import Sketch
from ivr.draw.svg import svg

_STYLE = """\
:root{color-scheme:light dark}body{margin:0;padding:1.5rem;background:#fff;color:#1b2330;
font-family:Helvetica,Arial,"Liberation Sans",sans-serif}
@media (prefers-color-scheme:dark){body{background:#12161c;color:#e6ebf2}a{color:#9db8ff}}
nav a{margin-right:1rem}section{margin-top:2rem;overflow-x:auto}svg{max-width:100%;height:auto}
"""


def page(title: str, sketches: Sequence[Sketch]) -> str:
    """The page; its pictures are SVG in place, and nothing is fetched."""
    links = "".join(f'<a href="#{escape(one.name)}">{escape(one.name)}</a>' for one in sketches)
    parts = [
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        f"<title>{escape(title)}: call flows</title><style>{_STYLE}</style></head><body>",
        f"<h1>{escape(title)}</h1><nav>{links}</nav>",
        *(f'<section id="{escape(one.name)}">\n{svg(one)}</section>' for one in sketches),
        "</body></html>",
    ]
    return "\n".join(parts) + "\n"
