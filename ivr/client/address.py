"""Where a center is served, as people write it."""

from typing import Final
from urllib.parse import urlsplit

from ivr.errors import OperatorError

SCHEMES: Final = ("http", "https", "ws", "wss")
_EXAMPLE: Final = "http://127.0.0.1:8080"


def address(text: str) -> str:
    """The address of a center without a slash at its end; `http://` is understood where no scheme stands.

    Raises:
        OperatorError: it is none; the text says how one is written.
    """
    written = text.strip()
    if "://" not in written:
        written = f"http://{written}"
    scheme = written.partition("://")[0].lower()
    if scheme not in SCHEMES:
        raise OperatorError(f"{text!r}: a center is reached by http or https, such as {_EXAMPLE}")
    try:
        parts = urlsplit(written)
        usable = bool(parts.hostname) and parts.port != 0  # asking for the port checks it
    except ValueError:
        usable = False
    if not usable:
        raise OperatorError(f"{text!r} is not an address; write it like {_EXAMPLE}")
    return written.rstrip("/")
