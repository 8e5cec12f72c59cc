"""Problems for other programs: SARIF 2.1.0 for code scanning, workflow commands for GitHub."""

from collections.abc import Sequence
from typing import Any, Final

from ivr import __version__
from ivr.language import Problem
from ivr.lint.rule import RULES

RULES_PAGE: Final = "docs/reference/rules.md"
_CODES_PAGE: Final = "docs/reference/language-notes.md#what-ivr-check-says"
_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def anchor(rule: str) -> str:
    """A rule's place on the page of all rules."""
    return rule.lower()


def help_uri(code: str) -> str:
    """The page about a code, inside the repository: what it is served at only its owner knows."""
    return f"{RULES_PAGE}#{anchor(code)}" if code in RULES else _CODES_PAGE


def sarif(problems: Sequence[Problem]) -> dict[str, Any]:
    """All problems as one SARIF log."""
    codes = list(dict.fromkeys(problem.code for problem in problems))
    index = {code: number for number, code in enumerate(codes)}
    driver = {
        "name": "ivr",
        "semanticVersion": __version__,
        "rules": [_described(code) for code in codes],
    }
    results = [_result(problem, index[problem.code]) for problem in problems]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _described(code: str) -> dict[str, Any]:
    described: dict[str, Any] = {"id": code, "helpUri": help_uri(code)}
    if (rule := RULES.get(code)) is not None:
        described["shortDescription"] = {"text": rule.title}
        described["fullDescription"] = {"text": rule.why}
        described["help"] = {"text": f"{rule.why}\n\nSource: {rule.source}"}
        described["defaultConfiguration"] = {"level": next(iter(rule.packs.values()))}
        described["properties"] = {"tags": list(rule.packs)}
    return described


def _result(problem: Problem, index: int) -> dict[str, Any]:
    region: dict[str, Any] = {"startLine": problem.line, "startColumn": problem.column}
    if problem.excerpt:
        region["snippet"] = {"text": problem.excerpt}
    text = problem.message + (f" (hint: {problem.hint})" if problem.hint else "")
    artifact = {"uri": problem.file.replace("\\", "/").replace(" ", "%20")}
    return {
        "ruleId": problem.code,
        "ruleIndex": index,
        "level": problem.severity,
        "message": {"text": text},
        "locations": [{"physicalLocation": {"artifactLocation": artifact, "region": region}}],
    }


def github(problems: Sequence[Problem]) -> str:
    """One workflow command a problem, which GitHub shows at its line."""
    return "\n".join(_command(problem) for problem in problems)


def _command(problem: Problem) -> str:
    text = problem.message + (f"\nhint: {problem.hint}" if problem.hint else "")
    place = f"file={_property(problem.file)},line={problem.line},col={problem.column}"
    return f"::{problem.severity} {place},title={_property(problem.code)}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
