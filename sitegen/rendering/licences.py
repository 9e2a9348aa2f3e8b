"""Under which licence a page is, and where that can be read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from sitegen.rendering.views.page_view import PageView

_CREATIVE_COMMONS: Final = re.compile(r"CC[- ](BY(?:-NC)?(?:-(?:SA|ND))?)[- ](\d\.\d)", re.IGNORECASE)
_CC0: Final = re.compile(r"CC0(?:[- ]1\.0)?", re.IGNORECASE)


class Licence(NamedTuple):
    """What a reader may do with a page."""

    name: str
    url: str
    """Empty where it is not known."""
    code: str
    """Name of that of the page's code; empty where it is the same, or not said."""


def licence_of(page: PageView, params: Mapping[str, object]) -> Licence | None:
    """The licence that the page's front matter names (`license`), else the site's `[params]`; None for `false` and without one.

    Args:
        page: the page.
        params: of the configuration: `license`, `license_url`, `code_license`.
    """
    own = page.params.get("license", params.get("license"))
    if not isinstance(own, str) or not own.strip():
        return None
    is_own = "license" in page.params
    url = page.params.get("license_url") if is_own else params.get("license_url")
    code = page.params.get("code_license", params.get("code_license"))
    return Licence(
        own.strip(),
        url if isinstance(url, str) and url else address_of(own.strip()),
        code.strip() if isinstance(code, str) else "",
    )


def address_of(name: str) -> str:
    """Where a licence of Creative Commons can be read; empty for another."""
    if _CC0.fullmatch(name):
        return "https://creativecommons.org/publicdomain/zero/1.0/"
    match = _CREATIVE_COMMONS.fullmatch(name)
    return f"https://creativecommons.org/licenses/{match[1].lower()}/{match[2]}/" if match else ""
