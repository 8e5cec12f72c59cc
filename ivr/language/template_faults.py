"""What is wrong with a text that Jinja2 cannot parse, in the words of this language."""

import re
from collections.abc import Iterable

from jinja2 import TemplateSyntaxError, nodes


def tag_of(node: nodes.Node) -> str:
    """What an author wrote between `{%` and `%}` to get a node."""
    names: dict[type[nodes.Node], str] = {
        nodes.For: "for",
        nodes.Assign: "set",
        nodes.AssignBlock: "set",
        nodes.Macro: "macro",
        nodes.Include: "include",
        nodes.Import: "import",
        nodes.FromImport: "from",
        nodes.Extends: "extends",
        nodes.Block: "block",
        nodes.CallBlock: "call",
        nodes.FilterBlock: "filter",
        nodes.With: "with",
    }
    return names.get(type(node), type(node).__name__.lower())


def first_sign(text: str, line: int) -> int:
    """The column of the first `{{` or `{%` of a line."""
    source = text.split("\n")[line - 1]
    places = [at for at in (source.find("{{"), source.find("{%"), source.find("{#")) if at >= 0]
    return (min(places) if places else 0) + 1


def syntax_problem(error: TemplateSyntaxError, text: str, filters: Iterable[str]) -> tuple[str, str]:
    """What is wrong with a text that Jinja cannot parse, in our words, and its cure."""
    reason = error.message or ""
    if word := re.search(r"unknown tag '(\w{1,20})'", reason):
        tag = word[1]
        if tag in ("elif", "else", "endif"):
            return f"{{% {tag} %}} stands without its {{% if %}}", "write {% if ... %} before it"
        return (
            f"'{tag}' cannot be used in a text",
            "only {% if %}, {% elif %}, {% else %} and {% endif %} are",
        )
    if text.count("{{") != text.count("}}"):
        return "a value in the text is not closed", "each {{ needs its }}"
    if text.count("{%") != text.count("%}"):
        return "an {% if %} in the text is not closed", "each {% needs its %}"
    if "{% if" in text.replace("{%-", "{%").replace("{%if", "{% if") and "end of template" in reason:
        return "an {% if %} has no end", "write {% endif %} behind what it is about"
    if "&&" in text or "||" in text:
        return "'&&' and '||' are not understood", "write 'and', 'or'"
    if re.search(r"\{\{\s*\}\}", text):
        return "there is nothing between {{ and }}", "write a value such as {{ customer.name }}"
    if "no filter named" in reason or re.search(r"\|\s*(\}\}|\|)", text):
        return "a filter's name is missing after '|'", f"filters: {', '.join(filters)}"
    return "a value in the text cannot be read", "write values as {{ customer.debt | money }}"
