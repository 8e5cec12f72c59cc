"""Mutants of the router and what it stands on, made by hand: each is a mistake somebody could make, and tests kill it.

A mutant that lives means a test is missing. Each is a copy of the package with one place changed, run under the
tests of queues, with the first failure enough.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
TESTS = (
    "tests/unit/test_core_strategies.py",
    "tests/unit/test_core_queue.py",
    "tests/unit/test_core_consults.py",
    "tests/unit/test_core_transfers.py",
    "tests/unit/test_core_capacity.py",
    "tests/gallery",
)


class Mutant(NamedTuple):
    """One place of a module of `ivr/core/acd`, and what stands there instead."""

    what: str
    module: str
    right: str
    wrong: str


pytestmark = pytest.mark.mutation

MUTANTS = [
    Mutant("the heavier queue comes last", "router", "rank = (-queue.plan.weight, *entry.key)", "rank = (queue.plan.weight, *entry.key)"),
    Mutant("weights do not count", "router", "rank = (-queue.plan.weight, *entry.key)", "rank = (0, *entry.key)"),
    Mutant("the last of several queues wins", "router", "if best_rank is None or rank < best_rank:", "if True:"),
    Mutant("a failed ring loses the place", "router", "            queue.release(entry)\n            queue.add(entry)\n        if entry", "            queue.release(entry)\n        if entry"),
    Mutant("nobody looks again after a failed ring", "router", "            self._look_again(queue, entry)\n        elif", "            pass\n        elif"),
    Mutant("a refusal is no miss", "router", 'self.acd.staff.missed(agent, "missed" if result', 'self.acd.staff.free(agent) if result == "rejected" else self.acd.staff.missed(agent, "missed" if result'),
    Mutant("the longest wait is not looked at after a ring", "router", "elif self._overdue(entry):", "elif False:"),
    Mutant("whom an agent's leaving frees is before the call that rang", "router", "if entry is not None and queue is not None and not self._overdue(entry):", "if False:"),
    Mutant("an agent at work on orders is asked for a call", "queue", "        if agent.spare:\n            return self._next_order_for(agent)\n", ""),
    Mutant("there is room for any number of orders", "staff", "and len(agent.orders) < agent.plan.capacity", ""),
    Mutant("a refused order is asked for again at once", "staff", "agent.sated = bool(agent.orders)", "agent.sated = False"),
    Mutant("misses are never forgotten", "router", "        agent.misses = 0\n", ""),
    Mutant("the other phones ring on after an answer", "waits", "            for reservation in rung:\n                self.acd.router.rescind(reservation, outcome)", "            pass"),
    Mutant("only one phone rings of all", "router", "            for other in list(queue.agents_for(visit)):\n                self._ring_one(queue, visit, other)", "            pass"),
    Mutant("no further phone rings", "router", "            if agent is not None:\n                self._ring_one(queue, visit, agent)\n            self._ring_more_later", "            self._ring_more_later"),
    Mutant("a pulled call goes on ringing elsewhere", "router", '            self.rescind(reservation, "pulled")', "            pass"),
    Mutant("the reservation of somebody else can be accepted", "router", "or agent.reservation.id != number", ""),
    Mutant("the youngest idle agent is asked", "pool", "for agent, _ in self._agents.values():\n            if suits", "for agent, _ in reversed(self._agents.values()):\n            if suits"),
    Mutant("round robin begins anew each time", "pool", "self.turns[1] = self._rank(agent)", "self.turns[1] = 0"),
    Mutant("levels are not looked at in order", "pool", "self._level_of(agent), self._rank(agent), order, agent)", "1, self._rank(agent), order, agent)"),
    Mutant("those who have a skill are not kept", "pool", "            if agent.skills.get(skill, 0) > 0:\n                pool._put(agent, order)", "            if agent.skills.get(skill, 0) > 9:\n                pool._put(agent, order)"),
    Mutant("an agent of a higher level is asked at once", "queue", "self.queue.level_of(agent) > self.level", "False"),
    Mutant("an empty level is waited for", "queue", "return max(self.demand.level, self.queue.floor)", "return self.demand.level"),
    Mutant("half a skill is enough", "queue", "agent.skills.get(skill, 0) >= level for", "agent.skills.get(skill, 0) >= level - 2 for"),
    Mutant("entries come in no order of priority", "queue", "insort(self.group(entry).entries, (*entry.key, entry))", "self.group(entry).entries.append((*entry.key, entry))"),
    Mutant("who is rung for does not count in positions", "queue", "return place + bisect_left(self._rung, key)", "return place"),
    Mutant("a place is kept for ever", "queue", "if not key[1] or now - at > self.plan.resume_ms:", "if not key[1]:"),
    Mutant("a caller who comes back is at the end", "queue", "return min(rank, key[0]), key[1]", "return None"),
    Mutant("nobody is at work, and the wait is known", "queue", "        if self.active == 0:\n            return None", ""),
    Mutant("a wait never widens", "waits", "        visit.demand = demand\n        visit.group = None", "        visit.group = None"),
    Mutant("a preferred agent who is away is waited for", "waits", "if agent is None or not agent.active or", "if agent is None or"),
    Mutant("who waits for an agent alone is forgotten when they leave", "waits", "            alone = queue.waiting_for(agent)", "            alone: list[Visit] = []"),
    Mutant("a full queue takes one more", "waits", "if len(queue.visits) >= (QUEUE", "if len(queue.visits) > (QUEUE"),
    Mutant("overflow goes round in circles", "waits", "return target if target != plan.name and target not in passed else", "return target if target != plan.name else"),
    Mutant("wrap-up has no end", "staff", "self.kernel.now + longest_ms, self._wrap_up_over", "self.kernel.now + 10 * longest_ms + 1, self._wrap_up_over"),
    Mutant("one miss too many is allowed", "staff", "agent.misses >= queue.max_misses", "agent.misses > queue.max_misses"),
    Mutant("a shift's end finishes every call", "staff", 'agent.plan.shift_end != "finish_call"', "False"),
    Mutant("a caller is handed over to the end of the queue", "talks", "self.acd.waits.join(call, queue, None, key=talk.key)", "self.acd.waits.join(call, queue, None)"),
    Mutant("a customer who was reached is called again", "callbacks", '        self._end(callback, "reached")\n', ""),
    Mutant("tries do not count", "callbacks", "if callback.attempts >= callback.tries:", "if False:"),
    Mutant("the caller stays on hold when the consultant leaves", "consults", "        if held:\n            self.acd.talks.resume(call)", "        if held:\n            pass"),
    Mutant("the consultant stays when the caller leaves", "consults", "        self._end(consult, \"hung_up\" if call.gone else \"failed\")\n        self._release(consult)", "        self._end(consult, \"hung_up\" if call.gone else \"failed\")"),
    Mutant("a whisper is heard by the caller", "hearing", "        if line == agent:\n            others += whispering", "        others += whispering"),
]  # fmt: skip


@pytest.fixture(scope="session")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package and its tests, to be changed; with what Python has compiled, so that it starts quickly."""
    folder = tmp_path_factory.mktemp("mutants")
    for name in ("ivr", "tests"):
        shutil.copytree(
            ROOT / name, folder / name, ignore=shutil.ignore_patterns("*.so", "live", "browser", "editor")
        )
    shutil.copy2(ROOT / "pyproject.toml", folder)
    for name in ("flows", "docs"):
        (folder / name).symlink_to(ROOT / name)
    return folder


def run(folder: Path) -> subprocess.CompletedProcess[str]:
    options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "-p", "no:xdist"]
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))
    }
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, *TESTS],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_copy_itself_passes(copy: Path) -> None:
    done = run(copy)
    assert done.returncode == 0, done.stdout[-2_000:]


@pytest.mark.parametrize("mutant", MUTANTS, ids=[mutant.what for mutant in MUTANTS])
def test_a_mutant_is_killed(mutant: Mutant, copy: Path) -> None:
    file = copy / "ivr" / "core" / "acd" / f"{mutant.module}.py"
    text = file.read_text("utf-8")
    assert text.count(mutant.right) == 1, (
        f"{mutant.module} has changed: {mutant.right!r} is there {text.count(mutant.right)} times"
    )
    try:
        file.write_text(text.replace(mutant.right, mutant.wrong), "utf-8")
        done = run(copy)
    finally:
        file.write_text(text, "utf-8")
    assert done.returncode == 1, f"it lives: {done.stdout[-500:]}"
    assert "SyntaxError" not in done.stdout
