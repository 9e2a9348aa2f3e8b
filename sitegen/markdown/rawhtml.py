"""Raw HTML in Markdown: its links and images become holes; all else stays as written."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Final

from sitegen.markdown.dialect import is_external

_TAG: Final = re.compile(
    r"""<!--.*?(?:-->|$)
    |<(?P<verbatim>script|style|textarea|pre|code)\b
    |<(?P<name>a|img|source|video|audio|track|embed|iframe)(?=[\s/>])(?P<attributes>(?:"[^"]*"|'[^']*'|[^'"<>])*)>""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_OPAQUE: Final = frozenset({"script", "style", "textarea"})
_ATTRIBUTE: Final = re.compile(
    r"""(?P<space>\s*)(?P<name>[^\s"'<>/=]+)(?:(?P<equals>\s*=\s*)(?P<value>"[^"]*"|'[^']*'|[^\s"'=<>`]+))?""",
)
_TARGETS: Final = {
    "a": frozenset({"href"}),
    "img": frozenset({"src", "srcset"}),
    "source": frozenset({"src", "srcset"}),
    "video": frozenset({"src", "poster"}),
    "audio": frozenset({"src"}),
    "track": frozenset({"src"}),
    "embed": frozenset({"src"}),
    "iframe": frozenset({"src"}),
}
_IMAGES: Final = frozenset({"img", "source", "video"})

MarkLink = Callable[[str, bool], str]
"""(target, is_image) to what stands inside the quotes of the attribute."""


def rewrite(text: str, mark_link: MarkLink) -> str:
    """Raw HTML with its internal targets handed to `mark_link`.

    Comments, scripts and styles are left alone. A `srcset` is handled where it names one file.
    """
    parts: list[str] = []
    position = 0
    while (match := _TAG.search(text, position)) is not None:
        parts.append(text[position : match.start()])
        position = match.end()
        name = (match["verbatim"] or match["name"] or "").lower()
        if name in _OPAQUE:
            end = re.compile(f"</{name}", re.IGNORECASE).search(text, position)
            position = end.start() if end else len(text)
            parts.append(text[match.start() : position])
        elif match["name"] is None:
            parts.append(match[0])
        else:
            parts.append(_rewrite_tag(match, name, mark_link))
    parts.append(text[position:])
    return "".join(parts)


def _rewrite_tag(match: re.Match[str], name: str, mark_link: MarkLink) -> str:
    attributes = match["attributes"]

    def rewritten(item: re.Match[str]) -> str:
        if item["value"] is None or item["name"].lower() not in _TARGETS[name]:
            return item[0]
        value = item["value"]
        bare = value[1:-1] if value[0] in "\"'" else value
        target = html.unescape(bare).strip()
        if is_external(target) or (item["name"].lower() == "srcset" and re.search(r"[\s,]", target)):
            return item[0]
        is_image = (name in _IMAGES and item["name"].lower() != "src") or name in {"img", "source"}
        return f'{item["space"]}{item["name"]}="{mark_link(target, is_image)}"'

    kept = _ATTRIBUTE.sub(rewritten, attributes)
    return f"<{match['name']}{kept}>"
