"""Work is done once: counted in calls, which do not depend on the machine."""

import cProfile
import pstats
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ivr.core.flow import expression
from ivr.language import check_center, load_center, scoping, templates
from ivr.language.compile import CENTER_FILE
from tests.unit.language_samples import CENTER

CALLS_A_STATE_MAX = 3_000  # 2,300 when this was written; 3,600 before work was done once


def big(folder: Path, states: int) -> Path:
    lines = [
        "flow: main",
        "start: s0",
        "rules: { owes: customer.debt > 0 }",
        "on: { operator: people }",
        "states:",
    ]
    for number in range(states):
        onward = f"s{number + 1}" if number + 1 < states else "people"
        lines += [
            f"  s{number}:", f'    - say: "Hello {{{{ customer.name }}}}, this is state {number}."',
            f"    - if: rules.owes and customer.months > {number}", f"      then: {onward}",
            "    - if: rules.owes and customer.active", "      then: people",
            '    - menu: "And now?"', "      choices:",
            f'        1: {{ label: "For number {number}", goto: {onward} }}', '        9: { label: "To hear this again", repeat: true }',
            "      on:", '        silence: { say: "I heard nothing." }', "        give_up: people",
        ]  # fmt: skip
    lines += ["  people:", "    - queue: support", "    - hangup", ""]
    folder.mkdir()
    (folder / CENTER_FILE).write_text(CENTER, encoding="utf-8")
    (folder / "main.flow.yaml").write_text("\n".join(lines), encoding="utf-8")
    return folder


def calls(folder: Path) -> int:
    profile = cProfile.Profile()
    profile.enable()
    found = check_center(folder)
    profile.disable()
    assert found == []
    return int(pstats.Stats(profile).total_calls)  # type: ignore[attr-defined]


def test_a_check_takes_few_calls_and_grows_with_the_flow_alone(tmp_path: Path) -> None:
    calls(big(tmp_path / "warm", 5))
    small, large = calls(big(tmp_path / "small", 100)), calls(big(tmp_path / "large", 200))
    assert large < 2.1 * small
    assert large < CALLS_A_STATE_MAX * 200


class Counted:
    """A function that notes what it is asked first."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.asked: list[Any] = []

    def __call__(self, first: Any, *args: Any, **named: Any) -> Any:
        self.asked.append(first)
        return self.function(first, *args, **named)


def test_what_is_written_often_is_compiled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expressions, texts = Counted(expression.compile_expression), Counted(templates.compile_template)
    monkeypatch.setattr(scoping, "compile_expression", expressions)
    monkeypatch.setattr(scoping, "compile_template", texts)
    check_center(big(tmp_path / "center", 50))
    assert len(expressions.asked) == len(set(expressions.asked)) == 53
    assert len(texts.asked) == len(set(texts.asked)) == 50 * 2 + 5


def test_a_check_makes_no_code_and_a_load_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assembled = Counted(expression.assemble)
    monkeypatch.setattr(expression, "assemble", assembled)
    folder = big(tmp_path / "center", 3)
    assert check_center(folder) == []
    assert assembled.asked == []
    load_center(folder)
    assert len(assembled.asked) == 6
