"""How the address of a center may be written."""

import pytest

from ivr.client.address import address
from ivr.errors import OperatorError


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
        ("https://center.example/ivr/", "https://center.example/ivr"),
        ("ws://127.0.0.1:8080", "ws://127.0.0.1:8080"),
        (" 127.0.0.1:18080 ", "http://127.0.0.1:18080"),
        ("localhost:18080", "http://localhost:18080"),
        ("[::1]:18080", "http://[::1]:18080"),
        ("center", "http://center"),
    ],
)
def test_an_address_is_completed(text: str, whole: str) -> None:
    assert address(text) == whole


@pytest.mark.parametrize(
    "text", ["", "/", "ftp://x", "file:///etc", "http://", "::1", "127.0.0.1:99999", "127.0.0.1:0", "ftp:x"]
)
def test_what_is_no_address_is_refused_with_how_one_is_written(text: str) -> None:
    with pytest.raises(OperatorError, match=r"http://127\.0\.0\.1:8080"):
        address(text)
