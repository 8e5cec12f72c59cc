"""The house rules that a machine can check."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "ivr").rglob("*.py"))
LINES_MAX = 400
FUNCTION_LINES_MAX = 50

LONG_FILES = {
    "ivr/wire.py": "the whole protocol with an example a message, read from top to bottom",
    "ivr/core/facts.py": "the closed list of facts; splitting it would hide that it is one list",
}
LONG_FUNCTIONS = {
    "ivr/cli/erlang.py": "a command's options, one to a line, each with its help",
    "ivr/cli/serve.py": "a command's options, one to a line, each with its help",
    "ivr/cli/records.py": "a command's options, one to a line, each with its help",
    "ivr/cli/staff.py": "a command's options, one to a line, each with its help",
    "ivr/cli/sweep.py": "a command's options, one to a line, each with its help",
    "ivr/cli/story.py": "a command's options, one to a line, each with its help",
    "ivr/cli/simulate.py": "a command's options, one to a line, each with its help",
    "ivr/observe/dashboards.py": "a dashboard is laid out panel by panel, as a page is",
}
"""By file: functions there may be longer, for this reason."""


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_a_file_is_one_idea(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= LINES_MAX or name(path) in LONG_FILES, f"{lines} lines"


def test_exceptions_are_still_needed() -> None:
    for listed in LONG_FILES:
        path = ROOT / listed
        assert path.exists(), listed
        assert len(path.read_text(encoding="utf-8").splitlines()) > LINES_MAX, (
            f"{listed} is short now: take it off"
        )


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_functions_are_short_and_modules_say_what_they_are(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstring = ast.get_docstring(tree)
    assert docstring not in (None, "."), "a module says what it is"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or 0) - node.lineno + 1
            assert lines <= FUNCTION_LINES_MAX or name(path) in LONG_FUNCTIONS, (
                f"{node.name} has {lines} lines"
            )


def test_the_core_iterates_over_no_sets_and_decides_nothing_by_id() -> None:
    for path in (ROOT / "ivr" / "core").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.For | ast.comprehension):
                iterated = node.iter
                is_set = isinstance(iterated, ast.Set | ast.SetComp) or (
                    isinstance(iterated, ast.Call)
                    and getattr(iterated.func, "id", "") in ("set", "frozenset")
                )
                assert not is_set, f"{name(path)}:{iterated.lineno}: order must not depend on hashing"
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("id", "hash"):
                pytest.fail(f"{name(path)}:{node.lineno}: {ast.unparse(node)}")


@pytest.mark.parametrize("module", ["ivr", "ivr.core", "ivr.client", "ivr.cli"])
def test_imports_are_light(module: str) -> None:
    banned = {
        "ivr": ["aiohttp", "pydantic", "numpy", "msgspec"],
        "ivr.core": ["aiohttp", "pydantic", "numpy", "yaml", "jinja2", "asyncio"],
        "ivr.client": ["pydantic", "numpy", "yaml", "prometheus_client", "babel"],
        "ivr.cli": ["aiohttp", "pydantic", "numpy", "yaml", "prometheus_client"],
    }[module]
    code = f"import sys, {module}; print([name for name in {banned!r} if name in sys.modules])"
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()
    assert found == "[]", f"import {module} pulls in {found}"


def test_no_path_of_a_machine_and_no_registry_stands_in_the_repository() -> None:
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split()
    if not tracked:
        pytest.skip("not a git checkout")
    home = re.compile(
        r"/(?:root|home/[a-z]+|work|Users/[A-Za-z]+)/(?!\.\.\.)[a-z]|files\.pythonhosted|registry\.npmjs"
    )
    for listed in tracked:
        path = ROOT / listed
        if (
            path.suffix
            in (".py", ".md", ".yaml", ".yml", ".toml", ".json", ".txt", ".html", ".js", ".css", "")
            and path.is_file()
        ):
            if path == Path(__file__):
                continue
            found = home.search(path.read_text(encoding="utf-8", errors="ignore"))
            assert found is None, f"{listed}: {found.group(0) if found else ''}"


def test_links_in_the_docs_lead_somewhere() -> None:
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{name(path)} links to {target}"


def test_the_layers_hold() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_every_fact_and_event_is_in_the_glossary() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    for word in (
        "call",
        "line",
        "queue",
        "reservation",
        "offer",
        "wait",
        "hold",
        "wrap-up",
        "callback",
        "transfer",
    ):
        assert f"**{word}**" in glossary, word
