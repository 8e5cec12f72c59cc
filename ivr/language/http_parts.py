"""`http:` of a lookup or a run compiled: the service of the user's that is asked instead of the emulated company."""

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from ivr.core.flow.nearness import did_you_mean as suggest
from ivr.core.time import Ms
from ivr.language.center_parts import Surroundings
from ivr.language.company_models import LookupSettings, RunSettings
from ivr.language.tree import Text
from ivr.language.world_model import CALLER, ENVIRONMENT, HttpService

PLACE: Final = re.compile(r"\{([^{}]*)\}")
"""Where an argument stands in the address of a service."""
_HEADER: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")  # RFC 9110, section 5.6.2
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OURS: Final = (
    "accept-encoding",
    "connection",
    "content-length",
    "content-type",
    "host",
    "idempotency-key",
    "transfer-encoding",
)
_OF_TABLES: Final = (
    "from_",
    "match",
    "row",
    "sees",
    "declines",
    "sets",
    "gives",
    "takes",
    "fails",
    "declined",
)
_PATIENCE_MS: Final[Ms] = 30_000  # for a service whose flow gives it up sooner


def service(
    settings: LookupSettings | RunSettings, args: Iterable[str], around: Surroundings
) -> HttpService | None:
    """The service of a lookup or a run, if it has one; what does not fit is reported."""
    model = settings.http
    if model is None:
        return None
    report = around.report
    is_run = isinstance(settings, RunSettings)
    for field in _OF_TABLES:
        if field in settings.model_fields_set:
            key = field.removesuffix("_")
            message = f"the service answers, so {key!r} means nothing"
            report.add(settings.place_of_key(key), "http", message, "delete it, or delete http")
    method = str(model.method or ("POST" if is_run else "GET"))
    if is_run and method == "GET":
        report.add(
            model.place_of_key("method"), "http", "a GET changes nothing", "write POST, PUT, PATCH or DELETE"
        )
    _check_url(model.url, [*args, CALLER], settings, around)
    for name, value in model.headers.items():
        _check_header(name, value, around)
    headers = {str(name): str(value) for name, value in model.headers.items()}
    return HttpService(str(model.url), method, headers, model.timeout or max(settings.timeout, _PATIENCE_MS))


def _check_url(
    url: Text, known: list[str], settings: LookupSettings | RunSettings, around: Surroundings
) -> None:
    report = around.report
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
        parts = urlsplit("")
    if (
        parts.scheme not in ("http", "https")
        or not host
        or port == 0
        or not str(url).isprintable()
        or " " in url
    ):
        report.add(url, "http", f"{url[:60]!r} is no address of a service", "write http://HOST:PORT/PATH")
        return
    if "@" in parts.netloc or "{" in parts.netloc or parts.fragment:
        message = "who is asked stands in the file, without passwords and without '#'"
        report.add(url, "http", message, "put secrets into headers: { Authorization: env:NAME }")
    for name in PLACE.findall(url):
        if name not in known and not settings.lost:
            around.unknown(url, "argument", f"there is no argument {name[:40]!r}", suggest(name[:40], known))
    if re.search(r"[{}]", PLACE.sub("", url)):
        report.add(url, "http", "a bracket has no partner", "write {name} for an argument")


def _check_header(name: Text, value: Text, around: Surroundings) -> None:
    report = around.report
    if not _HEADER.fullmatch(name):
        report.add(name, "http", f"{name[:40]!r} is no name of a header", "write it like X-Api-Key")
    elif name.lower() in _OURS:
        report.add(name, "http", f"the header {str(name)!r} is set by us", "delete it")
    if not value.isprintable() or not value.isascii():
        report.add(value, "http", "a header has printable ASCII characters only")
    variable = value.removeprefix(ENVIRONMENT)
    if variable != value and not _VARIABLE.fullmatch(variable):
        message = f"{variable[:40]!r} is no name of a variable"
        report.add(value, "http", message, "write it like env:BILLING_TOKEN")
