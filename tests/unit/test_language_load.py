"""Loading flows: every load error at its line, with its cure; and what a good flow compiles to."""

import wave
from pathlib import Path
from typing import Any

import pytest

from ivr.core.flow import steps
from ivr.language import check_center, load_center, load_sources
from tests.unit.language_samples import CENTER, HEAD, flow, load, problems

GATE = "  a:\n    - menu: x\n      choices: { 1: { label: one, goto: b } }\n"
OTHER = (
    "flow: other\nstart: s\nreturns: [done, lost]\nvars: { n: integer }\nstates:\n  s:\n    - return: done\n"
)


@pytest.mark.parametrize(
    ("states", "code", "line", "column", "hint"),
    [
        ("  a:\n    - goto: b\n", "unknown-state", 5, 13, "known: a"),
        ("  a:\n    - goto: aa\n  aaa:\n    - hangup\n", "unknown-state", 5, 13, "'aaa'"),
        ("  a:\n    - say: hi\n", "dead-end", 5, 7, "goto"),
        ("  a:\n    - if: customer.debt > 0\n      then: [hangup]\n", "dead-end", 5, 7, "goto"),
        ("  a:\n    - hangup\n  b:\n    - hangup\n", "unreachable", 6, 3, "lead to it"),
        ("  a:\n    - hangup\n    - say: hi\n    - hangup\n", "unreachable", 6, 7, "delete"),
        ("  a:\n    - playy: x\n    - hangup\n", "value", 5, 7, "'play'"),
        ("  a:\n    - hangupp\n", "value", 5, 7, "'hangup'"),
        ("  a:\n    - menu\n", "value", 5, 7, "menu:"),
        ("  a:\n    - lookup: by-phone\n      timout: 3s\n    - hangup\n", "unknown-key", 6, 7, "'timeout'"),
        ("  a:\n    steps: [hangup]\n    onn: {}\n", "unknown-key", 6, 5, "'on'"),
        ("  a: hangup\n", "shape", 4, 6, ""),
        ("  a: []\n", "shape", 4, 6, ""),
        ("  a:\n    - menu: x\n    - hangup\n", "missing-key", 5, 7, "choices"),
        ("  a:\n    - menu: x\n      choices:\n        1: a\n", "label", 7, 12, "label"),
        ("  a:\n    - menu: x\n      choices:\n        1: { label: x }\n", "choice", 7, 12, "goto"),
        ("  a:\n    - menu: x\n      choices:\n        x: a\n", "value", 7, 9, "star"),
        (GATE + "      on: { given_up: a }\n  b: [hangup]\n", "unknown-outcome", 7, 13, "give_up"),
        ("  a:\n    - queue: suport\n    - hangup\n", "unknown-queue", 5, 14, "'support'"),
        ("  a:\n    - transfer: ana\n    - hangup\n", "unknown-target", 5, 17, "'anna'"),
        ("  a:\n    - hours: ofice\n    - hangup\n", "unknown-hours", 5, 14, "'office'"),
        ("  a:\n    - lookup: by-fone\n    - hangup\n", "unknown-lookup", 5, 15, "'by-phone'"),
        ("  a:\n    - run: by-phone\n    - hangup\n", "unknown-run", 5, 12, "known"),
        (
            "  a:\n    - hold: 5s\n      music: soft-pinao\n    - hangup\n",
            "unknown-music",
            6,
            14,
            "soft-piano",
        ),
        ("  a:\n    - call: othr\n", "unknown-flow", 5, 13, "'other'"),
        ("  a:\n    - call: other\n      on: { done: a }\n", "unhandled", 5, 13, "lost"),
        ("  a:\n    - call: other\n      on: { done: a, lost: a, x: a }\n", "unknown-outcome", 6, 31, "done"),
        ("  a:\n    - call: main\n", "recursion", 5, 13, "return"),
        ("  a:\n    - return: done\n", "unknown-outcome", 5, 15, "returns: [done]"),
        ("  a:\n    - set: { x: 1 }\n    - hangup\n", "unknown-variable", 5, 14, "vars: { x: text }"),
        ("  a:\n    - ask: x\n      into: x\n    - hangup\n", "unknown-variable", 6, 13, "vars"),
        ("  a:\n    - switch: customer.tier\n      cases: { gold: a }\n", "missing-key", 5, 7, "else"),
        (
            "  a:\n    - switch: customer.months\n      cases: { gold: b }\n      else: b\n  b: [hangup]\n",
            "type",
            6,
            16,
            "",
        ),
        ("  a:\n    - goto: a\n", "endless", 4, 3, "menu"),
        (
            "  a:\n    - say: x\n    - goto: b\n  b:\n    - hours: office\n      on: { closed: a }\n    - hangup\n",
            "endless",
            4,
            3,
            "",
        ),
        ("  a:\n    - queue: support\n      on: { full: a }\n    - hangup\n", "endless", 4, 3, ""),
        ("  a:\n    - if: customer.debt\n      then: [hangup]\n    - hangup\n", "expression", 5, 11, "> 0"),
        ("  a:\n    - if: 1 < 2\n      then: [hangup]\n    - hangup\n", "expression", 5, 11, ""),
        (
            "  a:\n    - if: customer.left_on > '2026-01-01'\n      then: [hangup]\n    - hangup\n",
            "expression",
            5,
            11,
            "default",
        ),
        ("  a:\n    - say: press # to end\n    - hangup\n", "dropped-comment", 5, 12, "quote"),
        ("  a:\n    - say: 'You owe {{ customer.dept | money }}'\n    - hangup\n", "text", 5, 24, "debt"),
        (
            "  a:\n    - say: |\n        Hello\n        {{ customer.dept }}\n    - hangup\n",
            "text",
            7,
            1,
            "debt",
        ),
        ("  a:\n    - say: { english: hi }\n    - hangup\n", "value", 5, 12, "en"),
        (
            '  a:\n    - run: pay\n      with: { amount: "customer.debt" }\n    - hangup\n',
            "type",
            6,
            23,
            "remove the quotes",
        ),
        (
            "  a:\n    - lookup: by-phone\n      with: { phone: gold }\n    - hangup\n",
            "expression",
            6,
            22,
            "quotes",
        ),
        (
            "  a:\n    - lookup: by-phone\n      with: { phon: '1', phone: '1' }\n    - hangup\n",
            "unknown-argument",
            6,
            15,
            "phone",
        ),
        ("  a:\n    - run: pay\n    - hangup\n", "missing-argument", 5, 12, "amount"),
        (
            "  a:\n    - say: '{{ result.reference }}'\n    - run: pay\n      with: { amount: 1 }\n    - run: book\n    - hangup\n",
            "text",
            5,
            16,
            "after",
        ),
        (
            "  a:\n    - offer: x\n      steps: [{ months: 3 }]\n      say: x\n    - hangup\n",
            "offer",
            6,
            15,
            "percent",
        ),
        (
            "  a:\n    - queue: support\n      callback: { key: 1, say: y }\n    - hangup\n",
            "unhandled",
            6,
            17,
            "callback",
        ),
        ("  a:\n    - play: ../../etc/passwd\n    - hangup\n", "sound", 5, 13, ""),
        ("  a:\n    - wait: 5 parsecs\n    - hangup\n", "value", 5, 13, "500ms"),
        ("  a:\n    - wait: 0s\n    - hangup\n", "value", 5, 13, ""),
        ("  a:\n    - wait: -1s\n    - hangup\n", "value", 5, 13, ""),
        ("  a:\n    - wait: .inf\n    - hangup\n", "value", 5, 13, ""),
        ("  a:\n    - wait: NaN\n    - hangup\n", "value", 5, 13, ""),
        ("  a:\n    - wait: 1e308\n    - hangup\n", "value", 5, 13, ""),
        (f"  a:\n    - wait: {'9' * 100_000}s\n    - hangup\n", "value", 5, 13, ""),
    ],
)
def test_load_errors(states: str, code: str, line: int, column: int, hint: str) -> None:
    found = problems(flow(states), more={"other.flow.yaml": OTHER})
    assert found, "nothing was found"
    places = {
        (problem.code, problem.line, problem.column): problem
        for problem in found
        if problem.file == "main.flow.yaml"
    }
    assert (code, line, column) in places
    assert hint in places[code, line, column].hint


def test_all_problems_come_at_once_sorted_and_broken_flows_are_not_called_missing() -> None:
    found = problems("flow: main\nstart: b\nstates:\n  a:\n    - goto: x\n    - queue: y\n    - goto: z\n")
    assert [(problem.line, problem.code) for problem in found] == [
        (2, "unknown-state"),
        (5, "unknown-state"),
        (6, "unreachable"),
        (6, "unknown-queue"),
        (7, "unknown-state"),
    ]
    assert {problem.file for problem in problems("flow: main\nstart: a\nstates: []\n")} == {"main.flow.yaml"}


@pytest.mark.parametrize(
    ("head", "code", "line", "column"),
    [
        ("rules: { r: customer.dept > 0 }\n", "expression", 3, 13),
        ("rules: { r: rules.q, q: rules.r }\n", "expression", 3, 13),
        ("rules: { r: customer.debt }\n", "expression", 3, 13),
        ("vars: { n: intger }\n", "value", 3, 12),
        ("vars: { from: text }\n", "name", 3, 9),
        ("on: { opertor: a }\n", "unknown-outcome", 3, 7),
        ("on: { failed: [{ say: x }] }\n", "dead-end", 3, 16),
        ("on: { keys: { 12: a } }\n", "value", 3, 15),
        ("policy: { max_offers: many }\n", "value", 3, 23),
        ("defaults: { listen: { silnce: 5s } }\n", "unknown-key", 3, 23),
    ],
)
def test_faults_of_the_whole_flow(head: str, code: str, line: int, column: int) -> None:
    found = problems(f"flow: main\nstart: a\n{head}states:\n  a: [hangup]\n")
    assert (code, line, column) in {(problem.code, problem.line, problem.column) for problem in found}


def test_a_faulty_rule_is_blamed_once_and_not_its_users() -> None:
    text = "flow: main\nstart: a\nrules: { r: customer.dept > 0 }\nstates:\n  a:\n    - if: rules.r\n      then: [hangup]\n    - hangup\n"
    assert [(problem.line, problem.code) for problem in problems(text)] == [(3, "expression")]


def menu_of(center: Any, state: str = "a") -> steps.Menu:
    node = center.plan.flows["main"].states[state].first
    assert isinstance(node, steps.Menu)
    return node


def test_menus_are_generated_from_labels_in_each_language() -> None:
    menu = menu_of(
        load(
            flow(
                "  a:\n    - menu: { en: How can we help?, ru: Чем помочь? }\n      choices:\n"
                "        1: { label: { en: For bills, ru: Для счетов }, speech: [invoice], goto: b }\n"
                "        star: { label: { en: To repeat., ru: Повторить }, repeat: true }\n  b: [hangup]\n",
                HEAD.replace("states:", "on: { operator: b }\nstates:"),
            )
        )
    )
    assert (
        menu.prompt.texts["en"].source
        == "How can we help? For bills, press 1. To repeat, press star. To speak to a person, press 0."
    )
    assert (
        menu.prompt.texts["ru"].fn({})
        == "Чем помочь? Для счетов, нажмите 1. Повторить, нажмите звёздочку. Чтобы поговорить с сотрудником, нажмите 0."
    )
    assert list(menu.choices) == ["1", "*", "0"]
    assert menu.phrases == {
        "invoice": "1",
        "for bills": "1",
        "для счетов": "1",
        "to repeat": "*",
        "повторить": "*",
    }
    assert [tuple(choice) for choice in menu.listening.choices] == [
        ("1", "For bills"),
        ("*", "To repeat."),
        ("0", "operator"),
    ]
    assert isinstance(menu.choices["*"], steps.Repeat)


def test_a_menu_with_its_own_text_says_only_that() -> None:
    menu = menu_of(
        load(flow("  a:\n    - menu: x\n      say: Press one.\n      choices: { 1: b }\n  b: [hangup]\n"))
    )
    assert menu.prompt.texts["en"].source == "Press one."


def test_a_missing_translation_is_a_warning_with_its_place() -> None:
    center = load(flow("  a:\n    - say: { en: hi, ru: привет }\n    - say: ho\n    - hangup\n"))
    assert [(w.code, w.line, w.column, w.severity) for w in center.warnings] == [
        ("translation", 6, 12, "warning")
    ]


def test_blocks_fall_through_to_what_stands_after_them() -> None:
    center = load(
        flow(
            "  a:\n    - if: customer.debt > 0\n      then: [{ say: one }, { say: two }]\n      else: b\n"
            "    - menu: x\n      choices: { 1: { label: one, goto: b } }\n"
            "      on: { silence: { say: hm }, give_up: [{ say: bye }, hangup] }\n  b: [hangup]\n"
        )
    )
    states = center.plan.flows["main"].states
    first = states["a"].first
    assert isinstance(first, steps.If)
    assert isinstance(first.then, steps.Say)
    assert first.then.path == "0.then.0"
    second = first.then.next
    assert isinstance(second, steps.Say)
    assert second.next is first.next
    assert first.otherwise is states["b"]
    menu = first.next
    assert isinstance(menu, steps.Menu)
    silence = menu.handlers[0]["silence"]
    assert isinstance(silence, steps.Say)
    assert isinstance(silence.next, steps.Again)
    assert silence.next.step is menu
    bye = menu.handlers[0]["give_up"]
    assert isinstance(bye, steps.Say)
    assert isinstance(bye.next, steps.HangUp)


def test_outer_handlers_of_misses_come_back_to_each_listening_step() -> None:
    text = (
        "flow: main\nstart: a\non: { silence: [{ say: louder }], operator: b }\ndefaults: { listen: { tries: 2 } }\nstates:\n"
        "  a:\n    listen: { silence: 9s }\n    steps:\n      - menu: x\n        listen: { between_digits: 1s }\n"
        "        choices: { 1: { label: one, goto: b } }\n  b: [hangup]\n"
    )
    menu = menu_of(load(text))
    louder = menu.handlers[0]["silence"]
    assert isinstance(louder, steps.Say)
    assert isinstance(louder.next, steps.Again)
    assert louder.next.step is menu
    assert (menu.listen.silence_ms, menu.listen.between_digits_ms, menu.listen.tries) == (9_000, 1_000, 2)


def test_offers_say_their_keys() -> None:
    center = load(
        flow(
            "  a:\n    - offer: x\n      steps: [{ percent: 30, months: 6 }]\n      say: '{{ offer.price | money }}?'\n    - hangup\n"
        )
    )
    offer = center.plan.flows["main"].states["a"].first
    assert isinstance(offer, steps.Offer)
    assert offer.prompt.texts["en"].source.endswith("? To accept, press 1. To decline, press 2.")
    assert offer.price.source == "customer.price"


def wav(path: Path, frames: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8_000)
        file.writeframes(b"\0\0" * frames)


def test_sounds_are_measured_and_replays_do_not_need_them(tmp_path: Path) -> None:
    (tmp_path / "center.yaml").write_text(CENTER, encoding="utf-8")
    (tmp_path / "main.flow.yaml").write_text(
        flow("  a:\n    - play: s/hello.wav\n    - hangup\n"), encoding="utf-8"
    )
    wav(tmp_path / "s" / "hello.wav", 12_000)
    center = load_center(tmp_path)
    step = center.plan.flows["main"].states["a"].first
    assert isinstance(step, steps.Say)
    assert step.prompt.wav == {"en": ("s/hello.wav", 1_500)}
    again = load_sources(center.sources)
    assert again.plan.digest == center.plan.digest
    replayed = again.plan.flows["main"].states["a"].first
    assert isinstance(replayed, steps.Say)
    assert replayed.prompt.wav == step.prompt.wav


@pytest.mark.parametrize(
    "name",
    [
        "../outside.wav",
        "/etc/passwd",
        "~/x.wav",
        "link.wav",
        "%2e%2e/x.wav",
        "file:///etc/x.wav",
        "CON.wav",
        "x" * 300 + ".wav",
        "HELLO.wav",
        "a\\b.wav",
        "none.wav",
        "center.yaml",
        "text.wav",
        "empty.wav",
        "dir.wav",
    ],
)
def test_sounds_stay_inside_the_folder(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "center"
    folder.mkdir()
    wav(tmp_path / "outside.wav", 100)
    wav(folder / "hello.wav", 100)
    wav(folder / "empty.wav", 0)
    (folder / "dir.wav").mkdir()
    (folder / "text.wav").write_text("no sound", encoding="utf-8")
    (folder / "link.wav").symlink_to(tmp_path / "outside.wav")
    (folder / "center.yaml").write_text(CENTER, encoding="utf-8")
    (folder / "main.flow.yaml").write_text(
        flow(f"  a:\n    - play: '{name}'\n    - hangup\n"), encoding="utf-8"
    )
    found = check_center(folder)
    assert [(problem.code, problem.line) for problem in found] == [("sound", 5)]


def test_a_long_chain_of_states_is_no_problem() -> None:
    chain = "".join(f"  s{n}: [{{ goto: s{n + 1} }}]\n" for n in range(5_000))
    assert problems(f"flow: main\nstart: s0\nstates:\n{chain}  s5000: [hangup]\n") == []
    found = problems(f"flow: main\nstart: s0\nstates:\n{chain}  s5000: [{{ goto: s0 }}]\n")
    assert [problem.code for problem in found] == ["endless"]


def test_a_text_in_several_languages_speaks_values_in_each() -> None:
    spoken = '{ en: "You owe {{ customer.debt | money }}.", ru: "Долг {{ customer.debt | money }}." }'
    center = load(flow(f"  a:\n    - say: {spoken}\n    - hangup\n"))
    say = center.plan.flows["main"].start.first
    assert isinstance(say, steps.Say)
    prompt = say.prompt
    scope: dict[str, Any] = {"customer": {"debt": 30}}
    assert [template.fn(scope) for template in prompt.texts.values()] == [
        "You owe 30 euros.",
        "Долг 30 евро.",
    ]
    assert {type(code) for code in prompt.texts} == {str}
