"""Options that several commands share."""

from typing import Annotated, TypeAlias

from cyclopts import Parameter

Url: TypeAlias = Annotated[str, Parameter(env_var="IVR_URL", help="Where the center is served.")]
Token: TypeAlias = Annotated[
    str | None,
    Parameter(env_var="IVR_TOKEN", help="Token of a center that asks for one.", show_default=False),
]
Json: TypeAlias = Annotated[bool, Parameter(name="--json", help="Print JSON instead.", show_default=False)]
JsonLines: TypeAlias = Annotated[
    bool, Parameter(name="--json", help="Print one JSON object a line instead.", show_default=False)
]

DEFAULT_URL = "http://127.0.0.1:8080"
