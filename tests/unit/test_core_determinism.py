"""The same inputs give the same facts, byte for byte: in another process, with other hashes, on another Python."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ivr.core.events import Event
from ivr.language import load_center
from ivr.observe.journal import FactDigest, Header, header_line, input_line
from ivr.sim import House
from tests.fuzz.run import run_seed

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "flows" / "northlight"
REPLAY = """
import sys
from pathlib import Path
from ivr.observe.journal import FactDigest, Input, read
from ivr.sim.replay import facts_of
header, entries = read(Path(sys.argv[1]).read_bytes().splitlines())
digest = FactDigest()
for fact in facts_of(header, [entry for entry in entries if isinstance(entry, Input)], int(sys.argv[2])):
    digest.add(fact)
print(digest.count, digest.hex())
"""
HOUR = 3_600_000


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """An hour of the demo center as a journal of inputs, and the digest of its facts."""
    path = tmp_path_factory.mktemp("journal") / "run.jsonl"
    digest = FactDigest()
    house = House(load_center(DEMO), "7", digest.add)
    sources = {file.name: file.read_text(encoding="utf-8") for file in sorted(DEMO.glob("*.yaml"))}
    lines = [header_line(Header("test", house.center.plan.digest, "7", house.epoch_ms, sources=sources))]

    def note(at: int, event: Event) -> None:
        lines.append(input_line(at, event))

    house.driver.on_input = note
    house.run(HOUR)
    path.write_bytes(b"\n".join(lines))
    return path, f"{digest.count} {digest.hex()}"


def replayed(python: str, journal: Path, hash_seed: str) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [python, "-c", REPLAY, str(journal), str(HOUR)],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_a_journal_gives_the_same_facts_whatever_the_hashes(
    journal: tuple[Path, str], hash_seed: str
) -> None:
    path, digest = journal
    assert replayed(sys.executable, path, hash_seed) == digest


def test_a_journal_gives_the_same_facts_on_another_python(journal: tuple[Path, str]) -> None:
    ours = f"python3.{sys.version_info.minor}"
    names = [os.environ.get("IVR_OTHER_PYTHON", ""), *(f"python3.{minor}" for minor in (14, 13, 12, 11))]
    for name in names:
        python = shutil.which(name) if name and name != ours else None
        if python is not None and _can_run(python):
            path, digest = journal
            assert replayed(python, path, "3") == digest
            return
    pytest.skip("no other Python with this package's dependencies; name one in IVR_OTHER_PYTHON")


def _can_run(python: str) -> bool:
    code = "import sys; assert sys.version_info >= (3, 11); import ivr.sim.replay"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return (
        subprocess.run([python, "-c", code], capture_output=True, env=environment, check=False).returncode
        == 0
    )


def test_a_run_of_people_is_the_same_again_and_another_seed_is_another_run() -> None:
    assert run_seed(5, 2).facts == run_seed(5, 2).facts != run_seed(6, 2).facts
