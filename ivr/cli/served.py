"""What commands ask of a served center over HTTP."""

from typing import Any, Final

from ivr.errors import OperatorError

_SECONDS: Final = 10


async def fetch(url: str, path: str, token: str | None) -> Any:
    """The JSON at a path of a served center.

    Raises:
        NobodyAnswers: nothing is served there.
        OperatorError: it does not give that, with what it says.
    """
    import aiohttp

    from ivr.cli.exit_codes import NobodyAnswers

    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_SECONDS)) as session,
            session.get(url + path, headers=headers) as answer,
        ):
            if answer.status != 200:
                raise OperatorError(f"{url}{path}: {(await answer.text()).strip()[:300]}")
            return await answer.json()
    except (TimeoutError, aiohttp.ClientConnectionError):
        raise NobodyAnswers(f"no center answers at {url}; `ivr serve` opens one") from None
    except (aiohttp.ClientError, ValueError) as fault:
        raise OperatorError(f"{url}{path}: this is no center: {fault}") from None
