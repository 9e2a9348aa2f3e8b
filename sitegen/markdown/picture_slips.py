"""Attributes of pictures and links that say nothing, and labels of figures and tables that are none."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from markdown_it.token import Token

from sitegen.errors import Diagnostic, did_you_mean
from sitegen.markdown.div_slips import class_slips
from sitegen.markdown.inline import Work, plain_text
from sitegen.markdown.inline_attributes import LENGTH, OF_LINKS, OF_PICTURES, read_attributes
from sitegen.markdown.slips import slip
from sitegen.markdown.tokens import lines_of

_BRACES: Final = re.compile(r"\{\s*(?:[.#][\w-]|[A-Za-z][\w-]*\s*=)[^{}\n]*\}")
"""What was meant for attributes; behind a link, sites that come from elsewhere have many that mean nothing."""
_SWITCH: Final = ("true", "false", "yes", "no", "on", "off", "1", "0")
_VALUES: Final[Mapping[str, tuple[str, ...]]] = {
    "loading": ("lazy", "eager"),
    "decoding": ("sync", "async", "auto"),
    "fetchpriority": ("high", "low", "auto"),
    "lqip": _SWITCH,
    "zoom": _SWITCH,
    "dir": ("ltr", "rtl", "auto"),
}
_FORMATS: Final = frozenset({"avif", "webp", "none", ""})
_INSTEAD: Final[Mapping[str, str]] = {
    "style": "write a class, or `width=50%`",
    "fig-alt": 'write `alt="..."`; `fig-alt` is of a figure with a label',
    "fig-align": "pictures stand at the left; remove it, or write a class",
    "fig-cap": "the caption is what stands between the brackets",
    "caption": 'the caption is a title behind the address: `![alternative](file.png "Caption")`',
}
"""Attributes that people know from elsewhere."""
_LABEL: Final = re.compile(r"\{#([A-Za-z]+)-[\w:.-]+[^{}]*\}\Z")
_REFERENCE: Final = re.compile(r"(?<![\w.@/+\\])@([A-Za-z]{1,4})-(\w(?:[\w-]*\w)?)")
_UNENDED: Final = re.compile(r"(?<!\\)\{#[\w:.-]+[^{}`]*\Z")
_KINDS: Final[Mapping[str, str]] = {
    "fig": "a figure",
    "tbl": "a table",
    "lst": "a listing",
    "eq": "an equation",
    "sec": "a section",
}


def picture_slips(tokens: Sequence[Token], work: Work) -> Iterator[Diagnostic]:
    """What stands in braces behind pictures and links, and is not what it should be."""
    for token in tokens:
        if token.type != "inline" or not ("){" in token.content or "]{" in token.content):
            continue
        children = token.children or []
        links = 0
        for place, child in enumerate(children):
            links += (child.type == "link_open") - (child.type == "link_close")
            behind = children[place + 1] if place + 1 < len(children) else None
            if child.type not in ("image", "link_close") or behind is None or behind.type != "text":
                continue
            read = read_attributes(behind.content)
            if read is not None:
                yield from _read(read[0], child, token, work, is_linked=links > 0)
            elif child.type == "image" and (match := _BRACES.match(behind.content)) is not None:
                yield slip(
                    work,
                    "SG221",
                    f"attributes cannot be read: `{match[0]}`",
                    'write `{#id .class name="value"}`',
                    written=match[0] if match[0] in token.content else "){",
                    block=lines_of(token),
                )


def _read(
    items: Sequence[tuple[str, str]], child: Token, token: Token, work: Work, *, is_linked: bool
) -> Iterator[Diagnostic]:
    block = lines_of(token)
    is_picture = child.type == "image"
    yield from class_slips(
        (name for key, value in items if key == "class" for name in value.split()), work, block
    )
    known = {*OF_PICTURES, "width", "height"} if is_picture else {*OF_LINKS}
    named = known | ({"fig-alt"} if token.meta.get("figure") else set())
    for name, value in items:
        if (
            name == "id" and is_picture and value.startswith("fig-")
        ):  # what has a number has been taken out before
            yield _without_number(value, token, work)
        if name in ("class", "id") or name.startswith(("data-", "aria-")):
            continue
        if name not in known:
            what = "picture" if is_picture else "link"
            message, hint = f"`{name}` is left out: a {what} has no such attribute", _INSTEAD.get(name)
            yield slip(
                work, "SG227", message, hint or did_you_mean(name, named), written=f"{name}=", block=block
            )
        elif is_picture and (wrong := _wrong(name, value)) is not None:
            yield slip(
                work, "SG227", f"`{name}={value}` has no effect", wrong, written=f"{name}=", block=block
            )
        elif is_picture and name == "zoom" and value == "true":
            alternative = next(
                (text for key, text in items if key == "alt"), plain_text(child.children or [])
            )
            reason = "it is a link already" if is_linked else "it has no alternative text"
            if is_linked or not alternative:
                message = f"a picture cannot be enlarged where {reason}"
                hint = "remove `zoom=true`" if is_linked else "say what it shows between the brackets"
                yield slip(work, "SG227", message, hint, written="zoom=", block=block)


def _without_number(label: str, token: Token, work: Work) -> Diagnostic:
    """A picture with a figure's label that no rule has taken for one."""
    if _is_lone_picture(token):
        reason, hint = "whose braces begin with something else", f"write `{{#{label}` first, without a blank"
    else:
        reason, hint = "with other words in its paragraph", "put it into a paragraph of its own"
    message = f"a picture {reason} is no numbered figure"
    return slip(work, "SG228", message, hint, written=f"#{label}", block=lines_of(token))


def _wrong(name: str, value: str) -> str | None:
    """What a value of a picture's attribute may be, where it is something else."""
    check = _CHECKS.get(name)
    if check is not None:
        return check(value)
    allowed = _VALUES.get(name)
    if allowed is None or value.lower() in allowed:
        return None
    return "write `true` or `false`" if allowed is _SWITCH else did_you_mean(value.lower(), allowed)


def _width(value: str) -> str | None:
    match = LENGTH.fullmatch(value)
    return (
        None
        if match and float(match[1])
        else "write `width=300`, `width=50%`, `width=2in` (or `cm`, `mm`, `pt`)"
    )


def _height(value: str) -> str | None:
    match = LENGTH.fullmatch(value)
    is_length = match is not None and float(match[1]) and match[2] != "%"
    return None if is_length else "write `height=300` or `height=2in` (or `cm`, `mm`, `pt`)"


def _quality(value: str) -> str | None:
    return None if value.isdecimal() and 1 <= int(value) <= 100 else "write a number from 1 to 100"


def _formats(value: str) -> str | None:
    return (
        None
        if _FORMATS.issuperset(value.lower().replace(",", " ").split())
        else "there are `avif` and `webp`"
    )


_CHECKS: Final[Mapping[str, Callable[[str], str | None]]] = {
    "width": _width,
    "height": _height,
    "quality": _quality,
    "formats": _formats,
}


# --- labels ---------------------------------------------------------------------------------------


def label_slips(tokens: Sequence[Token], work: Work) -> Iterator[Diagnostic]:
    """Labels of another kind than what they stand behind, or of none, and braces that are not closed."""
    for place, token in enumerate(tokens):
        if token.type != "inline" or "{#" not in token.content:
            continue
        before = tokens[place - 1].type
        if before == "heading_open" and _UNENDED.search(token.content):
            yield _unended("at the end of a heading", "its title", token, work)
        elif before == "paragraph_open" and _is_behind_table(tokens, place):
            yield from _table_label(token, work)
        elif before == "paragraph_open" and _is_lone_picture(token):
            yield from _label(token, "fig", work)


def _table_label(token: Token, work: Work) -> Iterator[Diagnostic]:
    """Of a paragraph right below a table, which is no caption of it."""
    if not token.content.lstrip().startswith((":", "Table:", "table:")):
        if "{#tbl-" in token.content:
            message = "a table's caption begins with a colon, so this is a paragraph"
            yield slip(
                work,
                "SG228",
                message,
                "write `: Caption {#tbl-...}`",
                written="{#tbl-",
                block=lines_of(token),
            )
    elif _UNENDED.search(token.content):
        yield _unended("at the end of a caption", "the text", token, work)
    else:
        yield from _label(token, "tbl", work)


def _unended(where: str, what: str, token: Token, work: Work) -> Diagnostic:
    message = f"the braces {where} are not closed, so they are part of {what}"
    return slip(work, "SG221", message, "end them with `}`", written="{#", block=lines_of(token))


def _label(token: Token, kind: str, work: Work) -> Iterator[Diagnostic]:
    """A label that is not of the kind of what it stands behind."""
    match = _LABEL.search(token.content)
    given = match[1].lower() if match is not None else kind
    if match is None or given == kind or not (given in _KINDS or kind == "tbl" or _is_near(given, kind)):
        return
    says = f", and `{given}-` is {_KINDS[given]}'s" if given in _KINDS else ""
    yield slip(
        work,
        "SG228",
        f"the label of {_KINDS[kind]} begins with `{kind}-`{says}: it has no number",
        f"write `{{#{kind}-...}}`",
        written=f"{{#{match[1]}-",
        block=lines_of(token),
    )


def _is_lone_picture(token: Token) -> bool:
    children = [child for child in token.children or () if child.type != "text" or child.content.strip()]
    if not children or children[0].type != "image":
        return False
    return len(children) == 1 or (len(children) == 2 and children[1].content.lstrip().startswith("{"))


def _is_behind_table(tokens: Sequence[Token], place: int) -> bool:
    return place > 1 and tokens[place - 2].type == "table_close"


def _is_near(given: str, kind: str) -> bool:
    """`fgi`, `fg`, `figs`: the same letters in another order, one too few, an `s` too many; `big` is a word."""
    one_less = {kind[:place] + kind[place + 1 :] for place in range(1, len(kind))}
    return given != kind and (
        (given[:1] == kind[0] and sorted(given) == sorted(kind)) or given in one_less or given == f"{kind}s"
    )


# --- references -----------------------------------------------------------------------------------


def reference_slips(tokens: Sequence[Token], work: Work) -> Iterator[Diagnostic]:
    """`@fgi-loss`, where the page has `fig-loss`: without its kind it is text, or a key of the bibliography."""
    for token in tokens:
        if token.type != "inline" or "@" not in token.content:
            continue
        for child in token.children or ():
            if child.type not in ("text", "citation"):
                continue
            for match in _REFERENCE.finditer(child.content):
                given, name = match[1].lower(), match[2]
                kind = next((each for each in _KINDS if _is_near(given, each)), None)
                if kind is not None and f"{kind}-{name}" in work.labels:
                    yield slip(
                        work,
                        "SG228",
                        f"`{match[0]}` refers to nothing",
                        f"did you mean `@{kind}-{name}`?",
                        written=match[0],
                        block=lines_of(token),
                    )
