"""Options that several commands share."""

from typing import Annotated, TypeAlias

from cyclopts import Parameter

from ivr.cli.exit_codes import WrongUsage
from ivr.errors import OperatorError

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


def served_at(url: str) -> str:
    """The address of --url or IVR_URL, whole."""
    from ivr.client.address import address

    try:
        return address(url)
    except OperatorError as fault:
        raise WrongUsage(f"--url {fault}") from None
