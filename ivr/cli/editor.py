"""What VS Code needs to check and complete a center's files: schemas, and settings that name them."""

import json
from typing import Final, Literal

_KINDS: Final[dict[Literal["flow", "center", "people", "test", "story"], str]] = {
    "flow": "*.flow.yaml",
    "center": "center.yaml",
    "people": "*.people.yaml",
    "test": "*.test.yaml",
    "story": "story.yaml",
}
_EXTENSION: Final = "redhat.vscode-yaml"


def editor_files() -> dict[str, str]:
    """Files by their name inside the center's folder."""
    from ivr.language import schema

    schemas = {f"./.vscode/{kind}.schema.json": pattern for kind, pattern in _KINDS.items()}
    return {
        ".vscode/extensions.json": _text({"recommendations": [_EXTENSION]}),
        ".vscode/settings.json": _text({"yaml.schemas": schemas}),
        **{f".vscode/{kind}.schema.json": _text(schema(kind)) for kind in _KINDS},
    }


def _text(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
