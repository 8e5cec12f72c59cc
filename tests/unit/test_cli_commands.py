"""Every command from the outside: help, exit codes, one line instead of a traceback, light imports."""

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from aiohttp.test_utils import unused_port

from ivr import wire
from ivr.cli import exit_codes, main
from ivr.cli.app import COMMANDS, demo_center
from ivr.errors import AuthorError, OperatorError, PeerError, ReplayDiverged

KEY_PHRASES = {
    "story": ("waits drawn to scale", "--live", "--speed", "2 when there is no such story"),
    "serve": ("[CENTER]", "--port", "default: 8080", "--no-people", "--speed"),
    "call": ("NUMBER", "--press", "1,5s,!2,hangup", "q hangs up", "--record", "IVR_URL", "default: 10m"),
    "agent": ("NAME", "--auto", "a accepts", "q signs out"),
    "new": ("NAME", "--dir", "left alone"),
    "format": ("PATH...", "--check", "house style"),
    "fuzz": ("--seeds", "any moment", "as few acts as it needs"),
    "simulate": ("confidence intervals", "same people"),
    "compare": ("common random numbers", "paired runs"),
    "import": ("would have waited longer", "queue_log"),
    "sweep": ("every combination", "same callers"),
    "staff": ("least agents", "finish the call"),
    "load": ("websocket phone of their own", "--no-callers", "default: 10m", "4 when no center answers"),
    "diff": ("what callers would notice", "--explore", "0 when no caller notices"),
    "explore": ("every choice", "--dials", "--write", "1 when something was"),
    "test": ("[PATH...]", "--coverage", "--fail-under", "--junit", "--url", "--only callback"),
    "check": ("PATH...", "--pack", "--format", "text, json, sarif, github"),
    "draw": ("--flow", "--format", "mermaid, svg, html", "--html", "--output"),
    "queue": ("QUEUE...", "--once", "minutes:seconds", "4 when no center answers"),
    "agents": ("--queue", "4 when no center answers"),
    "records": ("--since", "7d", "--csv", "apostrophe", "default: 50", "queue_log"),
    "erlang": ("--calls", "'80% in 20s'", "weibull MEAN SHAPE", "grows without end", "Erlang B"),
    "replay": ("JOURNAL", "--run", "histories are identical"),
    "schema": ("KIND", "flow, center, people, test, story, protocol"),
    "token": ("ROLE", "caller, agent, supervisor, metrics"),
}


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(arguments)
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return code, out, err


def flat(text: str) -> str:
    return " ".join(text.split())


def test_the_help_shows_every_command_and_every_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "--help")
    assert code == 0
    for name, _examples in COMMANDS:
        assert f"\n  {name} " in out
    for number, meaning in exit_codes.TABLE:
        assert f"{number}  {meaning}" in out
    assert "ivr serve" in out
    assert "object at" not in out
    assert max(map(len, out.splitlines())) <= 100


@pytest.mark.parametrize(("name", "examples"), COMMANDS)
def test_the_help_of_a_command(
    name: str, examples: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(capsys, name, "--help")
    assert code == 0
    assert f"Usage: ivr {name}" in out
    for phrase in (*KEY_PHRASES[name], *examples):
        assert phrase in flat(out), phrase
    assert "object at" not in out


@pytest.mark.parametrize("example", [example for _, examples in COMMANDS for example in examples])
def test_the_examples_of_the_help_can_be_typed(example: str) -> None:
    import shlex

    from ivr.cli.app import build

    words = shlex.split(example.partition(" > ")[0])
    assert words[0] == "ivr"
    build().parse_args(words[1:], exit_on_error=False, print_error=False)


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    from ivr import __version__

    assert run(capsys, "--version") == run(capsys, "-V") == (0, f"{__version__}\n", "")


@pytest.mark.parametrize(
    ("arguments", "phrase"),
    [
        (("cal",), 'Did you mean "call"?'),
        (("call",), "ivr: NUMBER is missing; see"),
        (("call", "support", "extra", "more"), "ivr: too much was typed: extra more; see"),
        (("call", "support", "--url", "ftp://x"), "--url 'ftp://x': a center is reached by http"),
        (("agent", "anna", "--url", "http://"), "is not an address"),
        (("call", "support", "--url", "127.0.0.1:99999"), "is not an address"),
        (("call", "support", "--max"), "ivr: --max needs a value; see"),
        (("records", "--limit", "abc"), "ivr: --limit 'abc' is not a whole number; see"),
        (("serve", "--speed", "abc"), "ivr: --speed 'abc' is not a number; see"),
        (("serve", "--speed", "0"), "0.01 to 1000"),
        (("serve", "--speed", "nan"), "0.01 to 1000"),
        (("records", "--csv=maybe"), "ivr: --csv takes no value; see"),
        (("call", "support", "--codec", "mp3"), "ulaw"),
        (("call", "support", "--pres", "1"), "--press"),
        (("call", "support", "--press", "1;2"), "neither keys"),
        (("call", "support", "--max", "soon"), "length of time"),
        (("serve", "--port", "many"), "--port"),
        (("serve", "--port", "99999"), "0 to 65535"),
        (("check",), "name a center's folder"),
        (("new", "../evil"), "not a name"),
        (("records", "--since", "yesterday"), "2026-11-22"),
        (("records", "--limit", "0"), "at least 1"),
        (("schema", "song"), "protocol"),
    ],
)
def test_wrong_usage_is_one_line_and_code_2(
    arguments: tuple[str, ...], phrase: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (exit_codes.USAGE, "")
    assert err.startswith("ivr: ")
    assert phrase in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("command", [("call", "support"), ("agent", "anna")])
def test_nobody_answers_is_code_4_with_the_cure(
    command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, *command, "--url", f"http://127.0.0.1:{unused_port()}")
    assert (code, out) == (exit_codes.PEER, "")
    assert "is `ivr serve` running?" in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("records", "--data", "{tmp}/nowhere"),
        ("replay", "{tmp}/nowhere"),
        ("replay", "{tmp}/empty.db"),
        ("check", "{tmp}/nowhere"),
        ("check", "{tmp}/nowhere.flow.yaml"),
        ("serve", "{tmp}/nowhere"),
        ("serve", "--tokens", "{tmp}/nowhere"),
        ("serve", "--host", "0.0.0.0"),
        ("serve", "--host", "no host"),
    ],
)
def test_what_the_operator_must_fix_is_code_3(
    arguments: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tmp_path.joinpath("empty.db").touch()
    code, out, err = run(capsys, *(argument.format(tmp=tmp_path) for argument in arguments))
    assert (code, out) == (exit_codes.OPERATOR, "")
    assert err.startswith("ivr: ")
    assert "Errno" not in err


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("check", "nothere"), "there is no folder nothere"),
        (("serve", "flows/nothere"), "there is no folder flows/nothere"),
        (("check", "nothere.flow.yaml"), "there is no file nothere.flow.yaml"),
        (
            ("serve", "--host", "no host"),
            "--host no host does not resolve: no address of this machine has that name",
        ),
        (
            ("serve", "--tokens", "nothere"),
            "there is no file nothere; write the lines into it that `ivr token` prints",
        ),
    ],
)
def test_what_is_not_there_is_named(
    arguments: tuple[str, ...], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, *arguments)[2] == f"ivr: {text}\n"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("records", "--json", "--csv"), exit_codes.USAGE),
        (("records", "--json", "--limit", "abc"), exit_codes.USAGE),
        (("check", "nothere", "--format", "json"), exit_codes.OPERATOR),
        (("check", "nothere", "--format=json"), exit_codes.OPERATOR),
    ],
)
def test_where_json_is_wanted_what_is_wrong_is_json_too(
    arguments: tuple[str, ...], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    got, out, err = run(capsys, *arguments)
    assert (got, out) == (code, "")
    told = json.loads(err)
    assert (told["type"], told["exit_code"]) == ("error", code)
    assert told["text"]


def test_control_c_before_anything_is_loaded_is_code_130_without_a_traceback() -> None:
    program = (
        "import sys\n"
        "class Finder:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'ivr.cli.app': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Finder())\n"
        "from ivr.cli import main\n"
        "sys.exit(main(['check', 'x']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=30
    )
    assert (done.returncode, done.stderr) == (exit_codes.INTERRUPTED, "ivr: stopped\n")


def test_each_kind_of_fault_has_its_code() -> None:
    assert exit_codes.of(AuthorError(())) == 1
    assert exit_codes.of(ReplayDiverged(0, "a", "b")) == 1
    assert exit_codes.of(exit_codes.WrongUsage("x")) == 2
    assert exit_codes.of(OperatorError("x")) == 3
    assert exit_codes.of(PeerError("x", "y")) == 4


def test_a_new_center_for_an_editor_has_settings_that_name_its_schemas(tmp_path: Path) -> None:
    assert main(["new", "mine", "--dir", str(tmp_path), "--vscode"]) == 0
    folder = tmp_path / "mine"
    settings = json.loads((folder / ".vscode" / "settings.json").read_text("utf-8"))
    assert set(settings["yaml.schemas"].values()) == {
        "*.flow.yaml",
        "center.yaml",
        "*.people.yaml",
        "*.test.yaml",
        "story.yaml",
    }
    for name in settings["yaml.schemas"]:
        jsonschema.Draft202012Validator.check_schema(json.loads((folder / name).read_text("utf-8")))


def test_a_script_is_told_in_json_what_was_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", "mine", "--dir", str(tmp_path), "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert sorted(path.name for path in Path(made["folder"]).iterdir()) == sorted(made["files"])


def test_a_new_center_is_one_that_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "new", "my-center", "--dir", str(tmp_path))
    assert code == 0
    assert f"ivr serve {tmp_path / 'my-center'}" in out
    code, out, _ = run(capsys, "check", str(tmp_path / "my-center"), "--json")
    assert (code, json.loads(out)) == (0, {"ok": True, "problems": []})
    assert "center: My center\n" in (tmp_path / "my-center" / "center.yaml").read_text()
    before = {path: path.read_bytes() for path in (tmp_path / "my-center").iterdir()}
    code, _, err = run(capsys, "new", "my-center", "--dir", str(tmp_path))
    assert code == exit_codes.OPERATOR
    assert "exists already" in err
    assert before == {path: path.read_bytes() for path in (tmp_path / "my-center").iterdir()}


def test_check_shows_place_and_cure_and_says_no(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "new", "c", "--dir", str(tmp_path))
    flow = tmp_path / "c" / "main.flow.yaml"
    flow.write_text(flow.read_text().replace("goto: main-menu", "goto: main-manu"))
    code, out, _ = run(capsys, "check", str(tmp_path / "c"))
    assert code == exit_codes.NO
    assert "main.flow.yaml:" in out
    assert "did you mean 'main-menu'?" in out
    assert "\x1b" not in out
    code, out, _ = run(capsys, "check", str(tmp_path / "c"), "--format", "json")
    found = json.loads(out)
    assert (code, found["ok"]) == (exit_codes.NO, False)
    assert {problem["severity"] for problem in found["problems"]} >= {"error"}


def test_serving_a_broken_center_lists_its_problems(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "center.yaml").write_text("center: X\n")
    code, out, err = run(capsys, "serve", str(tmp_path), "--port", "0")
    assert (code, out) == (exit_codes.NO, "")
    assert "center.yaml:" in err


def test_the_demo_is_found() -> None:
    assert (demo_center() / "center.yaml").exists()


@pytest.mark.parametrize("kind", ["flow", "center", "people", "protocol", "records", "facts", "events"])
def test_schemas_are_schemas(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "schema", kind)
    assert code == 0
    jsonschema.Draft202012Validator.check_schema(json.loads(out))


def test_the_schema_of_the_protocol_takes_its_examples_and_nothing_else(
    capsys: pytest.CaptureFixture[str],
) -> None:
    schema = json.loads(run(capsys, "schema", "protocol")[1])
    validator = jsonschema.Draft202012Validator(schema)
    for _, example in wire.EXAMPLES:
        value = json.loads(wire.encode(example))
        validator.validate(value)
        assert value in schema["$defs"][type(example).__name__]["examples"]
    wrongs: tuple[object, ...] = ({"type": "horoscope"}, {"type": "dial"}, {"type": "dial", "to": 5}, 7)
    for wrong in wrongs:
        assert not validator.is_valid(wrong), wrong


def test_a_token_is_shown_once_with_its_hash(capsys: pytest.CaptureFixture[str]) -> None:
    from ivr.live.auth import hash_of

    made = json.loads(run(capsys, "token", "caller", "--json")[1])
    assert made["hash"] == hash_of(made["token"])
    assert made["token"] != json.loads(run(capsys, "token", "caller", "--json")[1])["token"]


def test_light_imports() -> None:
    heavy = ("aiohttp", "pydantic", "numpy", "jinja2", "sqlite3", "rich", "prometheus_client", "asyncio")
    code = (
        "import sys, ivr.cli\n"
        f"print([m for m in {heavy} if m in sys.modules])\n"
        "from ivr.cli.app import build; build()\n"
        f"print([m for m in {heavy[:5]} if m in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout.split("\n")[:2] == ["[]", "[]"]


def test_a_reader_that_has_enough_is_no_fault() -> None:
    done = subprocess.run(
        f'{sys.executable} -c \'import sys; from ivr.cli import main; sys.exit(main(["schema", "flow"]))\''
        " | head -n 1; echo ${PIPESTATUS[0]}",
        shell=True,
        executable="/bin/bash",
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert done.stderr == ""
    assert done.stdout.split()[-1] == "0"
