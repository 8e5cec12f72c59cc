"""Results of tests for people (text), programs (JSON) and build servers (JUnit's XML)."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final
from xml.etree import ElementTree as ET

from ivr.trial.coverage import FlowCoverage, total
from ivr.trial.run import Result
from ivr.trial.story import clock

_MARKS: Final = {"passed": "ok   ", "failed": "FAIL ", "skipped": "skip "}
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def line_of(result: Result) -> str:
    """One test in one line."""
    about = result.skipped or f"{clock(result.duration_ms)} on the line"
    if result.unasserted:
        about += f"; not looked at: {', '.join(result.unasserted)}"
    return f"{_MARKS[result.status]} {result.name} ({about})"


def failure_text(result: Result) -> str:
    """Why a test failed: each place with what was wanted and what was instead, then the call."""
    lines = []
    for failure in result.failures:
        lines += [f"{failure.file}:{failure.line}:{failure.column}: {failure.wanted}", f"  {failure.instead}"]
        lines += [f"  {line}" for line in failure.difference]
    if result.story:
        lines += ["  the call:", *(f"    {line}" for line in result.story)]
    return "\n".join(lines)


def summary(results: Sequence[Result], seconds: float) -> str:
    """The last line: how many there were."""
    counts = Counter(result.status for result in results)
    word = "test" if len(results) == 1 else "tests"
    said = [f"{counts[status]} {status}" for status in ("passed", "failed", "skipped") if counts[status]]
    return f"{len(results)} {word}: {', '.join(said)}, in {seconds:.1f} s"


def coverage_text(flows: Iterable[FlowCoverage]) -> str:
    """A table of flows, and the place of all that was missed."""
    flows = [*flows]
    rows = [*flows, total(flows)]
    width = max(len(row.flow) for row in rows)
    lines = [
        f"{'flow':<{width}}  covered",
        *(f"{row.flow:<{width}}  {_percent(row)}  {row.met} of {row.all}" for row in rows),
    ]
    missed = [f"  {mark.file}:{mark.line}  {mark.what}" for row in flows for mark in row.missed]
    return "\n".join([*lines, *(["missed:", *missed] if missed else [])])


def _percent(row: FlowCoverage) -> str:
    """Rounded down: 100 % is all of it."""
    return f"{int(row.percent):>3} %"


def as_dict(results: Sequence[Result], flows: Sequence[FlowCoverage] | None) -> dict[str, Any]:
    """Everything as plain JSON values."""
    found: dict[str, Any] = {
        "ok": not any(result.failures for result in results),
        "tests": [_result(result) for result in results],
    }
    if flows is not None:
        found["coverage"] = {row.flow: _flow(row) for row in flows}
        found["coverage_total"] = round(total(flows).percent, 2)
    return found


def _result(result: Result) -> dict[str, Any]:
    return {
        "name": result.name,
        "file": result.file,
        "line": result.line,
        "status": result.status,
        "skipped": result.skipped,
        "not_looked_at": list(result.unasserted),
        "duration_ms": result.duration_ms,
        "seconds": round(result.seconds, 4),
        "failures": [
            {
                "file": failure.file,
                "line": failure.line,
                "column": failure.column,
                "wanted": failure.wanted,
                "instead": failure.instead,
                "difference": list(failure.difference),
            }
            for failure in result.failures
        ],
        "call": result.story if result.failures else [],
    }


def _flow(row: FlowCoverage) -> dict[str, Any]:
    return {
        "covered": row.met,
        "of": row.all,
        "percent": round(row.percent, 2),
        "missed": [{"file": mark.file, "line": mark.line, "what": mark.what} for mark in row.missed],
    }


def junit(results: Sequence[Result]) -> bytes:
    """The results as JUnit writes them: a suite for each file."""
    root = ET.Element("testsuites", _counts(results))
    for file in dict.fromkeys(result.file for result in results):
        own = [result for result in results if result.file == file]
        suite = ET.SubElement(root, "testsuite", {"name": _clean(file), **_counts(own)})
        for result in own:
            case = ET.SubElement(
                suite,
                "testcase",
                {
                    "name": _clean(result.name),
                    "classname": _clean(file),
                    "file": _clean(file),
                    "line": str(result.line),
                    "time": f"{result.seconds:.4f}",
                },
            )
            if result.skipped:
                ET.SubElement(case, "skipped", {"message": _clean(result.skipped)})
            elif result.failures:
                first = result.failures[0]
                message = _clean(f"{first.wanted}: {first.instead}")
                told = ET.SubElement(case, "failure", {"message": message, "type": "expectation"})
                told.text = _clean(failure_text(result))
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _counts(results: Sequence[Result]) -> dict[str, str]:
    counts = Counter(result.status for result in results)
    return {
        "tests": str(len(results)),
        "failures": str(counts["failed"]),
        "skipped": str(counts["skipped"]),
        "time": f"{sum(result.seconds for result in results):.4f}",
    }


def _clean(text: str) -> str:
    """Without the characters that XML cannot hold."""
    return _NOT_XML.sub("\ufffd", text)
