"""Who may connect: tokens with roles, the `Origin` of browsers, the `Host` they came for.

Without tokens only this machine is served, and everybody on it may do everything. With tokens every
request names one: `Authorization: Bearer TOKEN`, or for browsers, which cannot set it on a
websocket, the subprotocol `ivr.token.TOKEN` beside `ivr.v1`. Only hashes of tokens are stored.
"""

import contextlib
import hashlib
import hmac
import ipaddress
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from ivr.errors import OperatorError

ROLES: Final = ("caller", "agent", "supervisor", "metrics")
TOKEN_PROTOCOL: Final = "ivr.token."  # noqa: S105 - the prefix, not a token
_PREFIX: Final = "ivr_"


def new_token() -> str:
    """A fresh token: 256 random bits, with a prefix that secret scanners can find."""
    return _PREFIX + secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    """What is stored of a token."""
    return "sha256:" + hashlib.sha256(token.encode()).hexdigest()


def is_loopback(host: str) -> bool:
    """Whether a host name or address can only be reached from this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True)
class Guard:
    """Decides on every request; `hashes` maps a token's hash to its role, `origins` are extra ones allowed."""

    hashes: Mapping[str, str] = field(default_factory=dict)
    origins: tuple[str, ...] = ()

    def role(self, request: web.Request) -> str | None:
        """The role of whoever asks; `supervisor` may do everything, None is nobody."""
        if not self.hashes:
            return "supervisor"
        token = _token(request)
        digest = hash_of(token) if token else ""
        return next((role for known, role in self.hashes.items() if hmac.compare_digest(known, digest)), None)

    def refuse(self, request: web.Request, roles: tuple[str, ...]) -> None:
        """Raise the HTTP error that says why this request is not served; nothing if it is."""
        if not self.hashes and not is_loopback(_host(request)):
            raise web.HTTPMisdirectedRequest(
                text="this center is served on loopback only; ask for 127.0.0.1 or localhost\n"
            )
        origin = request.headers.get("Origin")
        if origin is not None and not self._same_origin(request, origin):
            raise web.HTTPForbidden(
                text=f"requests from {origin[:200]!r} are not allowed; see --allow-origin\n"
            )
        role = self.role(request)
        if role is None:
            raise web.HTTPUnauthorized(
                text="a token is needed: Authorization: Bearer TOKEN\n",
                headers={"WWW-Authenticate": "Bearer"},
            )
        if role not in roles and role != "supervisor":
            raise web.HTTPForbidden(text=f"the role {role!r} may not do this\n")

    def _same_origin(self, request: web.Request, origin: str) -> bool:
        if origin in self.origins:
            return True
        with contextlib.suppress(ValueError):  # not a URL
            return origin != "null" and urlsplit(origin).netloc.lower() == request.host.lower()
        return False


def _host(request: web.Request) -> str:
    with contextlib.suppress(ValueError):
        return urlsplit("//" + request.host).hostname or ""
    return ""


def _token(request: web.Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    for offered in request.headers.get("Sec-WebSocket-Protocol", "").split(","):
        if offered.strip().startswith(TOKEN_PROTOCOL):
            return offered.strip().removeprefix(TOKEN_PROTOCOL)
    return ""


def read_tokens(path: Path) -> dict[str, str]:
    """Hashes and roles from a TOML file: `caller = ["sha256:..."]` and so on.

    Raises:
        OperatorError: the file cannot be read, or holds something else.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise OperatorError(
            f"there is no file {path}; write the lines into it that `ivr token` prints"
        ) from None
    except OSError as fault:
        raise OperatorError(f"cannot read the tokens in {path}: {fault.strerror}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise OperatorError(f"cannot read the tokens in {path}: {fault}") from None
    hashes = {}
    for role, listed in content.items():
        if role not in ROLES:
            raise OperatorError(f"{path}: {role!r} is not a role; the roles are {', '.join(ROLES)}")
        for known in listed if isinstance(listed, list) else [listed]:
            if not isinstance(known, str) or not known.startswith("sha256:") or len(known) != 71:
                raise OperatorError(f"{path}: {role}: write hashes as `ivr token {role}` prints them")
            hashes[known] = role
    if not hashes:
        raise OperatorError(f"{path} holds no token; make one with `ivr token caller`")
    return hashes
