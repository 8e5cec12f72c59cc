"""The fuzz campaign: `python -m tests.fuzz.campaign --seeds 200`.

Prints how often each rare situation was met. A seed that fails is printed with the command that
repeats it and its last inputs.
"""

import argparse
import sys
import time
from collections import Counter

from ivr.observe.audit import PROBES
from tests.fuzz.run import SOMETIMES, Outcome, run_seed


def main() -> int:
    """Run seeds until one fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=100, help="how many seeds to run")
    parser.add_argument("--seed", type=int, help="run only this one")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--minutes", type=int, default=10, help="simulated minutes of each")
    options = parser.parse_args()
    seeds = (
        [options.seed] if options.seed is not None else range(options.first, options.first + options.seeds)
    )
    met: Counter[str] = Counter()
    inputs = told = 0
    started = time.perf_counter()
    for seed in seeds:
        try:
            outcome = run_seed(seed, options.minutes)
        except AssertionError as error:
            failed(error, options.minutes)
            raise
        met.update(outcome.met)
        inputs += outcome.inputs
        told += outcome.facts
    wanted = [*SOMETIMES, *(f"audit: {probe}" for probe in PROBES)]
    for name in (*wanted, *sorted(met.keys() - set(wanted))):
        print(f"{met[name]:>9}  {'' if met[name] else 'NEVER  '}{name}")
    print(f"{len(seeds)} seeds, {inputs} inputs, {told} facts, {time.perf_counter() - started:.1f} s")
    return 0


def failed(error: AssertionError, minutes: int) -> None:
    """Say how to see it again."""
    outcome = next((argument for argument in error.args if isinstance(argument, Outcome)), None)
    if outcome is None:
        return
    for at, event in outcome.trace:
        print(f"{at:>9}  {event}", file=sys.stderr)
    print(f"replay: python -m tests.fuzz.campaign --seed {outcome.seed} --minutes {minutes}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
