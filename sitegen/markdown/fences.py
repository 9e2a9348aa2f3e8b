"""What a fence's info string says: language, form and attributes in Hugo's, Pandoc's, knitr's and MyST's spelling."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, Literal

from sitegen.values import dataclass

FenceForm = Literal["plain", "braced", "myst"]
"""`plain`: ```` ```python ````; `braced`: ```` ```{python} ````; `myst`: ```` ```{code-cell} python ````."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """One `name=value` of an attribute list; `#a` is `id`, `.a` is `class`."""

    name: str
    value: object
    """str, bool, int, float, None or a tuple of these."""
    offset: int
    """Characters from the start of the list's text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeList:
    """What could be read of `{...}`, and whether there was more."""

    attributes: tuple[Attribute, ...] = ()
    bare_words: tuple[str, ...] = ()
    """Words without a value: knitr's chunk label, Hugo's flags."""
    damaged: str = ""
    """What could not be read; empty when all was."""
    has_commas: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FenceInfo:
    """An info string, read."""

    language: str = ""
    form: FenceForm = "plain"
    attributes: tuple[Attribute, ...] = ()
    """Offsets count from the start of the info string."""
    damaged: str = ""
    """What could not be read."""
    is_knitr: bool = False
    """Options are written as in knitr: `{python, echo=FALSE}`."""


_ATTRIBUTE: Final = re.compile(
    r"""[ \t,]*(?:
      \#(?P<id>(?:[\w:.-]|[^\x00-\x7f])+)
    | \.(?P<class>(?:[\w:-]|[^\x00-\x7f])+)
    | (?P<key>[A-Za-z_:][\w:.-]*)
      (?:[ \t]*=[ \t]*(?P<value>"(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' | \[[^\]]*\] | [^\s,{}"'\[\]]+))?
    )""",
    re.VERBOSE,
)
_NUMBER: Final = re.compile(r"[-+]?\d+(\.\d*)?([eE][-+]?\d+)?")
_BRACED: Final = re.compile(r"(?P<language>[A-Za-z_][\w+#-]*)(?P<rest>(?:[\s,].*)?)", re.DOTALL)


def parse_attributes(text: str) -> AttributeList:
    """The attributes between the braces of `{#id .class name=value}`."""
    found: list[Attribute] = []
    words: list[str] = []
    position, end = 0, len(text.rstrip(" \t,"))
    while position < end:
        match = _ATTRIBUTE.match(text, position)
        if match is None:
            return AttributeList(
                attributes=tuple(found), bare_words=tuple(words), damaged=text[position:end].strip()
            )
        if match["key"] and not match["value"] and text[match.end() :].lstrip().startswith("="):
            return AttributeList(
                attributes=tuple(found),
                bare_words=tuple(words),
                damaged=text[match.start() : end].strip(" \t,"),
            )
        position = match.end()
        if match["id"]:
            found.append(Attribute(name="id", value=match["id"], offset=match.start("id") - 1))
        elif match["class"]:
            found.append(Attribute(name="class", value=match["class"], offset=match.start("class") - 1))
        elif match["value"] is None:
            words.append(match["key"])
        else:
            value = parse_value(match["value"])
            found.append(Attribute(name=match["key"], value=value, offset=match.start("key")))
    return AttributeList(attributes=tuple(found), bare_words=tuple(words), has_commas="," in text)


def attributes_of(text: str) -> tuple[Attribute, ...] | None:
    """The attributes between the braces behind a heading or a block; None where it reads as text: `{1,2}`, `{x}`."""
    if not text:
        return ()
    listed = parse_attributes(text)
    if listed.damaged or listed.bare_words or not listed.attributes:
        return None
    return listed.attributes


def parse_value(text: str) -> object:
    """`true`, `3`, `0.5`, `"text"`, `[1,"3-5"]` and bare words, typed."""
    if text[:1] in {'"', "'"}:
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    if text.startswith("["):
        items = re.findall(r""""[^"]*"|'[^']*'|[^\s,]+""", text[1:-1])
        return tuple(parse_value(item) for item in items)
    lowered = text.lower()
    if lowered in {"true", "false"}:
        return lowered == "true"
    if text == "NULL":
        return None
    if match := _NUMBER.fullmatch(text):
        return float(text) if match[1] is not None or match[2] is not None else int(text)
    return text


@lru_cache(maxsize=1024)
def parse_info(info: str) -> FenceInfo:
    """The language, form and attributes of a fence; what is damaged is said, never raised."""
    text = info.strip()
    start = info.find(text) if text else 0
    if not text.startswith("{"):
        name = re.match(r"[^\s{]*", text)
        language = name[0] if name else ""
        return _with_trailing(info, start + len(language), FenceInfo(language=language))
    end = text.find("}")
    if end < 0:
        return FenceInfo(damaged=text)
    inner = text[1:end]
    after = start + end + 1
    if inner.strip() == "code-cell":
        rest = re.match(r"[ \t]*([^\s{]*)", info[after:])
        language = rest[1] if rest else ""
        at = after + (rest.end() if rest else 0)
        return _with_trailing(info, at, FenceInfo(language=language, form="myst"))
    return _with_trailing(info, after, _braced(inner, start + 1))


def _braced(inner: str, offset: int) -> FenceInfo:
    """What stands in the braces of ```` ```{python .class key=value} ````."""
    text = inner.lstrip()
    offset += len(inner) - len(text)
    match = _BRACED.fullmatch(text)
    if match is not None and not match["rest"].lstrip().startswith("="):
        listed = parse_attributes(match["rest"])
        attributes = _moved(listed.attributes, offset + match.start("rest"))
        if listed.bare_words:
            label = Attribute(name="label", value=listed.bare_words[0], offset=offset)
            attributes = (label, *attributes)
        return FenceInfo(
            language=match["language"],
            form="braced",
            attributes=attributes,
            damaged=listed.damaged,
            is_knitr=listed.has_commas or bool(listed.bare_words),
        )
    listed = parse_attributes(text)
    classes = [item for item in listed.attributes if item.name == "class"]
    language = str(classes[0].value) if text.startswith((".", "#")) and classes else ""
    kept = tuple(item for item in listed.attributes if not (language and item is classes[0]))
    damaged = listed.damaged or (text if not listed.attributes else "")
    return FenceInfo(language=language, attributes=_moved(kept, offset), damaged=damaged)


def _with_trailing(info: str, at: int, fence: FenceInfo) -> FenceInfo:
    """`fence` with the attribute list that stands after its language, if any."""
    opening = info.find("{", at)
    if opening < 0:
        return fence
    closing = info.rfind("}")
    if closing < opening:
        return _replace(fence, fence.attributes, fence.damaged or info[opening:].strip())
    listed = parse_attributes(info[opening + 1 : closing])
    flags = tuple(Attribute(name=word, value=True, offset=0) for word in listed.bare_words)
    moved = _moved((*listed.attributes, *flags), opening + 1)
    return _replace(fence, (*fence.attributes, *moved), fence.damaged or listed.damaged)


def _replace(fence: FenceInfo, attributes: tuple[Attribute, ...], damaged: str) -> FenceInfo:
    return FenceInfo(
        language=fence.language,
        form=fence.form,
        attributes=attributes,
        damaged=damaged,
        is_knitr=fence.is_knitr,
    )


def _moved(attributes: tuple[Attribute, ...], offset: int) -> tuple[Attribute, ...]:
    return tuple(
        Attribute(name=item.name, value=item.value, offset=item.offset + offset) for item in attributes
    )


def parse_line_ranges(text: str) -> frozenset[int]:
    """The lines that `1,3-5` (or Hugo's `1 3-5`) names; parts that are no range are left out."""
    lines: set[int] = set()
    for part in re.split(r"[\s,]+", text.strip()):
        match = re.fullmatch(r"(\d{1,6})(?:-(\d{1,6}))?", part)
        if match is not None:
            first = int(match[1])
            last = int(match[2]) if match[2] else first
            lines.update(range(first, min(last, first + 100_000) + 1))
    return frozenset(lines)


def as_line_ranges(value: object) -> str:
    """Hugo's `hl_lines` in any form (`[1,"3-5"]`, `"1 3-5"`, `2`) as `1,3-5`."""
    if isinstance(value, tuple):
        return ",".join(str(item) for item in value)
    return ",".join(str(value).replace(",", " ").split())
