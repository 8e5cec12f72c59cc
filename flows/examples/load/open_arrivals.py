"""Open arrivals: callers come when they come, however slow the center is (`ivr serve` in another terminal).

    python flows/examples/load/open_arrivals.py --rate 2 --calls 60 --number support --press 1

Waits count from the instant a caller was due, so that a stalling center cannot hide it. A refusal ends the run.
"""
# ruff: noqa: INP001, T201, S311 -- a script to copy; its draws are seeded on purpose

import argparse
import asyncio
import random
import sys
from collections import Counter
from statistics import quantiles

from ivr.client import CallOver, ClientClosed, Phone
from ivr.errors import IvrError
from ivr.wire import Bridged, Prompt


async def caller(args: argparse.Namespace, due: float, patience: float, waits: list[float]) -> str:
    """One caller; what became of them in a word."""
    clock = asyncio.get_running_loop().time
    await asyncio.sleep(due - clock())
    try:
        async with asyncio.timeout_at(due + patience), Phone(args.url) as phone:
            await phone.dial(args.number, within=None)
            await phone.wait_for(Prompt, within=None, where=lambda prompt: prompt.listening is not None)
            await phone.press(args.press)
            await phone.wait_for(Bridged, within=None)
            waits.append(clock() - due)
            return "answered"  # leaving hangs up
    except (CallOver, ClientClosed, TimeoutError) as fault:
        return "gave up" if isinstance(fault, TimeoutError) else f"failed: {fault}"


async def main(args: argparse.Namespace) -> None:
    """All callers, then the table."""
    chance, waits = random.Random(args.seed), list[float]()
    due, jobs = asyncio.get_running_loop().time(), []
    for _ in range(args.calls):
        due += chance.expovariate(args.rate)
        jobs.append(caller(args, due, chance.expovariate(1 / args.patience), waits))
    for outcome, count in Counter(await asyncio.gather(*jobs)).most_common():
        print(f"{count:>6}  {outcome}")
    if cuts := quantiles(waits, n=100, method="inclusive") if len(waits) > 1 else waits * 99:
        print("  wait  " + "  ".join(f"p{p} {cuts[p - 1]:.3f} s" for p in (50, 90, 99)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="open Poisson arrivals at a center")
    numbers = {"rate": 2.0, "calls": 60, "patience": 30.0, "seed": 1}
    for name, value in {"url": "http://127.0.0.1:8080", "number": "support", "press": "1", **numbers}.items():
        parser.add_argument(f"--{name}", type=type(value), default=value, help=f"default {value}")
    try:
        asyncio.run(main(parser.parse_args()))
    except IvrError as refusal:
        sys.exit(f"stopped: {refusal}")
