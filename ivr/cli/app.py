"""The table of commands, and how what they do becomes an exit code."""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from itertools import pairwise
from keyword import iskeyword
from pathlib import Path
from typing import Final

from cyclopts import App, CoercionError, CycloptsError, MissingArgumentError, Parameter, UnusedCliTokensError

from ivr import __version__
from ivr.cli import exit_codes
from ivr.cli.help import PlainHelp, reflowed
from ivr.cli.terminal import complain
from ivr.errors import AuthorError, IvrError

COMMANDS: Final = (
    ("serve", ("ivr serve", "ivr serve my-center --port 9000 --data data --speed 4")),
    ("call", ("ivr call support", 'ivr call support --press "1,5s,2" --record call.wav')),
    ("agent", ("ivr agent anna", "ivr agent anna --auto --json")),
    ("queue", ("ivr queue", "ivr queue support --json")),
    ("agents", ("ivr agents", "ivr agents --queue support --json")),
    ("new", ("ivr new my-center",)),
    ("format", ("ivr format my-center", "ivr format --check flows")),
    ("explore", ("ivr explore my-center", "ivr explore flows/northlight --dials retention --json")),
    ("fuzz", ("ivr fuzz my-center --seeds 1000", "ivr fuzz my-center --dials hotline --first 17 --seeds 1")),
    (
        "simulate",
        (
            "ivr simulate my-center --for 30d --replications 20",
            'ivr simulate my-center --for 8h --until "p_abandon ± 0.5%" --json',
        ),
    ),
    (
        "compare",
        ("ivr compare before after --for 5d --replications 20", "ivr compare a b --queue support --json"),
    ),
    (
        "import",
        (
            "ivr import calls.csv -o my-center/demo.people.yaml",
            "ivr import queue_log --timezone Europe/Berlin",
        ),
    ),
    (
        "sweep",
        (
            'ivr sweep my-center --set "queues.support.max_wait=2m,5m,10m" --for 5d',
            'ivr sweep my-center --set "people:callers.arrivals.rate=60/h,90/h" --set "queues.a.wrap_up=0s,30s"',
        ),
    ),
    (
        "staff",
        (
            'ivr staff my-center --target "sl20 >= 80%" --like anna',
            'ivr staff my-center --target "p_abandon <= 5%" --interval 15m --shrinkage 30%',
        ),
    ),
    (
        "load",
        ("ivr load my-center --for 10m", "ivr load my-center --url http://127.0.0.1:9000 --calls 200 --json"),
    ),
    (
        "story",
        (
            "ivr story",
            "ivr story robot-call --lang en --compare",
            "ivr story robot-call --live --speed 60",
            "ivr story my-story --html story.html",
        ),
    ),
    ("test", ("ivr test my-center --coverage", "ivr test flows/northlight --only callback --json")),
    (
        "diff",
        (
            "ivr diff ../before/my-center my-center",
            "ivr diff old.flow.yaml my-center/main.flow.yaml --explore",
        ),
    ),
    (
        "check",
        (
            "ivr check my-center",
            "ivr check my-center --pack human --pack retention",
            "ivr check my-center --format sarif > check.sarif",
        ),
    ),
    (
        "draw",
        (
            "ivr draw my-center -o flow.svg",
            "ivr draw flows/northlight --flow retention --format mermaid",
            "ivr draw flows/northlight --html -o flows.html",
        ),
    ),
    (
        "erlang",
        (
            "ivr erlang --calls 500/h --aht 4m --agents 40",
            'ivr erlang --calls 250 --interval 30m --aht 4m --target "80% in 20s" --shrinkage 30%',
            'ivr erlang --calls 500/h --aht 4m --agents 34 --patience "weibull 2m 0.5" --lines 60',
            "ivr erlang --calls 500/h --aht 4m --lines 45",
        ),
    ),
    ("records", ("ivr records --data data --since 1d", "ivr records --queue support --csv > calls.csv")),
    ("replay", ("ivr replay data", "ivr replay data --run 3 --json")),
    ("schema", ("ivr schema flow > flow.schema.json", "ivr schema protocol")),
    ("token", ("ivr token caller",)),
)
"""Every command with examples; the command `x` is the function `x` of the module `ivr.cli.x`."""

_USAGE: Final = {
    "queue": "Usage: ivr queue [OPTIONS] [QUEUE...]",
    "serve": "Usage: ivr serve [OPTIONS] [CENTER]",
    "compare": "Usage: ivr compare [OPTIONS] BEFORE AFTER",
    "check": "Usage: ivr check [OPTIONS] PATH...",
    "format": "Usage: ivr format [OPTIONS] PATH...",
    "diff": "Usage: ivr diff [OPTIONS] OLD NEW",
    "test": "Usage: ivr test [OPTIONS] [PATH...]",
    "story": "Usage: ivr story [OPTIONS] [NAME]",
}
_ABOUT: Final = """A call center on localhost: call it, staff it, write its flows.

Start with `ivr serve`, then `ivr call support` in a second terminal."""


def build() -> App:
    """The application. Modules of commands are light: they import what they drive when they run."""
    width = max(len(str(code)) for code, _ in exit_codes.TABLE)
    codes = "\n".join(f"  {code:>{width}}  {meaning}" for code, meaning in exit_codes.TABLE)
    app = App(
        name="ivr",
        help=_ABOUT,
        version=__version__,
        version_flags=("--version", "-V"),
        help_format="plaintext",
        help_formatter=PlainHelp(),
        help_epilogue=f"Exit codes:\n{codes}\n\n`ivr COMMAND --help` has examples.",
        default_parameter=Parameter(negative=()),
        result_action="return_value",
        suppress_keyboard_interrupt=False,
    )
    app["--help"].help = "Show this text."
    app["--version"].help = "Show the version."
    for place, (name, examples) in enumerate(COMMANDS):
        lines = "\n".join(f"  {line}" for line in examples)
        home = f"{name}_" if iskeyword(name) else name
        command = getattr(import_module(f"ivr.cli.{home}"), home)
        app.command(
            command,
            name=name,
            help=reflowed(command.__doc__),
            help_epilogue=f"Examples:\n{lines}",
            sort_key=place,
            usage=_USAGE.get(name),
        )
    return app


def run(arguments: Sequence[str] | None) -> int:
    """Run one command; a fault becomes a line on stderr and its exit code, never a traceback."""
    typed = list(sys.argv[1:] if arguments is None else arguments)

    def no(text: str, code: int) -> int:
        return complain(text, code, json_wanted=_wants_json(typed))

    try:
        code = build()(typed, exit_on_error=False, print_error=False)
        sys.stdout.flush()
    except CycloptsError as fault:
        return no(f"{_in_our_words(fault)}; see `{_help_of(typed)}`", exit_codes.USAGE)
    except AuthorError as fault:
        return no(f"the center has problems\n{fault}", exit_codes.NO)
    except IvrError as fault:
        return no(str(fault), exit_codes.of(fault))
    except KeyboardInterrupt:
        return no("stopped", exit_codes.INTERRUPTED)
    except BrokenPipeError:
        # Whoever read has had enough (`ivr records | head`); Python would complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return exit_codes.OK
    return code if isinstance(code, int) else exit_codes.OK


def _help_of(typed: Sequence[str]) -> str:
    known = typed[0] if typed and typed[0] in dict(COMMANDS) else ""
    return " ".join(filter(None, ("ivr", known, "--help")))


def _wants_json(typed: Sequence[str]) -> bool:
    """Whether what goes wrong is to be read by a program too; what was typed may not even parse."""
    return "--json" in typed or "--format=json" in typed or ("--format", "json") in pairwise(typed)


_KINDS: Final[dict[object, str]] = {int: "a whole number", float: "a number"}


def _in_our_words(fault: CycloptsError) -> str:
    """A message of cyclopts in our manner: no types of Python, no list of commands (the help has it)."""
    match fault:
        case UnusedCliTokensError(unused_tokens=[*extra]):
            return f"too much was typed: {' '.join(extra)}"
        case MissingArgumentError(argument=argument) if argument is not None:
            name = fault.keyword or argument.name
            return f"{name} needs a value" if name.startswith("-") else f"{name} is missing"
        case CoercionError(token=token, target_type=kind) if token is not None and kind in _KINDS:
            return f"{token.keyword} {token.value!r} is not {_KINDS[kind]}"
        case CoercionError(token=token, target_type=kind) if token is not None and kind is bool:
            return f"{token.keyword} takes no value"
    text = str(fault).partition(" Available commands:")[0].rstrip(".")
    return text[:1].lower() + text[1:]


def demo_center() -> Path:
    """The folder of the demo center: of a checkout, else the packaged one."""
    package = Path(__file__).resolve().parents[1]
    checkout = package.parent / "flows" / "northlight"
    return checkout if (checkout / "center.yaml").exists() else package / "centers" / "northlight"
