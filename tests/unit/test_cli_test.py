"""`ivr test` from the outside, and the same tests as items of pytest."""

import json
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from aiohttp.test_utils import unused_port

from ivr.cli import exit_codes, main

TWO = """
tests:
  - test: help comes
    dials: hotline
    agents: { help: 1 }
    caller:
      - { hears: "What can we do for you?", press: 1 }
      - talks_to: anybody
  - test: goes wrong
    dials: hotline
    caller:
      - { hears: "What can we do for you?", press: 2 }
      - hears: { contains: "You are number 1", within: 20s }
    expect: { ended: flow_hung_up }
"""


@pytest.fixture
def center(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    main(["new", "shop", "--dir", str(tmp_path)])
    capsys.readouterr()
    return tmp_path / "shop"


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = main(["test", *map(str, arguments)])
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return code, out, err


def test_a_new_center_has_tests_that_pass(center: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, center)
    assert code == exit_codes.OK
    assert out.count("  ok  ") == 3
    assert "3 tests: 3 passed, in " in out


def test_a_failure_says_no_and_why_and_all_tests_run(
    center: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (center / "a.test.yaml").write_text(TWO, "utf-8")
    code, out, _ = run(capsys, center)
    assert code == exit_codes.NO
    assert out.count("  ok  ") == 4
    assert "FAIL  goes wrong" in out
    assert f'{center / "a.test.yaml"}:13:9: hears contains "You are number 1"' in out
    assert 'heard instead: "This is a center of your own.' in out
    assert "  caller  presses 2\n" in out
    assert "5 tests: 4 passed, 1 failed, in " in out


def test_only_some(center: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (center / "a.test.yaml").write_text(TWO, "utf-8")
    assert run(capsys, center / "a.test.yaml", "--only", "HELP")[0] == exit_codes.OK
    code, _, err = run(capsys, center, "--only", "nothing of that name")
    assert (code, err) == (exit_codes.OPERATOR, "ivr: no test has 'nothing of that name' in its name\n")


def test_json(center: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (center / "a.test.yaml").write_text(TWO, "utf-8")
    code, out, _ = run(capsys, center / "a.test.yaml", "--json", "--coverage")
    found = json.loads(out)
    assert (code, found["ok"]) == (exit_codes.NO, False)
    assert [(test["name"], test["status"]) for test in found["tests"]] == [
        ("help comes", "passed"),
        ("goes wrong", "failed"),
    ]
    failure = found["tests"][1]["failures"][0]
    assert (failure["line"], failure["column"]) == (13, 9)
    assert found["tests"][1]["call"][0] == "0:00.0  flow    -> welcome"
    assert {"covered", "of", "percent", "missed"} == set(found["coverage"]["main"])
    assert found["coverage"]["main"]["missed"][0]["line"] > 0


def test_junit(center: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (center / "a.test.yaml").write_text(TWO, "utf-8")
    run(capsys, center, "--junit", tmp_path / "out.xml")
    root = ET.parse(tmp_path / "out.xml").getroot()
    assert (root.tag, root.attrib["tests"], root.attrib["failures"]) == ("testsuites", "5", "1")
    assert [suite.attrib["tests"] for suite in root] == ["2", "3"]
    failed = [case for case in root.iter("testcase") if case.find("failure") is not None]
    assert [case.attrib["name"] for case in failed] == ["goes wrong"]
    told = failed[0].find("failure")
    assert told is not None
    assert "0:00.0  flow    -> welcome" in (told.text or "")
    code, _, err = run(capsys, center, "--junit", tmp_path / "no" / "out.xml")
    assert (code, "cannot write" in err) == (exit_codes.OPERATOR, True)


def test_coverage_and_its_floor(center: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, center, "--coverage")
    assert code == exit_codes.OK
    assert "main    57 %  8 of 14\n" in out
    assert f"  {center / 'main.flow.yaml'}:23  menu: key 2\n" in out
    assert run(capsys, center, "--fail-under", "57")[0] == exit_codes.OK
    code, out, err = run(capsys, center, "--fail-under", "58")
    assert (code, err) == (exit_codes.NO, "the coverage is 57.1 %, and has to be 58 %\n")
    assert "57 %" in out, "who is told that it is too little is told where"


def test_problems_come_before_anything_runs(center: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (center / "a.test.yaml").write_text(TWO.replace("ended: flow_hung_up", "endd: x"), "utf-8")
    code, out, err = run(capsys, center)
    assert (code, out) == (exit_codes.NO, "")
    assert "a.test.yaml:14:15: error[unknown-key]: unknown key 'endd'" in err
    assert "did you mean 'ended'?" in err


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["no-such-folder"], exit_codes.OPERATOR, "there is no folder no-such-folder"),
        (["{center}/main.flow.yaml"], exit_codes.OPERATOR, "tests are files *.test.yaml"),
        (["{center}", "--fail-under", "101"], exit_codes.USAGE, "is no percentage"),
        (["{center}", "--url", "http://127.0.0.1:9", "--coverage"], exit_codes.USAGE, "needs virtual time"),
        (["{center}", "--url", "nowhere://x"], exit_codes.USAGE, "--url"),
    ],
)
def test_what_cannot_be_meant(
    center: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, text: str
) -> None:
    found, _, err = run(capsys, *(argument.format(center=center) for argument in arguments))
    assert (found, text in err) == (code, True), err


def test_nobody_at_the_address(center: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (center / "a.test.yaml").write_text("test: t\ndials: hotline\ncaller: [hangs_up]\n", "utf-8")
    code, _, err = run(capsys, center / "a.test.yaml", "--url", f"http://127.0.0.1:{unused_port()}")
    assert (code, err.startswith("ivr: ")) == (exit_codes.PEER, True)


# The plugin ----------------------------------------------------------------------------------------------


def pytest_in(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pytest as an author would; the plugin is named where the installation does not know it yet."""
    known = any(point.name == "ivr" for point in entry_points(group="pytest11"))
    plugin = [] if known else ["-p", "ivr.trial.plugin"]
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *plugin, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)


def test_pytest_collects_tests_and_fails_with_the_same_words(
    center: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (center / "a.test.yaml").write_text(TWO, "utf-8")
    (center / "test_other.py").write_text("def test_python():\n    pass\n", "utf-8")
    done = pytest_in(center, "-v")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "a.test.yaml::help comes PASSED" in done.stdout
    assert "a.test.yaml::goes wrong FAILED" in done.stdout
    assert "main.test.yaml::silence leads to a person PASSED" in done.stdout
    assert "test_other.py::test_python PASSED" in done.stdout
    assert 'a.test.yaml:13:9: hears contains "You are number 1"' in done.stdout
    assert "  caller  presses 2\n" in done.stdout
    assert "trial/plugin.py" not in done.stdout, "the author's file is to blame, not ours"
    one = pytest_in(center, "a.test.yaml::help comes")
    assert (one.returncode, "1 passed" in one.stdout) == (0, True), one.stdout


def test_pytest_shows_the_problems_of_a_file(center: Path) -> None:
    (center / "a.test.yaml").write_text("test: t\ndails: hotline\n", "utf-8")
    done = pytest_in(center)
    assert done.returncode == 2, done.stdout
    assert "a.test.yaml:2:1: error[unknown-key]: unknown key 'dails'" in done.stdout


def test_the_plugin_leaves_files_of_others_alone(tmp_path: Path) -> None:
    (tmp_path / "x.test.yaml").write_text("something: else\n", "utf-8")
    assert pytest_in(tmp_path).returncode == 5, "no tests"
    assert "there is no center.yaml" not in pytest_in(tmp_path).stdout
    (tmp_path / "x.test.yaml").write_text("test: t\ndials: main\ncaller: [hangs_up]\n", "utf-8")
    named = pytest_in(tmp_path, "x.test.yaml")
    assert (named.returncode, "there is no center.yaml" in named.stdout) == (2, True), (
        "what is named is not passed over"
    )


def test_the_plugin_is_light() -> None:
    code = "import sys, ivr.trial.plugin; print([n for n in ('pydantic', 'yaml', 'ivr.language') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
