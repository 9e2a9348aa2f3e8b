"""Quotes, dashes, ellipses and guillemets as goldmark sets them, as Unicode; and bare addresses as links."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.common.utils import isPunctChar
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

_CANDIDATE: Final = re.compile(r"""['"]|---?|\.\.\.|<<|>>""")
_PLAIN: Final = {"---": "—", "--": "–", "...": "…", "<<": "«", ">>": "»"}
_PUNCTUATION: Final = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")

_URL_TAIL: Final = re.compile(
    r"://[-\w@:%.+~#=]+(?:[/?#][^\s<>\"`{}|\\^]*)?"  # the host, then what RFC 3986 allows and Unicode letters
)
_SCHEMES: Final = ("https", "http", "ftp")
_WWW: Final = re.compile(r"(?<![\w./:@-])www\.[-\w%~]+(?:\.[-\w%~]+)+(?::\d+)?(?:[/?#][^\s<>\"`{}|\\^]*)?")
_EMAIL: Final = re.compile(
    r"(?<![\w.+@/-])[A-Za-z0-9][\w.+-]{0,63}@[A-Za-z0-9][A-Za-z0-9-]*(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}(?![\w@-])",
    re.ASCII,
)


def typography_plugin(md: MarkdownIt) -> None:
    """Addresses first, then typography: a link's own text stays as it is."""
    md.inline.ruler.before("linkify", "bare_url", _bare_url)
    md.inline.ruler.disable("linkify")
    md.inline.ruler.before("autolink", "guillemet", _guillemet)
    md.core.ruler.after("inline", "bare_addresses", _bare_addresses)
    md.core.ruler.after("bare_addresses", "typography", _typography)


# --- addresses ------------------------------------------------------------------------------------


def _bare_url(state: StateInline, silent: bool) -> bool:
    """`https://example.org/a_b`, found at its colon: before emphasis could take its `_` and `~`."""
    position = state.pos
    source = state.src
    if state.linkLevel > 0 or not source.startswith("://", position):
        return False
    scheme = next((name for name in _SCHEMES if source.endswith(name, 0, position)), None)
    if scheme is None:
        return False
    start = position - len(scheme)
    if start > 0 and (source[start - 1].isalnum() or source[start - 1] in "+.-/\\"):
        return False
    match = _URL_TAIL.match(source, position)
    if match is None:
        return False
    tail = _without_trailing_punctuation(match[0])
    if "." not in tail[len("://") :].split("/", 1)[0]:
        return False
    if not silent:
        if not state.pending.endswith(scheme):
            return False
        state.pending = state.pending[: -len(scheme)]
        _push_link(state, scheme + tail)
    state.pos = position + len(tail)
    return True


def _push_link(state: StateInline, url: str) -> None:
    opening = state.push("link_open", "a", 1)
    opening.attrs = {"href": state.md.normalizeLink(url)}
    opening.info = "auto"
    text = state.push("text", "", 0)
    text.content = url
    closing = state.push("link_close", "a", -1)
    closing.info = "auto"


def _without_trailing_punctuation(url: str) -> str:
    """GFM: a full stop, quote or unmatched `)` at the end is the sentence's."""
    end = len(url)
    surplus = url.count(")") - url.count("(")
    while end > 0:
        last = url[end - 1]
        if last in "?!.,:;*_~'\"":
            end -= 1
        elif last == ")" and surplus > 0:
            end -= 1
            surplus -= 1
        else:
            break
    return url[:end]


def _bare_addresses(state: StateCore) -> None:
    """`www.example.org` and `me@example.org` in text outside links."""
    for token in state.tokens:
        if token.type != "inline" or not ("www." in token.content or "@" in token.content):
            continue
        token.children = list(_with_addresses(token.children or [], state.md))


def _with_addresses(children: Sequence[Token], md: MarkdownIt) -> Iterator[Token]:
    inside = 0
    for token in children:
        if token.type in {"link_open", "link_close"}:
            inside += token.nesting
        elif token.type == "html_inline" and token.content[:2].lower() == "<a":
            inside += 1
        elif token.type == "html_inline" and token.content[:3].lower() == "</a":
            inside = max(0, inside - 1)
        if token.type == "text" and inside == 0:
            yield from _split_addresses(token, md)
        else:
            yield token


def _split_addresses(token: Token, md: MarkdownIt) -> Iterator[Token]:
    text, level = token.content, token.level
    found: list[tuple[int, int, str]] = []
    if "www." in text:
        for match in _WWW.finditer(text):
            name = _without_trailing_punctuation(match[0])
            found.append((match.start(), match.start() + len(name), "https://" + name))
    if "@" in text:
        found.extend((m.start(), m.end(), "mailto:" + m[0]) for m in _EMAIL.finditer(text))
    if not found:
        yield token
        return
    position = 0
    for start, end, url in sorted(found):
        if start < position:
            continue
        yield _text(text[position:start], level)
        opening = Token("link_open", "a", 1, level=level, info="auto")
        opening.attrs = {"href": md.normalizeLink(url)}
        yield opening
        yield _text(text[start:end], level + 1)
        yield Token("link_close", "a", -1, level=level, info="auto")
        position = end
    yield _text(text[position:], level)


def _text(content: str, level: int) -> Token:
    return Token("text", "", 0, content=content, level=level)


def _guillemet(state: StateInline, silent: bool) -> bool:
    """`<<` before it could begin a tag: `<<word>>` is a quotation."""
    if not state.src.startswith("<<", state.pos):
        return False
    if not silent:
        state.append_pending("<<")
    state.pos += 2
    return True


# --- typography -----------------------------------------------------------------------------------


def _typography(state: StateCore) -> None:
    for token in state.tokens:
        if token.type == "inline" and token.children and _CANDIDATE.search(token.content):
            _Setter(token.children).set()


class _Setter:
    """Sets the text of one block; counts the quotes that are open, as goldmark does."""

    def __init__(self, children: Sequence[Token]) -> None:
        self._children = children
        self._single = 0
        self._double = 0

    def set(self) -> None:
        """Replace what is to be replaced in the block's text tokens."""
        in_address = False
        for index, token in enumerate(self._children):
            if token.info == "auto" and token.type in {"link_open", "link_close"}:
                in_address = token.nesting > 0
            if token.type != "text" or in_address or not _CANDIDATE.search(token.content):
                continue
            text = token.content
            before, after = self._border(index, -1), self._border(index, 1)

            def replaced(
                match: re.Match[str], text: str = text, before: str = before, after: str = after
            ) -> str:
                if match[0] in _PLAIN:
                    return _PLAIN[match[0]]
                start = match.start()
                preceding = text[start - 1] if start else before
                return self._quote(match[0], preceding, text[start + 1 : start + 6] + after)

            token.content = _CANDIDATE.sub(replaced, text)

    def _border(self, index: int, step: int) -> str:
        """The character beside a text token, as it stood in the source."""
        neighbour = index + step
        if not 0 <= neighbour < len(self._children):
            return " "
        token = self._children[neighbour]
        if token.type in {"softbreak", "hardbreak"}:
            return " "
        if token.type in {"text", "text_special"} and token.content:
            return token.content[-1 if step < 0 else 0]
        return "*"  # a delimiter: emphasis, a bracket, a backtick, a tag

    def _quote(self, mark: str, before: str, after: str) -> str:
        """The typographic form of a straight quote between two characters.

        Args:
            mark: `'` or `"`.
            before: one character.
            after: at least one character, at most six.
        """
        can_open, can_close = _flanking(before, after[0])
        if mark == "'":
            return self._single_quote(before, after, can_open=can_open, can_close=can_close)
        if can_open and not can_close:
            self._double += 1
            return "“"
        if self._double > 0 and can_close and (not can_open or _may_close(after)):
            if after[0] == '"' and before.isdigit():
                return mark  # inches, as in `Monitor 21""`
            self._double -= 1
            return "”"
        return mark

    def _single_quote(self, before: str, after: str, *, can_open: bool, can_close: bool) -> str:
        is_decade = len(after) > 3 and after[:2].isdigit() and after[2] == "s" and not after[3].isalnum()
        if can_open and not can_close and is_decade:
            return "’"
        if (before.isspace() or _is_punctuation(before)) and re.match(r"t(?:is|was)\b|em\b|net\b", after):
            return "’"
        if before.isalnum() and after[0].isalpha():
            return "’"
        if can_open and not can_close:
            if re.match(r"(?:[smtd]|ve|ll|re)(?![^\W_])", after):
                return "’"
            self._single += 1
            return "‘"
        if self._single > 0 and can_close and (not can_open or _may_close(after)):
            self._single -= 1
            return "’"
        if before.isalpha() and not after[0].isalnum():
            return "’"  # doin', the Smiths'
        return "'"


def _flanking(before: str, after: str) -> tuple[bool, bool]:
    """Whether a quote may open and may close: CommonMark's left- and right-flanking."""
    space_before, space_after = before.isspace(), after.isspace()
    mark_before, mark_after = _is_punctuation(before), _is_punctuation(after)
    is_left = not space_after and (not mark_after or space_before or mark_before)
    is_right = not space_before and (not mark_before or space_after or mark_after)
    return is_left, is_right


def _may_close(after: str) -> bool:
    """A quote that could also open closes where punctuation and then a break follow."""
    return _is_punctuation(after[0]) and (len(after) < 2 or after[1].isspace() or _is_punctuation(after[1]))


def _is_punctuation(character: str) -> bool:
    return character in _PUNCTUATION or isPunctChar(character)
