"""What MyST adds to Markdown, on pages that are written in it: block breaks, comments, targets, directives and roles."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

MYST: Final = "myst"
"""The key in a text's `env` that turns these rules on."""

_BREAK: Final = re.compile(r"\+\+\+(?:[ \t].*)?")
_COMMENT: Final = re.compile(r"%.*")
_TARGET: Final = re.compile(r"\(([^()\s]+)\)=[ \t]*")
_COLONS: Final = re.compile(r"(:{3,})[ \t]*(\{([\w-]+)\}.*)")
_DIRECTIVE: Final = re.compile(r"\{([\w:-]+)\}[ \t]*(.*)")
_OPTION: Final = re.compile(r":[\w-]+:.*")
_ROLE: Final = re.compile(r"\{([A-Za-z][\w:+-]*)\}$")
_TITLED: Final = re.compile(r"(.*?)\s*<[^<>]+>", re.DOTALL)

_ADMONITIONS: Final = {
    "admonition": "note",
    "attention": "warning",
    "caution": "caution",
    "danger": "caution",
    "error": "caution",
    "hint": "tip",
    "important": "important",
    "note": "note",
    "seealso": "note",
    "tip": "tip",
    "todo": "note",
    "warning": "warning",
}
"""MyST's admonitions as the alerts of our dialect."""
_CODE: Final = frozenset({"code", "code-block", "sourcecode"})
_COLON_DIRECTIVES: Final = frozenset({*_ADMONITIONS, *_CODE, "figure", "image", "math"})
"""What is understood between colons; all else stays text, as it is written."""
_CODE_ROLES: Final = frozenset(
    {"attr", "class", "code", "data", "exc", "file", "func", "kbd", "meth", "mod", "obj"}
)
_OURS: Final = frozenset({"eval", "python"})
"""Roles that are values in prose."""


def myst_plugin(md: MarkdownIt) -> None:
    """Rules that act only where the text's `env` says that it is MyST."""
    md.block.ruler.before(
        "fence", "myst_line", _line, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )
    md.block.ruler.before(
        "fence", "myst_colons", _colons, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )
    md.core.ruler.after("block", "myst_directives", _directives)
    md.core.ruler.after("inline", "myst_roles", _roles)


def is_myst(text: str, params: Any) -> bool:
    """Whether a page is written in MyST: it has a code cell in its form, or front matter as jupytext writes it."""
    return "{code-cell}" in text or ("kernelspec" in params and "jupytext" in params)


def _line(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: ARG001 - a rule's signature
    """A line that is a block break, a comment or a target; only the last leaves something."""
    if not state.env.get(MYST) or state.is_code_block(start):
        return False
    line = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]].rstrip()
    target = _TARGET.fullmatch(line)
    if target is None and not _BREAK.fullmatch(line) and not _COMMENT.fullmatch(line):
        return False
    if silent:
        return True
    if target is not None:
        token = state.push("html_block", "", 0)
        token.content, token.info = f'<span id="{escapeHtml(target[1])}"></span>\n', "target"
        token.map = [start, start + 1]
    state.line = start + 1
    return True


def _colons(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A directive between lines of colons (`:::{note}`), as the fence that it could have been written as."""
    if not state.env.get(MYST) or state.is_code_block(start):
        return False
    opening = _COLONS.fullmatch(state.getLines(start, start + 1, state.blkIndent, False).strip())
    if opening is None or opening[3].lower() not in _COLON_DIRECTIVES:
        return False
    if silent:
        return True
    indent, line, is_closed = state.sCount[start], start + 1, False
    while line < end and not is_closed:
        if not state.isEmpty(line) and state.sCount[line] < state.blkIndent:
            break  # the list or quotation that holds it is over
        text = state.getLines(line, line + 1, state.blkIndent, False).strip()
        is_closed = len(text) >= len(opening[1]) and set(text) == {":"}
        line += 1
    token = state.push("fence", "code", 0)
    token.info, token.markup, token.map = opening[2], opening[1], [start, line]
    token.content = state.getLines(start + 1, line - 1 if is_closed else line, indent, True)
    state.line = line
    return True


def _directives(state: StateCore) -> None:
    """Fences that are directives, as what they mean; those that we do not know stay as they are written."""
    if state.env.get(MYST):
        state.tokens = _understood(state, state.tokens)


def _understood(state: StateCore, tokens: Sequence[Token]) -> list[Token]:
    made: list[Token] = []
    for token in tokens:
        match = _DIRECTIVE.fullmatch(token.info.strip()) if token.type == "fence" else None
        meant = _directive(state, token, match[1].lower(), match[2].strip()) if match is not None else None
        made += [token] if meant is None else meant
    return made


def _directive(state: StateCore, token: Token, name: str, argument: str) -> list[Token] | None:
    lines = token.content.split("\n")
    skipped = 0
    while skipped < len(lines) and _OPTION.fullmatch(lines[skipped].strip()):
        skipped += 1
    body = "\n".join(lines[skipped:])
    first = (token.map[0] if token.map else 0) + 1 + skipped
    if name in _ADMONITIONS:
        if name != "admonition" and argument:
            body, first = f"{argument}\n\n{body}", first - 2
            argument = ""
        title = argument or name.capitalize()
        inner: list[Token] = []
        state.md.block.parse(body, state.md, state.env, inner)
        inner = _understood(state, inner)
        return [*_alert(token, _ADMONITIONS[name], title), *_moved(inner, first), *_end(token)]
    if name == "math":
        token.type, token.tag, token.content = "math_block", "math", f"{argument}\n{body}".strip()
        return [token]
    if name in ("figure", "image"):
        caption = " ".join(body.split())
        inner = []
        state.md.block.parse(f"![{caption}]({argument})", state.md, state.env, inner)
        return _moved(inner, first - 1 - skipped)
    if name in _CODE:
        token.info, token.content = argument, body
        return [token]
    return None


def _alert(token: Token, kind: str, title: str) -> list[Token]:
    opening = Token("alert_open", "div", 1, map=token.map, block=True)
    opening.meta = {"kind": kind, "sign": ""}
    text = Token("inline", "", 0, map=token.map, block=True, level=2)
    text.content, text.children = title, []
    return [
        opening,
        Token("alert_title_open", "p", 1, block=True, level=1),
        text,
        Token("alert_title_close", "p", -1, block=True, level=1),
    ]


def _end(token: Token) -> list[Token]:
    return [Token("alert_close", "div", -1, map=token.map, block=True)]


def _moved(tokens: Sequence[Token], lines: int) -> list[Token]:
    """Tokens of a part of the text, at their lines in the whole."""
    for token in tokens:
        if token.map is not None:
            token.map = [max(0, token.map[0] + lines), max(0, token.map[1] + lines)]
    return list(tokens)


def _roles(state: StateCore) -> None:
    """`` {math}`x` `` is an equation, `` {ref}`text <target>` `` its text; values in prose are left to their own rule."""
    if not state.env.get(MYST):
        return
    for block in state.tokens:
        children = block.children or []
        for before, code in pairwise(children):
            role = _ROLE.search(before.content) if before.type == "text" else None
            if role is None or code.type != "code_inline" or role[1] in _OURS:
                continue
            before.content = before.content[: role.start()]
            titled = _TITLED.fullmatch(code.content)
            if role[1] == "math":
                code.type, code.tag = "math_inline", "math"
            elif role[1] == "doi":
                url = escapeHtml(f"https://doi.org/{code.content}")
                code.type, code.tag, code.info = "html_inline", "", "doi"
                code.content = f'<a href="{url}">doi:{escapeHtml(code.content)}</a>'
            elif role[1].rpartition(":")[2] in _CODE_ROLES:
                code.content = titled[1] if titled else code.content.lstrip("~")
            else:
                code.type, code.tag = "text", ""
                code.content = titled[1] if titled else code.content
