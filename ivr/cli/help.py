"""How help is laid out: two columns of plain text that wrap to the terminal, no boxes, no color."""

import inspect
import textwrap
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from cyclopts.help import HelpEntry, HelpPanel
    from rich.console import Console, ConsoleOptions

WIDTH_MAX: Final = 100  # longer lines are hard to read
_TITLES: Final = {"Parameters": "Options"}
_LABEL_MAX: Final = 26  # a longer label gets a line of its own


def reflowed(text: str | None) -> str:
    """A docstring with each paragraph on one line, so that it can be wrapped to any width."""
    paragraphs = inspect.cleandoc(text or "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


class PlainHelp:
    """The formatter given to cyclopts, which decides on the arguments of its methods."""

    def __call__(self, console: "Console", options: "ConsoleOptions", panel: "HelpPanel") -> None:
        """Print a panel: commands, arguments or options."""
        rows = [(_label(entry), _meaning(entry)) for entry in panel.entries]
        if not rows:
            return
        left = min(max(len(label) for label, _ in rows), _LABEL_MAX)
        title = str(panel.title)
        _print(console, f"{_TITLES.get(title, title)}:")
        for label, meaning in rows:
            _print(console, _row(label, meaning, left, _width(console)))
        _print(console, "")

    def render_usage(self, console: "Console", options: "ConsoleOptions", usage: Any) -> None:
        """Print the first line."""
        text = str(usage).strip()
        _print(console, text if text.startswith("Usage:") else f"Usage: {text}")
        _print(console, "")

    def render_description(self, console: "Console", options: "ConsoleOptions", description: Any) -> None:
        """Print what the command is for."""
        text = _plain(description)
        if not text:
            return
        for line in text.split("\n"):
            _print(console, textwrap.fill(line, _width(console)))
        _print(console, "")


def _label(entry: "HelpEntry") -> str:
    return ", ".join(entry.display_labels_with_metavar or entry.display_labels)


def _meaning(entry: "HelpEntry") -> str:
    parts = [_plain(entry.description)]
    if entry.choices:
        parts.append(f"One of {', '.join(entry.choices)}.")
    about = []
    if entry.default not in (None, "None"):
        about.append(f"default: {entry.default}")
    if entry.env_var:
        about.append(f"or {', '.join(entry.env_var)}")
    if about:
        parts.append(f"({'; '.join(about)})")
    return " ".join(filter(None, parts))


def _row(label: str, meaning: str, left: int, width: int) -> str:
    indent = " " * (left + 4)
    lines = textwrap.wrap(meaning, max(30, width - len(indent))) or [""]
    if len(label) > left:
        return "\n".join([f"  {label}", *(indent + line for line in lines)])
    return "\n".join([f"  {label:<{left}}  {lines[0]}".rstrip(), *(indent + line for line in lines[1:])])


def _plain(text: Any) -> str:
    """The words of what cyclopts hands over: a str, a rich Text, or its wrapper around one."""
    text = getattr(text, "primary_renderable", text)
    return str(getattr(text, "plain", text) or "").rstrip()


def _width(console: "Console") -> int:
    return min(console.width, WIDTH_MAX)


def _print(console: "Console", text: str) -> None:
    console.print(text, highlight=False, markup=False, soft_wrap=True)
