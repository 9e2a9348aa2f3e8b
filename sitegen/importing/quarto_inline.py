"""Quarto's and Pandoc's inline Markdown as ours: shortcodes, references, attributes of pictures and links, sub- and superscripts."""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, Final

from sitegen.importing.liquid_content import call
from sitegen.importing.prose import LineIndex, escape_shortcodes, pieces
from sitegen.importing.quarto_blocks import figure_lines
from sitegen.importing.quarto_labels import BRACKETED, LABEL, REFERENCE, Labels
from sitegen.markdown.fences import parse_attributes
from sitegen.markdown.headings import heading_id

_SHORTCODE: Final = re.compile(r"(?<!\{)\{\{<[ \t]*(?P<inner>[^\n{}]{0,1000}?)[ \t]*>\}\}(?!\})")
_ESCAPED: Final = re.compile(r"\{\{\{<(?P<inner>[^\n{}]{0,1000}?)>\}\}\}")
_WORD: Final = re.compile(
    r"""(?:(?P<key>[\w-]+)=)?(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\s"']+))"""
)
_LINK: Final = re.compile(
    r"""(?P<image>!?)\[(?P<text>(?:[^\[\]\n]|\[[^\[\]\n]{0,200}\]){0,500})\]\((?P<target>[^()\s]{1,1000})(?:[ ]+"(?P<title>[^"\n]{0,300})")?\)(?:\{(?P<list>[^{}\n]{0,300})\})?"""
)
_SPAN: Final = re.compile(r"(?<![\]!\\])\[(?P<text>[^\[\]\n]{1,500})\]\{(?P<list>[.#][^{}\n]{0,300})\}")
_NOTE: Final = re.compile(r"\^\[(?P<text>(?:[^\[\]]|\[[^\[\]]{0,300}\]){1,2000})\]")
_SUPERSCRIPT: Final = re.compile(r"(?<![\\^\[$])\^(?P<text>[^\s^~$\[\]{}\\]{1,40})\^(?!\^)")
_SUBSCRIPT: Final = re.compile(r"(?<![\\~])~(?P<text>[^\s~^$\[\]{}\\]{1,40})~(?!~)")
_MATH: Final = re.compile(
    r"\$\$.{0,5000}?\$\$|(?<![\\$\w])\$(?=\S)[^$\n]{0,2000}?(?<=\S)\$(?!\d)|\\\(.{0,2000}?\\\)", re.DOTALL
)
_EQUATION: Final = re.compile(
    r"\$\$(?P<latex>(?:(?!\$\$).){1,5000})\$\$[ \t\n]*\{#(?P<id>eq-[\w-]+)[^{}\n]*\}", re.DOTALL
)
_LONE_FIGURE: Final = re.compile(
    rf"(?P<indent>[ ]{{0,3}})!\[(?P<caption>(?:[^\[\]]|\[[^\[\]]{{0,200}}\]){{0,1000}})\]\((?P<target>[^()\s]{{1,1000}})(?:[ ]+\"[^\"\n]{{0,300}}\")?\)\{{(?P<list>[^{{}}\n]{{0,300}}?#(?P<id>{LABEL})[^{{}}\n]{{0,300}})\}}[ \t]*"
)
_TABLE_CAPTION: Final = re.compile(
    r"[ ]{0,3}(?:Table)?:[ \t]+(?P<caption>.*?)[ \t]*(?:\{(?P<list>[^{}\n]*?#(?P<id>tbl-[\w-]+)[^{}\n]*|[^{}\n]*)\})?[ \t]*"
)
_GRID_TABLE: Final = re.compile(r"[ \t]*\+[-=:+]{3,}\+[ \t]*")
_RAW_INLINE: Final = re.compile(r"(?P<ticks>`+)(?P<code>.+?)(?P=ticks)", re.DOTALL)
_YOUTUBE: Final = re.compile(r"(?:youtu\.be/|[?&]v=|/embed/)([\w-]{6,})")
_VIMEO: Final = re.compile(r"vimeo\.com/(?:video/)?(\d+)")
_CITATION: Final = re.compile(r"(?<![\w@/.\\])-?@(?:[A-Za-z_][\w:.#$%&+?<>~/-]*|\{[^}\n]+\})")
_UNNUMBERED: Final = re.compile(
    r"^([ ]{0,3}#{1,6}[ \t][^\n]*?)[ \t]*\{(?:-|\.unnumbered|\.unlisted|\s)+\}[ \t]*$", re.MULTILINE
)
_HEADING: Final = re.compile(r"^[ ]{0,3}#{1,6}[ \t]+(?P<text>[^\n]+?)[ \t]*$", re.MULTILINE)
_RAW_FORMAT: Final = re.compile(r"\{=(\w+)\}")
_LINK_END: Final = re.compile(r"\A\]\(([^()\s]{1,1000})\)")
"""Of a link whose text ends with code."""
_BLANKS: Final = ("", ">")

NoteTaker = Callable[[str, str, str, int], None]
"""Takes kind, topic, message and the line in the text, from 0."""


@dataclass(slots=True)
class InlineContext:
    """What the inline Markdown of a page refers to."""

    path: PurePosixPath
    """Of the page in the source."""
    labels: Labels
    note: NoteTaker
    variables: Mapping[str, Any] = field(default_factory=dict)
    """`_variables.yml`."""
    fields: Mapping[str, Any] = field(default_factory=dict)
    """Front matter."""
    targets: Mapping[str, str] = field(default_factory=dict)
    """A source's path, as a link names it from the site's root, to its content file from there."""
    fragments: frozenset[str] = frozenset()
    """What links of the page name on the page itself."""
    footnotes: list[str] = field(default_factory=list)
    """Definitions of notes that stood in the text."""
    citations: int = 0


def convert_text(text: str, context: InlineContext, first_line: int) -> str:
    """Prose without fences and divs; text that uses nothing of Quarto's own comes back as it is."""
    text = _ESCAPED.sub(lambda match: f"{{{{</*{match['inner']}*/>}}}}", text)
    if "{#eq-" in text:
        text = _EQUATION.sub(_labelled_equation, text)
    text = _figures(text, context)
    text = _tables(text, context, first_line)
    text = _UNNUMBERED.sub(r"\1", text)
    if context.fragments:
        text = _HEADING.sub(lambda match: _with_id(match, context), text)
    made: list[str] = []
    lines = LineIndex(text)
    for piece in pieces(text):
        line = first_line + lines.of(piece.start)
        if piece.is_code:
            made.append(_code_span(piece.text, context, line))
            continue
        part = piece.text
        if made and part.startswith("{=") and (raw := _RAW_FORMAT.match(part)):
            code = _RAW_INLINE.fullmatch(made[-1])
            if code is not None:
                made[-1] = code["code"] if raw[1] == "html" else ""
                part = part[raw.end() :]
        made += _around_math(part, lambda prose, line=line: _prose(prose, context, line))  # type: ignore[misc]
    return "".join(made)


def _with_id(match: re.Match[str], context: InlineContext) -> str:
    """A heading that is linked to by Pandoc's id of it, with that id where ours would be another."""
    plain = re.sub(r"[*`\[\]]|\]\([^()\s]*\)|\{[^{}]*\}", "", match["text"])
    identifier = pandoc_id(plain)
    if identifier not in context.fragments or identifier == heading_id(plain) or match["text"].endswith("}"):
        return match[0]
    return f"{match[0].rstrip()} {{#{identifier}}}"


def pandoc_id(text: str) -> str:
    """Pandoc's id of a heading: letters, digits, `_-.`, words joined by `-`, from the first letter on."""
    kept = "".join(character for character in text if character.isalnum() or character in "_-. ")
    joined = "-".join(kept.lower().split())
    first = next((place for place, character in enumerate(joined) if character.isalpha()), len(joined))
    return joined[first:] or "section"


def _around_math(text: str, convert: Callable[[str], str]) -> list[str]:
    made = []
    position = 0
    if "$" in text or "\\(" in text:
        for match in _MATH.finditer(text):
            made += [convert(text[position : match.start()]), match[0]]
            position = match.end()
    return [*made, convert(text[position:])]


def _prose(text: str, context: InlineContext, line: int) -> str:
    lines = LineIndex(text)  # conversions within a line leave the lines as they are

    def at(match: re.Match[str]) -> int:
        return line + lines.of(match.start())

    if "{{<" in text:
        text = _SHORTCODE.sub(lambda match: _shortcode(match, context, at(match)), text)
    if "^[" in text:
        text = _NOTE.sub(lambda match: _footnote(match, context), text)
    if "](" in text:
        text = _LINK.sub(lambda match: _link(match, context), text)
        text = _LINK_END.sub(lambda match: f"]({_target(match[1], context)})", text)
    if "]{" in text:
        text = _SPAN.sub(_span, text)
    if "@" in text:
        text = BRACKETED.sub(lambda match: _bracketed(match, context, at(match)), text)
        text = REFERENCE.sub(lambda match: _reference(match, context, at(match)), text)
        without = REFERENCE.sub("", text)
        context.citations += sum(
            1 for match in _CITATION.finditer(without) if not re.match(LABEL, match[0].lstrip("-@"))
        )
    if "^" in text:
        text = _SUPERSCRIPT.sub(r"<sup>\g<text></sup>", text)
    if "~" in text:
        text = _SUBSCRIPT.sub(r"<sub>\g<text></sub>", text)
    return text


# --- shortcodes -----------------------------------------------------------------------------------


def _shortcode(match: re.Match[str], context: InlineContext, line: int) -> str:
    words = [
        (word["key"], word["double"] or word["single"] or word["bare"] or "")
        for word in _WORD.finditer(match["inner"])
    ]
    if not words:
        return match[0]
    name = words[0][1]
    plain = [value for key, value in words[1:] if not key]
    named = {key: value for key, value in words[1:] if key}
    made = _known_shortcode(name, plain, named, context)
    if made is not None:
        return made
    if name == "embed":
        return match[0]  # read as it is
    context.note("look", f"shortcode {name}", f"`{match[0]}` is shown as it is written", line)
    return f"{{{{</* {match['inner']} */>}}}}"


def _known_shortcode(
    name: str, plain: list[str], named: Mapping[str, str], context: InlineContext
) -> str | None:
    first = plain[0] if plain else ""
    if name == "video" and first:
        return _video(first, named)
    if name == "kbd":
        return f"<kbd>{html.escape(' '.join(plain) or next(iter(named.values()), ''))}</kbd>"
    if name in ("pagebreak", "fa", "iconify", "bi"):
        return ""
    if name in ("var", "meta") and first:
        value: Any = context.variables if name == "var" else context.fields
        for key in first.split("."):
            value = value.get(key) if isinstance(value, Mapping) else None
        if isinstance(value, (str, int, float)):
            return str(value)
    if name == "youtube" and first:
        return call("youtube", first)
    return None


def _video(address: str, named: Mapping[str, str]) -> str:
    if (found := _YOUTUBE.search(address)) is not None:
        return call("youtube", found[1])
    if (found := _VIMEO.search(address)) is not None:
        return call("vimeo", found[1])
    size = "".join(f' {key}="{html.escape(named[key])}"' for key in ("width", "height") if named.get(key))
    label = f' aria-label="{html.escape(named["title"])}"' if named.get("title") else ""
    return f'<video src="{html.escape(address)}" controls{size}{label}></video>'


# --- references -----------------------------------------------------------------------------------


def _reference(match: re.Match[str], context: InlineContext, line: int) -> str:
    label = match["id"]
    made = context.labels.refer(label, is_number=bool(match["minus"]))
    if made is None:
        context.note("look", "references to nothing", f"`@{label}` names nothing on its page", line)
        return f"\\@{label}"
    return made


def _bracketed(match: re.Match[str], context: InlineContext, line: int) -> str:
    made = []
    for part in re.split(r"[;,](?=[^;,]*@)", match["inner"]):
        found = REFERENCE.search(part)
        if found is None:
            return match[0]
        prefix = part[: found.start()].strip()
        label = context.labels.refer(found["id"], prefix=prefix, is_number=bool(found["minus"]))
        made.append(label if label is not None else _reference(found, context, line))
    return ", ".join(made)


def _labelled_equation(match: re.Match[str]) -> str:
    latex = match["latex"]
    if "\\label{" in latex:
        return f"$${latex}$$"
    end = "\n" if latex.endswith("\n") else " "
    return f"$${latex.rstrip()} \\label{{{match['id']}}}{end}$$"


# --- pictures, links, spans -----------------------------------------------------------------------


def _link(match: re.Match[str], context: InlineContext) -> str:
    target = _target(match["target"], context)
    title = f' "{match["title"]}"' if match["title"] else ""
    if not match["list"]:
        return f"{match['image']}[{match['text']}]({target}{title})"
    attributes = _html_attributes(match["list"])
    if title:
        attributes += f' title="{html.escape(match["title"])}"'
    if not attributes:
        return f"{match['image']}[{match['text']}]({target}{title})"
    if match["image"]:
        alt = "" if ' alt="' in attributes else f' alt="{html.escape(match["text"])}"'
        return f'<img src="{html.escape(target)}"{alt}{attributes}>'
    return f'<a href="{html.escape(target)}"{attributes}>{match["text"]}</a>'


def _span(match: re.Match[str]) -> str:
    classes = [str(item.value) for item in parse_attributes(match["list"]).attributes if item.name == "class"]
    tag = {"underline": "u", "mark": "mark", "smallcaps": "span"}.get(classes[0] if classes else "", "span")
    attributes = "" if tag in ("u", "mark") else _html_attributes(match["list"])
    if "smallcaps" in classes:
        attributes = ' style="font-variant: small-caps"'
    if "aside" in classes:
        attributes = attributes.replace('class="aside"', 'class="column-margin"')
    return f"<{tag}{attributes}>{match['text']}</{tag}>"


def _target(target: str, context: InlineContext) -> str:
    """A link to a source or to what Quarto made of one, as a link to our file."""
    path, mark, rest = target.partition("#")
    if "://" in path or not path or path.startswith(("mailto:", "data:")):
        return target
    base = path.lstrip("/") if path.startswith("/") else (context.path.parent / path).as_posix()
    whole = posixpath.normpath(base)
    found = context.targets.get(whole) or context.targets.get(
        f"{whole}/index.html" if whole != "." else "index.html"
    )
    if found is None:
        return target
    return f"/{found}{mark}{rest}"


def _html_attributes(text: str) -> str:
    """Pandoc's attributes as HTML's; those that only Quarto reads are left out."""
    classes: list[str] = []
    styles: list[str] = []
    made: dict[str, str] = {}
    for item in parse_attributes(text).attributes:
        value = str(item.value).lower() if isinstance(item.value, bool) else str(item.value)
        if item.name == "class":
            classes.append(value)
        elif item.name in ("width", "height") and not value.removesuffix("px").isdigit():
            styles.append(f"{item.name}: {value}")
        elif item.name in ("width", "height"):
            made[item.name] = value.removesuffix("px")
        elif item.name == "fig-alt":
            made["alt"] = value
        elif item.name == "style":
            styles.append(value)
        elif item.name in (
            "id",
            "target",
            "rel",
            "title",
            "alt",
            "loading",
            "download",
            "lang",
        ) or item.name.startswith(("data-", "aria-")):
            made[item.name] = value
        elif item.name == "fig-align" and value == "center":
            styles.append("display: block; margin-inline: auto")
    written = (
        {"class": " ".join(name for name in classes if name not in ("lightbox", "external"))}
        if classes
        else {}
    )
    written |= made
    if styles:
        written["style"] = "; ".join(styles)
    return "".join(f' {name}="{html.escape(value)}"' for name, value in written.items() if value)


def _figures(text: str, context: InlineContext) -> str:
    """A picture that is alone in its paragraph and has a label: a figure with its number."""
    if "{" not in text or "](" not in text:
        return text
    paragraphs = re.split(r"(\n[ \t]*\n+)", text)
    for place in range(0, len(paragraphs), 2):
        match = _LONE_FIGURE.fullmatch(paragraphs[place].strip("\n"))
        if match is None:
            continue
        label = match["id"]
        attributes = parse_attributes(match["list"]).attributes
        kept = " ".join(
            f'{item.name}="{item.value}"' if item.name != "class" else f".{item.value}"
            for item in attributes
            if item.name != "id" and item.name != "fig-alt"
        )
        alt = next((str(item.value) for item in attributes if item.name == "fig-alt"), "")
        plain = re.sub(r"[*_`\[\]]|\]\([^)]*\)", "", " ".join((alt or match["caption"]).split()))
        picture = f"![{plain}]({match['target']}){f'{{{kept}}}' if kept else ''}"
        caption = context.labels.caption(label, " ".join(match["caption"].split()))
        before = paragraphs[place][: len(paragraphs[place]) - len(paragraphs[place].lstrip("\n"))]
        paragraphs[place] = before + "\n".join(figure_lines(label, [picture], caption)).strip("\n")
    return "".join(paragraphs)


def _tables(text: str, context: InlineContext, first_line: int) -> str:
    """The caption below or above a pipe table; a label makes a figure of the two."""
    if "|" not in text and "+-" not in text:
        return text
    lines = text.split("\n")
    made: list[str] = []
    for number, line in enumerate(lines):
        before = lines[number - 1] if number else ""
        if _GRID_TABLE.fullmatch(line) and not before.lstrip().startswith(("|", "+")):
            context.note("look", "grid tables", "a table of this form is not read", first_line + number)
        match = _TABLE_CAPTION.fullmatch(line) if line.lstrip().startswith((":", "Table:")) else None
        end = len(made)
        while match is not None and end > 0 and made[end - 1].strip() in _BLANKS:
            end -= 1
        start = end
        while match is not None and start > 0 and "|" in made[start - 1] and made[start - 1].strip():
            start -= 1
        if match is None or end - start < 2:
            made.append(line)
            continue
        table = made[start:end]
        caption = context.labels.caption(match["id"], match["caption"]) if match["id"] else match["caption"]
        if match["id"]:
            made[start:] = figure_lines(match["id"], table, caption)
        else:
            made[start:] = [
                "",
                "<figure>",
                "",
                *table,
                "",
                "<figcaption>",
                "",
                caption,
                "",
                "</figcaption>",
                "</figure>",
                "",
            ]
    return "\n".join(made)


def _footnote(match: re.Match[str], context: InlineContext) -> str:
    number = len(context.footnotes) + 1
    text = " ".join(match["text"].split())
    context.footnotes.append(f"[^inline-{number}]: {text}")
    return f"[^inline-{number}]"


def _code_span(text: str, context: InlineContext, line: int) -> str:
    match = _RAW_INLINE.fullmatch(text)
    if match is not None and re.match(r"r\s|\{r\}\s", match["code"]):
        context.note("look", "values in prose", f"`{match['code'][:60]}` is R: shown, not run", line)
    return escape_shortcodes(text)
