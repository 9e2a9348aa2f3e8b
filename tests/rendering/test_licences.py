"""Where licences can be read."""

from __future__ import annotations

import pytest

from sitegen.rendering.licences import address_of


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("CC BY-SA 4.0", "https://creativecommons.org/licenses/by-sa/4.0/"),
        ("cc-by-nc-nd-3.0", "https://creativecommons.org/licenses/by-nc-nd/3.0/"),
        ("CC0-1.0", "https://creativecommons.org/publicdomain/zero/1.0/"),
        ("CC BY-SA-NC 4.0", ""),
        ("CC BY-ND-SA 4.0", ""),
        ("MIT", ""),
    ],
)
def test_only_licences_that_there_are_have_an_address(name: str, address: str) -> None:
    """Creative Commons has six, and puts NC before SA and ND."""
    assert address_of(name) == address
