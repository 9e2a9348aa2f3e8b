"""Lex `{{< >}}` and `{{% %}}` as Hugo does, and nest the calls; what is wrong becomes an `Erroneous` node."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from sitegen.content.document import ShortcodeCall
from sitegen.errors import SourceLocation, near_match
from sitegen.frozen import FrozenDict

DEEPEST_NESTING: Final = 50
"""Calls inside calls; no real page comes near, and values this deep still pickle."""

_START: Final = re.compile(r"\{\{[<%]")
_SPACE: Final = re.compile(r"\s*")
_NAME: Final = re.compile(r"\w[\w/-]*")
_RAW: Final = re.compile(r"`([^`]*)`")
_QUOTED: Final = re.compile(r'"((?:[^"\\\n]|\\"|\\(?!"))*)"')
_ESCAPED_QUOTES: Final = re.compile(r'\\"((?:[^"\\\n]|\\(?!"))*)\\?"')
_KEY: Final = re.compile(r"([\w-]+)=\s*")
_BARE: Final = re.compile(r"[\w.-]+")
_WORD: Final = re.compile(r"\S+")
_INTEGER: Final = re.compile(r"[-+]?\d+")
_FLOAT: Final = re.compile(r"[-+]?\d*\.\d+")

_COMMON_NAMES: Final = (
    "comment",
    "details",
    "embed",
    "figure",
    "gist",
    "highlight",
    "instagram",
    "metric",
    "notebook",
    "param",
    "qr",
    "ref",
    "relref",
    "tweet",
    "twitter",
    "vimeo",
    "x",
    "youtube",
)
"""What a misspelt name is compared with: Hugo's embedded shortcodes and ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erroneous:
    """A call that cannot be made: it becomes a visible message, and the page goes on."""

    code: str
    message: str
    location: SourceLocation
    hint: str | None = None


Node = str | ShortcodeCall | Erroneous


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A node at the top level of a page, with the text it stands for."""

    node: Node
    start: int
    """Offset in the text."""
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """A text's shortcodes."""

    pieces: tuple[Piece, ...]
    """In order; together they cover the text."""
    errors: tuple[Erroneous, ...]
    """All of them, also those inside calls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tag:
    start: int
    end: int
    name: str
    is_closing: bool
    is_self_closing: bool
    is_markdown: bool
    positional: tuple[object, ...]
    named: FrozenDict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bad:
    start: int
    end: int
    at: int
    """Where it is wrong."""
    message: str


class _TagSyntaxError(Exception):
    """Inside this module only: what is wrong, and at which offset."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.message = message
        self.at = at


@dataclass(slots=True)
class _Frame:
    """A call whose closing tag has not come yet."""

    tag: _Tag
    ordinal: int
    pieces: list[Piece] = field(default_factory=list)


def parse_shortcodes(
    text: str,
    protected: Sequence[tuple[int, int]],
    uses_inner: Callable[[str], bool | None],
    locate: Callable[[int], SourceLocation],
) -> Parsed:
    """The text as pieces: text, calls with all they enclose, and what is wrong.

    Args:
        text: Markdown of a page.
        protected: ascending (start, end) offsets in which nothing is a shortcode: executable cells.
        uses_inner: as in the `Shortcodes` protocol.
        locate: the place in the file of an offset.
    """
    nesting = _Nesting(uses_inner=uses_inner, locate=locate)
    for item in _lex(text, protected):
        if isinstance(item, _Text):
            nesting.add(Piece(node=item.text, start=item.start, end=item.end))
        elif isinstance(item, _Bad):
            error = Erroneous(code="SG201", message=item.message, location=locate(item.at))
            nesting.add_error(error, item.start, item.end)
        elif item.is_closing:
            nesting.close(item)
        else:
            nesting.open(item)
    return nesting.finish()


class _Nesting:
    """Matches opening and closing tags."""

    def __init__(
        self, *, uses_inner: Callable[[str], bool | None], locate: Callable[[int], SourceLocation]
    ) -> None:
        self._uses_inner = uses_inner
        self._locate = locate
        self._top: list[Piece] = []
        self._frames: list[_Frame] = []
        self._unknown: set[str] = set()
        self._errors: list[Erroneous] = []

    def add(self, piece: Piece) -> None:
        """Put a finished piece where we are."""
        (self._frames[-1].pieces if self._frames else self._top).append(piece)

    def add_error(self, error: Erroneous, start: int, end: int) -> None:
        """Put something wrong where we are."""
        self._errors.append(error)
        self.add(Piece(node=error, start=start, end=end))

    def open(self, tag: _Tag) -> None:
        """An opening tag: a call of its own, or the start of one that encloses."""
        uses = self._uses_inner(tag.name)
        if uses is None:
            self._unknown.add(tag.name)
            match = near_match(
                tag.name, [name for name in _COMMON_NAMES if self._uses_inner(name) is not None]
            )
            hint = f"did you mean `{match}`?" if match else f"add `templates/shortcodes/{tag.name}.html`"
            self._wrong(tag, f"unknown shortcode `{tag.name}`", hint, code="SG202")
        elif uses and not tag.is_self_closing:
            if len(self._frames) >= DEEPEST_NESTING:
                self._wrong(tag, f"shortcodes are nested more than {DEEPEST_NESTING} deep")
            else:
                self._frames.append(_Frame(tag=tag, ordinal=self._next_ordinal()))
        else:
            call = self._call(tag, self._next_ordinal(), None)
            self.add(Piece(node=call, start=tag.start, end=tag.end))

    def close(self, tag: _Tag) -> None:
        """A closing tag: finish the call of that name; those left open inside it are wrong."""
        if tag.name in self._unknown:  # its opening has been reported; what it encloses is shown
            return
        depth = next(
            (i for i in range(len(self._frames) - 1, -1, -1) if self._frames[i].tag.name == tag.name), None
        )
        if depth is None:
            self._wrong(tag, *self._stray(tag))
            return
        frame = self._frames[depth]
        frame.pieces.extend(self._abandon(depth + 1))
        self._frames.pop()
        inner = tuple(
            error_html(piece.node) if isinstance(piece.node, Erroneous) else piece.node
            for piece in frame.pieces
        )
        call = self._call(frame.tag, frame.ordinal, inner)
        self.add(Piece(node=call, start=frame.tag.start, end=tag.end))

    def finish(self) -> Parsed:
        """All pieces of the page; calls that were never closed are wrong."""
        self._top.extend(self._abandon(0))
        return Parsed(pieces=tuple(self._top), errors=tuple(self._errors))

    def _abandon(self, depth: int) -> list[Piece]:
        """Remove the frames from `depth` on: their tags are errors, what they held is kept."""
        pieces: list[Piece] = []
        for frame in self._frames[depth:]:
            error = Erroneous(
                code="SG201",
                message=f"shortcode `{frame.tag.name}` is never closed",
                location=self._locate(frame.tag.start),
                hint=f"close it with `/{frame.tag.name}`, or end the tag itself with `/`",
            )
            self._errors.append(error)
            pieces.append(Piece(node=error, start=frame.tag.start, end=frame.tag.end))
            pieces.extend(frame.pieces)
        del self._frames[depth:]
        return pieces

    def _stray(self, tag: _Tag) -> tuple[str, str | None]:
        if self._uses_inner(tag.name) is False:
            return (
                f"shortcode `{tag.name}` does not use what it encloses, yet it is closed",
                "remove the closing tag",
            )
        return f"closing tag for shortcode `{tag.name}`, but none is open", None

    def _wrong(self, tag: _Tag, message: str, hint: str | None = None, code: str = "SG201") -> None:
        error = Erroneous(code=code, message=message, location=self._locate(tag.start), hint=hint)
        self.add_error(error, tag.start, tag.end)

    def _next_ordinal(self) -> int:
        siblings = self._frames[-1].pieces if self._frames else self._top
        # Backwards only to the last call, whose ordinal says how many came before: linear over a page.
        previous = (piece.node for piece in reversed(siblings) if isinstance(piece.node, ShortcodeCall))
        last = next(previous, None)
        return 0 if last is None else last.ordinal + 1

    def _call(self, tag: _Tag, ordinal: int, inner: tuple[str | ShortcodeCall, ...] | None) -> ShortcodeCall:
        return ShortcodeCall(
            name=tag.name,
            location=self._locate(tag.start),
            ordinal=ordinal,
            positional=tag.positional,
            named=tag.named,
            inner=inner,
            is_markdown=tag.is_markdown,
        )


def error_html(error: Erroneous) -> str:
    """What stands on the page where a call could not be made; inline, so that it may stand anywhere."""
    text = html.escape(f"{error.location}: {error.message}")
    return f'<span class="build-error" role="alert">{text}</span>'


def _lex(text: str, protected: Sequence[tuple[int, int]]) -> Iterator[_Text | _Tag | _Bad]:
    """Text and tags in order; text is never empty."""
    position = done = 0
    ranges = iter(protected)
    current = next(ranges, None)
    while (match := _START.search(text, position)) is not None:
        start = match.start()
        while current is not None and current[1] <= start:
            current = next(ranges, None)
        if current is not None and current[0] <= start:
            position = current[1]
            continue
        if start > done:
            yield _Text(start=done, end=start, text=text[done:start])
        item = _lex_tag(text, start)
        yield item
        position = done = item.end
    if done < len(text):
        yield _Text(start=done, end=len(text), text=text[done:])


def _lex_tag(text: str, start: int) -> _Text | _Tag | _Bad:
    """The tag, or the escaped tag `{{</* x */>}}`, that begins at `start`."""
    delimiter = ">}}" if text[start + 2] == "<" else "%}}"
    try:
        if text.startswith("/*", start + 3):
            end = text.find("*/" + delimiter, start + 5)
            if end < 0:
                raise _TagSyntaxError("the comment of an escaped shortcode is never closed", start)
            literal = text[start : start + 3] + text[start + 5 : end] + delimiter
            return _Text(start=start, end=end + 2 + len(delimiter), text=literal)
        return _TagLexer(text, start, delimiter).lex()
    except _TagSyntaxError as problem:
        return _Bad(
            start=start, end=_end_of_bad(text, start, delimiter), at=problem.at, message=problem.message
        )


def _end_of_bad(text: str, start: int, delimiter: str) -> int:
    """Where to go on after a wrong tag: behind its delimiter, else at the end of its line."""
    following = _START.search(text, start + 3)
    limit = following.start() if following else len(text)
    end = text.find(delimiter, start, limit)
    if end >= 0:
        return end + len(delimiter)
    newline = text.find("\n", start, limit)
    return newline if newline >= 0 else limit


class _TagLexer:
    """Reads one tag from its opening delimiter to its closing one."""

    def __init__(self, text: str, start: int, delimiter: str) -> None:
        self._text = text
        self._start = start
        self._delimiter = delimiter
        self._position = start + 3
        self._positional: list[object] = []
        self._named: dict[str, object] = {}

    def lex(self) -> _Tag:
        """The tag.

        Raises:
            _TagSyntaxError: it is not one.
        """
        self._skip_space()
        is_closing = self._take("/")
        self._skip_space()
        name = self._name()
        is_self_closing = False
        if name.endswith("/"):
            name, is_self_closing = name.rstrip("/"), True
        while not self._at_end():
            if self._take("/"):
                self._skip_space()
                if not self._text.startswith(self._delimiter, self._position):
                    raise _TagSyntaxError(
                        "`/` inside a shortcode must be its last character", self._position - 1
                    )
                is_self_closing = True
            elif is_closing:
                raise _TagSyntaxError(f"closing tag of shortcode `{name}` has arguments", self._position)
            else:
                self._argument()
        return _Tag(
            start=self._start,
            end=self._position + len(self._delimiter),
            name=name,
            is_closing=is_closing,
            is_self_closing=is_self_closing,
            is_markdown=self._delimiter[0] == "%",
            positional=tuple(self._positional),
            named=FrozenDict(self._named),
        )

    def _name(self) -> str:
        match = _NAME.match(self._text, self._position)
        if match is None:
            raise _TagSyntaxError("a shortcode without a name", self._start)
        self._position = match.end()
        if self._text.startswith(".", self._position):
            if self._text.startswith(".inline", self._position):
                raise _TagSyntaxError("inline shortcodes are not supported", self._start)
            raise _TagSyntaxError("a period in the name of a shortcode", self._position)
        return match[0]

    def _at_end(self) -> bool:
        self._skip_space()
        if self._position >= len(self._text):
            raise _TagSyntaxError("a shortcode that does not end", self._start)
        return self._text.startswith(self._delimiter, self._position)

    def _argument(self) -> None:
        at = self._position
        key = _KEY.match(self._text, at)
        if key is not None:
            if self._positional:
                raise _TagSyntaxError(f"named argument `{key[1]}` after positional ones", at)
            self._position = key.end()
            self._named[key[1]] = self._value()
            return
        value: object = self._quoted()
        if value is None:
            bare = _BARE.match(self._text, at)
            if bare is None:
                shown = self._text[at]
                raise _TagSyntaxError(f"`{shown}` in a shortcode's arguments must be quoted", at)
            self._position = bare.end()
            value = _typed(bare[0])
        if self._named:
            raise _TagSyntaxError("positional argument after named ones", at)
        self._positional.append(value)

    def _value(self) -> object:
        """What follows `name=`: quoted, or bare up to white space or the end of the tag."""
        value = self._quoted()
        if value is not None:
            return value
        word = _WORD.match(self._text, self._position)
        end = word.end() if word else self._position
        closing = self._text.find(self._delimiter, self._position, end)
        end = closing if closing >= 0 else end
        bare = self._text[self._position : end]
        self._position = end
        return _typed(bare)

    def _quoted(self) -> str | None:
        at = self._position
        first = self._text[at : at + 1]
        pattern = {'"': _QUOTED, "`": _RAW, "\\": _ESCAPED_QUOTES}.get(first)
        if pattern is None:
            return None
        match = pattern.match(self._text, at)
        if match is None:
            kind = "raw string" if first == "`" else "quoted string"
            raise _TagSyntaxError(f"a {kind} in a shortcode's arguments does not end", at)
        self._position = match.end()
        return match[1].replace('\\"', '"') if first == '"' else match[1]

    def _take(self, character: str) -> bool:
        if self._text.startswith(character, self._position):
            self._position += len(character)
            return True
        return False

    def _skip_space(self) -> None:
        match = _SPACE.match(self._text, self._position)
        self._position = match.end() if match else self._position


def _typed(bare: str) -> object:
    """An unquoted argument as Hugo types it."""
    if bare in {"true", "false"}:
        return bare == "true"
    if _INTEGER.fullmatch(bare):
        return int(bare) if len(bare) < 20 else bare
    return float(bare) if _FLOAT.fullmatch(bare) else bare
