"""`ivr schema`: the JSON Schema of what authors write and of what machines send."""

from typing import Annotated, Any, Literal

from cyclopts import Parameter

from ivr.cli import exit_codes
from ivr.cli.terminal import print_json

Kind = Literal["flow", "center", "people", "test", "story", "protocol", "records", "facts", "events"]
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_REF = "#/$defs/{name}"


def schema(kind: Annotated[Kind, Parameter(help="Of what.")], /) -> int:
    """Print the JSON Schema of a kind of file or message.

    flow, center, people, test and story are the YAML files; point your editor at them. protocol is the websocket
    protocol with an example of every message; records are the call records as they are stored; facts
    and events are the lines of a journal.
    """
    print_json(_schema(kind), indent=2)
    return exit_codes.OK


def _schema(kind: Kind) -> dict[str, Any]:
    if kind in ("flow", "center", "people", "test", "story"):
        from ivr.language import schema as of_language

        return of_language(kind)
    if kind == "protocol":
        return protocol()
    if kind == "records":
        from ivr.observe.records import CallRecord

        return _of_types(kind, {"record": CallRecord})
    if kind == "facts":
        from ivr.core.facts import AnyFact

        return _of_types(kind, {"fact": AnyFact})
    from ivr.core.events import AnyEvent

    return _of_types(kind, {"event": AnyEvent})


def protocol() -> dict[str, Any]:
    """The websocket protocol as one JSON Schema: who says what, with the examples of `ivr.wire`."""
    import msgspec

    from ivr import wire

    sides = {
        "phone-says": wire.PhoneSays,
        "phone-hears": wire.PhoneHears,
        "desk-says": wire.DeskSays,
        "desk-hears": wire.DeskHears,
    }
    result = _of_types(f"protocol {wire.PROTOCOL}", sides)
    for _, example in wire.EXAMPLES:
        described = result["$defs"][type(example).__name__]
        value = msgspec.to_builtins(example)
        if value not in described.setdefault("examples", []):
            described["examples"].append(value)
    return result


def _of_types(title: str, sides: dict[str, Any]) -> dict[str, Any]:
    import msgspec

    schemas, parts = msgspec.json.schema_components(sides.values(), ref_template=_REF)
    if len(schemas) == 1:
        return {"$schema": _DIALECT, "title": f"ivr {title}", **schemas[0], "$defs": parts}
    named = dict(zip(sides, schemas, strict=True))
    return {
        "$schema": _DIALECT,
        "title": f"ivr {title}",
        "anyOf": [{"$ref": f"#/$defs/{name}"} for name in named],
        "$defs": {**named, **parts},
    }
