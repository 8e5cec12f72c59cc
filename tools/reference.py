"""Write the reference pages that come out of the code: language, files, rules, protocol, facts, metrics.

python tools/reference.py          write docs/reference/
python tools/reference.py --check  say which page is out of date, and fail
"""

import ast
import inspect
import json
import sys
import typing
from pathlib import Path

import msgspec
from language_pages import expressions_page, language_page
from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import Metric
from rules_page import rules_page

from ivr import wire
from ivr.core import acts, facts
from ivr.core.commands import RecordingOutlet
from ivr.core.engine import Engine
from ivr.draw.sketch import sketch
from ivr.draw.svg import svg
from ivr.language import load_center, look_inside, schema
from ivr.observe.live_metrics import LiveMetrics
from ivr.observe.metrics import Metrics

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "reference"


def protocol() -> str:
    """Every message: who says it, its fields, an example."""
    lines = [
        "# The websocket protocol `ivr.v1`",
        "",
        "This page is generated from `ivr/wire.py` by `python tools/reference.py`.",
        "",
        inspect.getdoc(wire) or "",
        "",
        "Connect to `ws://127.0.0.1:8080/phone` or `/desk`; offer the subprotocol `ivr.v1` (or none). The first message",
        "is `hello` or `sign_in`. A message that cannot be taken is answered with `error` and changes nothing else.",
        "JSON Schema of all messages: `ivr schema protocol`.",
        "",
        "| codec | bytes a 20 ms packet |",
        "|---|---|",
        *(f"| `{codec}` | {size or '– (no sound)'} |" for codec, size in wire.CODECS.items()),
        "",
    ]
    for who in ("phone says", "phone hears", "desk says", "desk hears"):
        lines += [f"## A {who}", ""]
        for speaker, message in wire.EXAMPLES:
            if speaker == who:
                lines += _message(message)
    return "\n".join(lines)


def gallery() -> str:
    """What the scenarios of famous bugs say of themselves."""
    lines = [
        "# A gallery of famous bugs",
        "",
        "Each is a scenario in `tests/gallery/`, run by `make test`: what goes wrong elsewhere, and how it is here. This page is",
        "made of them by `python tools/reference.py`.",
    ]
    for file in sorted((ROOT / "tests" / "gallery").glob("test_*.py")):
        text = ast.get_docstring(ast.parse(file.read_text("utf-8"))) or ""
        title, _, rest = text.partition("\n\n")
        lines += ["", f"## {title}", "", rest, "", f"`{file.name}`"]
    return "\n".join([*lines, ""])


def _message(message: wire.Message) -> list[str]:
    kind = type(message)
    lines = [f"### `{kind.__struct_config__.tag}`", "", inspect.getdoc(kind) or "", ""]
    fields = msgspec.structs.fields(kind)
    if fields:
        lines += ["| field | type | default |", "|---|---|---|"]
        lines += [f"| `{field.name}` | {_type(field.type)} | {_default(field)} |" for field in fields]
        lines.append("")
    return [*lines, "```json", wire.encode(message), "```", ""]


def _type(kind: object) -> str:
    text = getattr(kind, "__name__", str(kind)) if isinstance(kind, type) else str(kind)
    return "`" + text.replace("ivr.wire.", "").replace("typing.", "").replace("|", "or") + "`"


def _default(field: msgspec.structs.FieldInfo) -> str:
    if field.default_factory is not msgspec.NODEFAULT:
        return "empty"
    return "" if field.default is msgspec.NODEFAULT else f"`{json.dumps(field.default)}`"


def fact_page() -> str:
    """Every fact with its fields."""
    lines = [
        "# Facts",
        "",
        "This page is generated from `ivr/core/facts.py` by `python tools/reference.py`.",
        "",
        "What happened, each stamped with its instant `at` (milliseconds since the run began). Records, metrics, log and",
        "journal are folds over these and nothing else. `call` is the call's number, shown as `c-000042`.",
        "",
    ]
    for kind in typing.get_args(facts.AnyFact):
        fields = ", ".join(f"`{field.name}`" for field in msgspec.structs.fields(kind) if field.name != "at")
        lines += [
            f"## `{kind.__struct_config__.tag}`",
            "",
            inspect.getdoc(kind) or "",
            "",
            f"Fields: {fields}.",
            "",
        ]
    lines += ["## Acts", "", inspect.getdoc(acts) or "", "", "| act | means |", "|---|---|"]
    lines += [f"| `{act}` | {means} |" for act, means in acts.ACTS.items()]
    return "\n".join([*lines, ""])


def metric_page() -> str:
    """Every metric that a served center has."""
    lines = [
        "# Metrics",
        "",
        "This page is generated from a served `flows/northlight` by `python tools/reference.py`. Labels have values of the",
        "configuration only: never a caller, a call or an agent. All durations are seconds.",
        "",
        "| metric | type | labels | help |",
        "|---|---|---|---|",
    ]
    plan = load_center(ROOT / "flows" / "northlight").plan
    metrics = Metrics(plan, Engine(plan, "1", RecordingOutlet(), lambda fact: None).snapshot)
    LiveMetrics(metrics.registry)
    for family in sorted(metrics.registry.collect(), key=lambda family: family.name):
        labels = _labels(family, metrics.registry)
        name = family.name + ("_total" if family.type == "counter" else "")
        lines.append(f"| `{name}` | {family.type} | {', '.join(labels)} | {family.documentation} |")
    return "\n".join([*lines, ""])


def _labels(family: Metric, registry: CollectorRegistry) -> list[str]:
    """The labels a family declares: one that nothing has happened to yet has no samples to read them from."""
    made_by = registry._names_to_collectors.get(family.name)  # noqa: SLF001 - the library has no other way
    for source in (family, made_by):
        if declared := getattr(source, "_labelnames", ()):
            return sorted(declared)
    return sorted({label for sample in family.samples for label in sample.labels if label != "le"})


def picture() -> str:
    """The main flow of the demo, as `ivr draw` draws it."""
    return svg(sketch(look_inside(ROOT / "flows" / "northlight"), "isp-main"))


def files_page() -> str:
    """Every field of `center.yaml` and of a people file."""
    lines = [
        "# `center.yaml` and `*.people.yaml`",
        "",
        "This page is generated from the models that read the files, by `python tools/reference.py`. A whole center to read is",
        "[flows/northlight](../../flows/northlight/center.yaml).",
        "",
    ]
    for kind, title in (("center", "`center.yaml`"), ("people", "`*.people.yaml`")):
        whole = schema(kind)
        lines += [f"## {title}", "", *_fields(whole)]
        for name, model in whole["$defs"].items():
            if model.get("properties"):
                lines += [
                    f"### {name.removesuffix('Model').removesuffix('Settings')}",
                    "",
                    model.get("description", ""),
                    "",
                ]
                lines += _fields(model)
    return "\n".join(lines)


def tests_page() -> str:
    """Every field of a test file."""
    parts = schema("test")["$defs"]
    lines = [
        "# `*.test.yaml`",
        "",
        "This page is generated from the models that read the files, by `python tools/reference.py`. How tests are written is",
        "told in [testing call flows](../guides/testing-flows.md); tests to read are those of the demo, such as",
        "[retention.test.yaml](../../flows/northlight/retention.test.yaml).",
        "",
        "A file is one test, or a map with several under `tests`. `ivr schema test` is the same for editors.",
        "",
    ]
    for name, title in TRIAL_PARTS.items():
        lines += [f"## {title}", "", parts[name]["description"], "", *_fields(parts[name])]
    return "\n".join(lines)


def story_page() -> str:
    """Every field of a story file."""
    whole = schema("story")
    parts = whole["$defs"]
    lines = [
        "# `story.yaml`",
        "",
        "This page is generated from the models that read the files, by `python tools/reference.py`.",
        "",
        "A story is a folder with `story.yaml` and two centers, `as-told/` and `improved/`: the timeline of one customer in one",
        "matter, who does the same in both. `ivr check FOLDER/story.yaml` reads it, and checks it against both; `ivr schema`",
        "`story` is for editors; `ivr story FOLDER` plays it.",
        "",
        "## A story",
        "",
        *_fields(whole),
    ]
    for name, title in STORY_PARTS.items():
        lines += [f"## {title}", "", parts[name]["description"], "", *_fields(parts[name])]
    return "\n".join(lines)


STORY_PARTS = {
    "StoryCustomerModel": "`customer`",
    "EntryModel": "An entry of `timeline`",
    "CallsModel": "`calls`",
    "IsCalledModel": "`is_called`",
    "GetsModel": "`gets`",
    "DoesModel": "`does`",
    "MeetsModel": "`meets`",
    "ChangesModel": "`changes`",
    "ReplyModel": "An entry of `replies`",
}

TRIAL_PARTS = {
    "TrialModel": "A test",
    "TrialsModel": "Several tests",
    "CallerStepModel": "A step of `caller`",
    "HearsModel": "`hears`",
    "MockModel": "`mock`",
    "ReadyModel": "`agents`",
    "ExpectModel": "`expect`",
    "StatesModel": "`states`",
    "MetricsModel": "`metrics`",
    "ComparisonModel": "A comparison",
}


def _fields(model: dict[str, typing.Any]) -> list[str]:
    lines = ["| field | means | for example |", "|---|---|---|"]
    for name, field in model["properties"].items():
        examples = ", ".join(
            f"`{json.dumps(example, ensure_ascii=False)}`" for example in field.get("examples", ())
        )
        needed = " (needed)" if name in model.get("required", ()) else ""
        lines.append(f"| `{name}` | {field.get('description', '')}{needed} | {examples} |")
    return [*lines, ""]


PAGES = {
    "files.md": files_page,
    "test-files.md": tests_page,
    "story-files.md": story_page,
    "language.md": language_page,
    "expressions.md": expressions_page,
    "rules.md": rules_page,
    "../pictures/isp-main.svg": picture,
    "protocol.md": protocol,
    "gallery.md": gallery,
    "facts.md": fact_page,
    "metrics.md": metric_page,
}


def main() -> int:
    """Write the pages, or compare them."""
    stale = []
    for name, make in PAGES.items():
        path, text = FOLDER / name, make().rstrip() + "\n"
        if "--check" in sys.argv:
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                stale.append(name)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    for name in stale:
        print(f"docs/reference/{name} is out of date: run python tools/reference.py")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
