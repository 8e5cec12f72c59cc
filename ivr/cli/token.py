"""`ivr token`: a fresh token for one role."""

from typing import Annotated, Literal

from cyclopts import Parameter

from ivr.cli import exit_codes
from ivr.cli.options import Json
from ivr.cli.terminal import print_json


def token(
    role: Annotated[
        Literal["caller", "agent", "supervisor", "metrics"], Parameter(help="What its holder may do.")
    ],
    /,
    *,
    json: Json = False,
) -> int:
    """Make a token, and its line for the server's tokens file.

    Only the hash goes into the file of `ivr serve --tokens FILE`; the token itself is shown once.
    """
    from ivr.live.auth import hash_of, new_token

    made = new_token()
    if json:
        print_json({"role": role, "token": made, "hash": hash_of(made)})
        return exit_codes.OK
    print(f"token, for --token or IVR_TOKEN:  {made}")
    print(f'line for the tokens file:         {role} = ["{hash_of(made)}"]')
    return exit_codes.OK
