"""The worst files that fit into the bounds: `ivr check` ends in time, in little memory, with an answer.

Measured is the child's own processor time and its peak memory, by itself: the peak that a parent is told of a child
begins with the own one of the parent. On a common machine each takes at most 2.2 s, half a second of which is the
start of Python; the bound here leaves room for slower ones, and for others at work.
"""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ivr.limits import FILE_BYTES_MAX

RUN = """
import resource
from ivr.cli import main
code = main()
used = resource.getrusage(resource.RUSAGE_SELF)
peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print("measured", used.ru_utime + used.ru_stime, int(peak) / 1024)
raise SystemExit(code)
"""
CPU_SECONDS_MAX = 8.0
MEMORY_MB_MAX = 200

HEAD = "flow: main\nstart: a\n"
CENTER = """\
center: Worst
numbers: { "1": main }
queues: { q: {} }
agents: { a: { queues: [q] } }
lint: { packs: [core, human, retention, pt, br, es, in] }
"""


def full(part: Callable[[int], str], head: str, tail: str = "", most: int = 10**6) -> str:
    """As many parts as fit into a file."""
    parts, size, number = [head], len(head) + len(tail), 0
    while number < most and size + len(more := part(number)) < FILE_BYTES_MAX:
        parts.append(more)
        size += len(more)
        number += 1
    return "".join([*parts, tail])


def states(part: Callable[[int], str], most: int, head: str = "") -> str:
    return full(part, f"{HEAD}{head}states:\n  a: [{{ goto: s0 }}]\n", most=most)


STEPS = f"{HEAD}states:\n  a:\n"
END = "    - hangup\n"
MANY = ", ".join(f"p{n}" for n in range(90))
FILES = {
    "sixty thousand brackets": "[" * 60_000,
    "comments alone": "# x\n" * 500_000,
    "a text of two megabytes": f"{HEAD}states: {{ a: [{{ say: '{'x' * (FILE_BYTES_MAX - 100)}' }}] }}",
    "very many steps": full(lambda n: "    - say: Hi\n", STEPS, END),
    "as many steps as nodes allow": full(lambda n: "    - say: Hi there\n", STEPS, END, 60_000),
    "unknown states": states(lambda n: f"  state-number-{n}: [{{goto: state-numbr-{n}}}]\n", 9_990),
    "unknown verbs": full(lambda n: f"    - sya: Hi{n}\n", STEPS, END, 40_000),
    "texts with values": full(
        lambda n: f'    - say: "{n} {"{{ caller.number }} " * 18}"\n', STEPS, END
    ),
    "conditions": full(
        lambda n: "    - if: " + " and ".join(f"call.errors > {n + i}" for i in range(20)) + "\n      then: [hangup]\n",
        STEPS,
        END,
    ),
    "conditions with unknown names": full(
        lambda n: "    - if: " + " and ".join(f"cll.errrs > {n + i}" for i in range(20)) + "\n      then: [hangup]\n",
        STEPS,
        END,
    ),
    "rules of rules": full(
        lambda n: f"  r{n}: rules.r{n + 1} and rules.r{n + 1}\n", f"{HEAD}rules:\n", "states: { a: [hangup] }\n"
    ),
    "menus that lead everywhere": states(
        lambda n: f"  s{n}: [{{ menu: W {n}, choices: {{ "
        + ", ".join(f"{i}: {{ label: L{i}, goto: s{(n * 7 + i * 131) % 2_000} }}" for i in range(10))
        + " }, on: { give_up: a } }]\n",
        2_000,
    ),
    "menus in a ring": states(
        lambda n: f"  s{n}: [{{ menu: What {n}, choices: {{ 1: {{ label: One {n}, goto: s{(n + 1) % 5_000} }}, "
        f"2: {{ label: Two, goto: s{n * 7 % 5_000} }} }} }}]\n",
        5_000,
        "on: { operator: a }\n",
    ),
    "questions for the same": states(
        lambda n: f"  s{n}: [{{ ask: W {n}, into: v, on: {{ give_up: s{n * 7 % 5_000} }} }}, {{ goto: s{(n + 1) % 5_000} }}]\n",
        5_000,
        "vars: { v: text }\n",
    ),
    "offers": states(
        lambda n: f"  s{n}: [{{ offer: o, price: 1, steps: [{{ percent: 30 }}], say: 'W {n}', on: "
        f"{{ accepted: s{n * 7 % 5_000}, exhausted: s{(n + 1) % 5_000}, give_up: a }} }}, hangup]\n",
        5_000,
    ),
    "translations": full(
        lambda n: f"    - say: {{ en: Hi{n}, ru: Hi, uk: Hi, de: Hi, fr: Hi }}\n    - say: Hello{n}\n", STEPS, END, 9_000
    ),
    "phrases": full(
        lambda n: f"    - menu: Q{n}\n      choices: {{ 1: {{ label: One, hangup: true, speech: [{MANY}] }} }}\n",
        STEPS,
        END,
        1_500,
    ),
}  # fmt: skip


@pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="the peak memory is read from Linux's /proc"
)
@pytest.mark.parametrize("name", FILES)
def test_the_worst_files_are_answered_in_time_and_in_little_memory(name: str, tmp_path: Path) -> None:
    (tmp_path / "center.yaml").write_text(CENTER, "utf-8")
    (tmp_path / "main.flow.yaml").write_text(FILES[name], "utf-8")
    done = subprocess.run(
        [sys.executable, "-c", RUN, "check", str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    said, _, measured = done.stdout.rpartition("measured ")
    assert done.returncode in (0, 1), done.stdout[-500:]
    assert "Traceback" not in said
    assert "error" in said or "warning" in said or "no problems" in said
    cpu_seconds, memory_mb = map(float, measured.split())
    assert memory_mb < MEMORY_MB_MAX
    assert cpu_seconds < CPU_SECONDS_MAX
