"""What an author sees in an editor: the real YAML language server, with the schemas that `ivr new --vscode` writes."""

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import pytest

from ivr.cli import main

VENV = Path(sys.prefix)
SERVER = VENV / "editor" / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
NODE = shutil.which("node") or (str(VENV / "bin" / "node") if (VENV / "bin" / "node").exists() else None)

pytestmark = pytest.mark.skipif(
    NODE is None or not SERVER.exists(),
    reason="needs the YAML language server; tools/editor.sh installs it where it may",
)

FLOW = """\
flow: main
start: hello
states:
  hello:
    - say: "Hello."
    - menu: "How can we help?"
      choices:
        1: { label: "To talk", goto: bye }
  bye: [hangup]
"""


class Editor:
    """A client of the language server, as an editor is: JSON-RPC over its standard input and output."""

    def __init__(self, process: "subprocess.Popen[bytes]", folder: Path) -> None:
        self._process = process
        self._folder = folder
        self._number = 0
        self._came: Queue[dict[str, Any]] = Queue()
        self._version = 0
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        out = self._process.stdout
        assert out is not None
        while header := out.readline():
            length = int(header.partition(b":")[2])
            while out.readline().strip():
                pass
            self._came.put(json.loads(out.read(length)))

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self._process.stdin.flush()

    def _wait(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        while True:
            try:
                message = self._came.get(timeout=20)
            except Empty:
                pytest.fail("the language server does not answer")
            if wanted(message):
                return message
            if message.get("method") == "workspace/configuration":
                self._send(
                    {
                        "id": message["id"],
                        "result": [
                            self._settings().get(item["section"]) for item in message["params"]["items"]
                        ],
                    }
                )
            elif "method" in message and "id" in message:
                self._send({"id": message["id"], "result": None})

    def _settings(self) -> dict[str, Any]:
        settings = json.loads((self._folder / ".vscode" / "settings.json").read_text("utf-8"))
        schemas = {
            (self._folder / name).as_uri(): pattern for name, pattern in settings["yaml.schemas"].items()
        }
        return {
            "yaml": {
                "schemas": schemas,
                "completion": True,
                "hover": True,
                "validate": True,
                "schemaStore": {"enable": False},
            }
        }

    def request(self, method: str, parameters: dict[str, Any]) -> Any:
        self._number += 1
        number = self._number
        self._send({"id": number, "method": method, "params": parameters})
        return self._wait(lambda message: message.get("id") == number and "method" not in message).get(
            "result"
        )

    def start(self) -> None:
        uri = self._folder.as_uri()
        capabilities = {
            "textDocument": {"completion": {"completionItem": {"snippetSupport": False}}, "hover": {}},
            "workspace": {"configuration": True},
        }
        self.request(
            "initialize",
            {
                "processId": None,
                "rootUri": uri,
                "capabilities": capabilities,
                "workspaceFolders": [{"uri": uri, "name": "c"}],
            },
        )
        self._send({"method": "initialized", "params": {}})
        self._send({"method": "workspace/didChangeConfiguration", "params": {"settings": self._settings()}})

    def shows(self, name: str, text: str) -> list[tuple[int, str]]:
        """Lines (from 1) and texts of what is underlined in a file with this text."""
        self.uri = (self._folder / name).as_uri()
        self._version += 1
        document = {"uri": self.uri, "languageId": "yaml", "version": self._version, "text": text}
        self._send({"method": "textDocument/didOpen", "params": {"textDocument": document}})
        told = self._wait(
            lambda message: (
                message.get("method") == "textDocument/publishDiagnostics"
                and message["params"]["uri"] == self.uri
            )
        )
        return [
            (found["range"]["start"]["line"] + 1, found["message"]) for found in told["params"]["diagnostics"]
        ]

    def completes(self, line: int, column: int) -> set[str]:
        found = self.request(
            "textDocument/completion",
            {"textDocument": {"uri": self.uri}, "position": {"line": line - 1, "character": column}},
        )
        return {item["label"] for item in found["items"]}

    def explains(self, line: int, column: int) -> str:
        found = self.request(
            "textDocument/hover",
            {"textDocument": {"uri": self.uri}, "position": {"line": line - 1, "character": column}},
        )
        return str(found["contents"]["value"]) if found else ""


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    root = tmp_path_factory.mktemp("editor")
    assert main(["new", "mine", "--dir", str(root), "--vscode"]) == 0
    assert NODE is not None
    process = subprocess.Popen(
        [NODE, str(SERVER), "--stdio"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    with process:
        there = Editor(process, root / "mine")
        there.start()
        yield there
        process.terminate()
        there.reader.join(10)


def test_a_good_flow_and_the_files_of_a_new_center_are_not_underlined(editor: Editor) -> None:
    assert editor.shows("good.flow.yaml", FLOW) == []
    files = sorted(editor._folder.glob("*.yaml"))
    assert {".".join(path.name.split(".")[-2:]) for path in files} == {
        "center.yaml",
        "flow.yaml",
        "people.yaml",
        "test.yaml",
    }
    for path in files:
        text = "\n".join(line for line in path.read_text("utf-8").splitlines() if "$schema" not in line)
        assert editor.shows(path.name, text) == [], path.name


@pytest.mark.parametrize(
    ("change", "line", "says"),
    [
        (("start: hello", "strat: hello"), 2, "strat"),
        (("goto: bye }", "gotoo: bye }"), 8, "gotoo"),
        (('- say: "Hello."', '- sya: "Hello."'), 5, "sya"),
        (("      choices:", "      timout: 5s\n      choices:"), 7, "timout"),
    ],
)
def test_a_mistake_is_underlined_at_its_line(
    change: tuple[str, str], line: int, says: str, editor: Editor
) -> None:
    shown = editor.shows(f"bad{line}{says}.flow.yaml", FLOW.replace(*change))
    assert any(place == line and says in text for place, text in shown), shown


def test_inside_a_menu_its_options_are_offered_and_no_other_verbs(editor: Editor) -> None:
    editor.shows("menu.flow.yaml", FLOW.replace("      choices:", "      \n      choices:"))
    offered = editor.completes(7, 6)
    assert {"listen", "say", "on"} <= offered
    assert not {"max_wait", "end_key", "percent"} & offered


def test_a_field_explains_itself(editor: Editor) -> None:
    editor.shows("hover.flow.yaml", FLOW)
    assert "choice" in editor.explains(7, 8).lower()
    assert editor.explains(2, 2)


STORY = """\
story: A leaflet
customer: { name: Ada, phone: "1" }
matter: discount
timeline:
  - { on: 2026-12-03T10:00, calls: { number: sales, says: "A leaflet says..." } }
"""


def test_a_story_is_known_too(editor: Editor) -> None:
    assert editor.shows("good/story.yaml", STORY) == []
    shown = editor.shows("bad/story.yaml", STORY.replace("number: sales", "numbr: sales"))
    assert any(line == 5 and "numbr" in text for line, text in shown), shown
    editor.shows("hover/story.yaml", STORY)
    assert "matter" in editor.explains(3, 2).lower() or "belong" in editor.explains(3, 2).lower()
