"""Fences that are not cells: highlighted, with Hugo's options for numbers, marked lines and a title."""

from __future__ import annotations

from typing import Final

from sitegen.markdown.fences import Attribute, FenceInfo, as_line_ranges
from sitegen.markdown.headings import attributes_html, chosen_id
from sitegen.markdown.highlight import highlight
from sitegen.markdown.inline import escape_attribute

_TITLES: Final = ("filename", "title")
_WRAPPER: Final = frozenset({"class", "id", "lang", "dir", "style"})
"""Attributes that go on the wrapper, beside `data-*` and `aria-*`; what else there is, is an option of Hugo's."""


def static_code(code: str, fence: FenceInfo, *, line_numbers: bool = False) -> str:
    """The HTML of a static fence.

    Args:
        code: its content.
        fence: its info string.
        line_numbers: what the site says; the fence's `linenos` comes first.
    """
    options = {item.name.lower().replace("-", "_"): item.value for item in fence.attributes}
    title = next((str(options[name]) for name in _TITLES if options.get(name)), None)
    numbered = options.get("linenos", options.get("code_line_numbers", line_numbers))
    start = options.get("linenostart", 1)
    html = highlight(
        code,
        fence.language,
        line_numbers=numbered not in {False, "false"},
        line_number_start=start if isinstance(start, int) else 1,
        hl_lines=as_line_ranges(options.get("hl_lines", "")),
        filename=title,
    )
    return _wrapped(html, fence.attributes)


def _wrapped(html: str, attributes: tuple[Attribute, ...]) -> str:
    """The block with the author's id, classes and data attributes on its wrapper."""
    kept = [item for item in attributes if _goes_on_wrapper(item.name.lower())]
    if not kept:
        return html
    if not html.startswith('<div class="highlight">'):
        html = f'<div class="highlight">{html.rstrip()}</div>\n'
    identifier = chosen_id(kept)
    identified = f' id="{escape_attribute(identifier)}"' if identifier else ""
    classes = [Attribute(name="class", value="highlight", offset=0)]
    return html.replace(
        '<div class="highlight">', f"<div{identified}{attributes_html([*classes, *kept])}>", 1
    )


def _goes_on_wrapper(name: str) -> bool:
    return name in _WRAPPER or name.startswith(("data-", "aria-"))
