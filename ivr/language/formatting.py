"""The house style of an author's file, with every comment where it was.

Reading and writing is ruamel.yaml's, which keeps comments, quotes and the order of keys. It is told to take
every scalar as text, so that `09:00`, `+351` and `no` come out as they went in; and what comes out is read by
our own reader and compared with what went in, so a file is formatted without changing its meaning, or left alone.
"""

import io
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedSeq
from ruamel.yaml.emitter import RoundTripEmitter
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.resolver import VersionedResolver
from ruamel.yaml.tag import Tag

from ivr.errors import AuthorError
from ivr.language.problems import Mark, Report
from ivr.language.reading import parse, read_file
from ivr.language.tree import Map, Seq, Text

_ENDLESS: Final = 1_000_000  # columns: where a line is broken is the author's choice
_TEXT: Final = Tag(suffix="tag:yaml.org,2002:str")


def formatted(path: Path) -> tuple[str, str]:
    """The text of a file, and the same in the house style.

    Raises:
        AuthorError: it is not a file that the language reads, or it cannot be formatted without changing it.
    """
    report = Report()
    text = read_file(path, str(path), report)
    before = parse(text, str(path), report) if text is not None else None
    if text is None or before is None or report.failed:
        raise AuthorError(report.errors)
    try:
        after = _rewritten(text)
    except (YAMLError, AssertionError, RecursionError) as fault:
        raise _unchanged(path, f"it cannot be written anew: {str(fault).splitlines()[0][:200]}") from None
    if _meaning(parse(after, str(path), report)) != _meaning(before):
        raise _unchanged(path, "written anew it would mean something else")
    return text, after


def _unchanged(path: Path, why: str) -> AuthorError:
    report = Report()
    report.add(Mark(str(path)), "format", f"the file is left as it is: {why}")
    return AuthorError(report.errors)


def written(tree: Any, *, in_line: bool = False) -> str:
    """Maps, lists and scalars as YAML in the house style; `in_line`, lists of numbers stand in one line each."""
    yaml = YAML()
    yaml.representer.ignore_aliases = lambda _: True  # the language has no anchors
    return _dumped(yaml, _numbers_in_line(tree) if in_line else tree)


def _numbers_in_line(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {key: _numbers_in_line(value) for key, value in tree.items()}
    if not isinstance(tree, list):
        return tree
    found = CommentedSeq([_numbers_in_line(item) for item in tree])
    if all(isinstance(item, int | float) for item in tree):
        found.fa.set_flow_style()
    return found


def tree_of(text: str) -> Any:
    """A file as maps and lists that remember how they were written; every scalar is text."""
    return _yaml().load(_without_trailing_blanks(text))


def dumped(tree: Any) -> str:
    """Such a tree as text again."""
    return _without_trailing_blanks(_dumped(_yaml(), tree))


def _rewritten(text: str) -> str:
    return dumped(tree_of(text))


def _yaml() -> YAML:
    yaml = YAML()
    yaml.Resolver = _AllText
    yaml.Emitter = _Airy
    yaml.preserve_quotes = True
    yaml.brace_single_entry_mapping_in_flow_sequence = True
    return yaml


def _dumped(yaml: YAML, tree: Any) -> str:
    yaml.width = _ENDLESS
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = io.StringIO()
    yaml.dump(tree, out)
    return out.getvalue()


def _without_trailing_blanks(text: str) -> str:
    """Blanks at the end of a line, and empty lines at the end: ruamel stumbles over tabs there, too."""
    return "\n".join(line.rstrip(" \t") for line in text.rstrip().split("\n")) + "\n"


class _AllText(VersionedResolver):
    """No plain scalar is anything but text."""

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        return _TEXT if kind is ScalarNode else super().resolve(kind, value, implicit)


class _Airy(RoundTripEmitter):
    """`{ key: value }` with room inside the braces, as the documentation writes it."""

    def write_indicator(
        self, indicator: str, need_whitespace: bool, whitespace: bool = False, indention: bool = False
    ) -> None:
        if indicator.strip() == "{" and not self.check_empty_mapping():
            super().write_indicator(indicator + " ", need_whitespace, whitespace=True)
        elif indicator == "}" and not self.whitespace:
            super().write_indicator(" }", need_whitespace, whitespace, indention)
        else:
            super().write_indicator(indicator, need_whitespace, whitespace, indention)


def _meaning(tree: Any) -> Any:
    """What the language reads in a tree: keys in their order, texts and how they were quoted."""
    if isinstance(tree, Map):
        return [(_meaning(key), _meaning(value)) for key, value in tree.items()]
    if isinstance(tree, Seq):
        return [_meaning(item) for item in tree]
    if isinstance(tree, Text):
        return (str(tree), tree.style)
    return tree
