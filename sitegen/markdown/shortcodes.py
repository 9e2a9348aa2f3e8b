"""Nest `{{< >}}` and `{{% %}}` calls as Hugo does; what is wrong becomes an `Erroneous` node."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Sequence
from dataclasses import field, replace
from typing import Final

from sitegen.content.document import ShortcodeCall
from sitegen.content.shortcodes import BUILT_IN
from sitegen.errors import Severity, SourceLocation, near_match
from sitegen.markdown.shortcode_tags import Bad, Tag, Text, lex
from sitegen.values import dataclass

_DIVIDER: Final = "<!--more-->"
"""Hugo's divider, exactly as it is written."""
DEEPEST_NESTING: Final = 50
"""Calls inside calls; no real page comes near, and values this deep still pickle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erroneous:
    """A call that cannot be made: it becomes a visible message, and the page goes on."""

    code: str
    message: str
    location: SourceLocation
    hint: str | None = None
    severity: Severity = "error"
    """Below `error` nothing of it is shown."""


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
    """All of them, also those inside calls, in the order of the text."""


@dataclass(slots=True)
class _Frame:
    """A call whose closing tag has not come yet."""

    tag: Tag
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
    items = tuple(lex(text, protected))
    for by_name in (False, True):
        nesting = _Nesting(uses_inner, locate, divider=text.find(_DIVIDER), by_name=by_name)
        nesting.read(items)
        if not nesting.is_open:
            break
    return nesting.finish()


class _Nesting:
    """Matches opening and closing tags.

    In Hugo a closing tag closes the innermost call, whatever its name. Where that leaves a call open the page is
    wrong in any case, and names tell better which one it is.
    """

    def __init__(
        self,
        uses_inner: Callable[[str], bool | None],
        locate: Callable[[int], SourceLocation],
        *,
        divider: int,
        by_name: bool,
    ) -> None:
        self._uses_inner = uses_inner
        self._locate = locate
        self._divider = divider
        self._by_name = by_name
        self._top: list[Piece] = []
        self._frames: list[_Frame] = []
        self._unknown: set[str] = set()
        self._opened: set[str] = set()
        self._errors: list[Erroneous] = []

    @property
    def is_open(self) -> bool:
        """Whether a closing tag is missing."""
        return bool(self._frames)

    def read(self, items: Iterable[Text | Tag | Bad]) -> None:
        """Put all that was lexed in its place."""
        for item in items:
            if isinstance(item, Text):
                self.add(Piece(node=item.text, start=item.start, end=item.end))
            elif isinstance(item, Bad):
                self.add_error(
                    Erroneous(
                        code="SG201",
                        message=item.message,
                        location=self._locate(item.at),
                        hint=item.hint,
                        severity=item.severity,
                    ),
                    item.start,
                    item.end,
                )
            elif item.is_closing:
                self.close(item)
            else:
                self.open(item)

    def add(self, piece: Piece) -> None:
        """Put a finished piece where we are; the page's divider inside a call is none, and not shown."""
        if self._frames and isinstance(piece.node, str) and piece.start <= self._divider < piece.end:
            piece = replace(piece, node=piece.node.replace(_DIVIDER, "", 1))
        (self._frames[-1].pieces if self._frames else self._top).append(piece)

    def add_error(self, error: Erroneous, start: int, end: int) -> None:
        """Put something wrong where we are."""
        self._errors.append(error)
        self.add(Piece(node=error, start=start, end=end))

    def open(self, tag: Tag) -> None:
        """An opening tag: a call of its own, or the start of one that encloses."""
        uses = self._uses_inner(tag.name)
        if uses is None:
            self._unknown.add(tag.name)
            match = near_match(
                tag.name, [name for name in sorted(BUILT_IN) if self._uses_inner(name) is not None]
            )
            hint = f"did you mean `{match}`?" if match else f"add `templates/shortcodes/{tag.name}.html`"
            self._wrong(tag, f"unknown shortcode `{tag.name}`", hint, code="SG202")
            return
        self._opened.add(tag.name)
        if tag.is_self_closing and not uses:
            message = f"shortcode `{tag.name}` does not use what it encloses, yet it is closed"
            self._wrong(tag, message, "remove the `/`")
        elif uses and not tag.is_self_closing:
            if len(self._frames) >= DEEPEST_NESTING:
                hint = "close the ones above it"
                self._wrong(tag, f"shortcodes are nested more than {DEEPEST_NESTING} deep", hint)
            else:
                self._frames.append(_Frame(tag=tag, ordinal=self._next_ordinal()))
        else:
            call = self._call(tag, self._next_ordinal(), None)
            self.add(Piece(node=call, start=tag.start, end=tag.end))

    def close(self, tag: Tag) -> None:
        """A closing tag: finish the innermost call, whatever its name, as Hugo does."""
        if tag.name in self._unknown:  # its opening has been reported; what it encloses is shown
            return
        if not self._frames or tag.name not in self._opened or self._uses_inner(tag.name) is False:
            self._wrong(tag, *self._stray(tag))
            return
        names = [frame.tag.name for frame in self._frames]
        if self._by_name and tag.name not in names:
            self._wrong(tag, *self._stray(tag))
            return
        depth = len(names) - 1 - names[::-1].index(tag.name) if self._by_name else len(names) - 1
        frame = self._frames[depth]
        frame.pieces.extend(self._abandon(depth + 1))
        self._frames.pop()
        inner = tuple(_inner_text(piece.node) for piece in frame.pieces)
        call = self._call(frame.tag, frame.ordinal, inner)
        self.add(Piece(node=call, start=frame.tag.start, end=tag.end))

    def finish(self) -> Parsed:
        """All pieces of the page; calls that were never closed are wrong."""
        self._top.extend(self._abandon(0))
        errors = sorted(
            self._errors, key=lambda error: (error.location.line or 0, error.location.column or 0)
        )
        return Parsed(pieces=tuple(self._top), errors=tuple(errors))

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

    def _stray(self, tag: Tag) -> tuple[str, str]:
        if self._uses_inner(tag.name) is False:
            return (
                f"shortcode `{tag.name}` does not use what it encloses, yet it is closed",
                "remove the closing tag",
            )
        return f"closing tag for shortcode `{tag.name}`, but none is open", "remove it, or open it above"

    def _wrong(self, tag: Tag, message: str, hint: str, code: str = "SG201") -> None:
        error = Erroneous(code=code, message=message, location=self._locate(tag.start), hint=hint)
        self.add_error(error, tag.start, tag.end)

    def _next_ordinal(self) -> int:
        siblings = self._frames[-1].pieces if self._frames else self._top
        # Backwards only to the last call, whose ordinal says how many came before: linear over a page.
        previous = (piece.node for piece in reversed(siblings) if isinstance(piece.node, ShortcodeCall))
        last = next(previous, None)
        return 0 if last is None else last.ordinal + 1

    def _call(self, tag: Tag, ordinal: int, inner: tuple[str | ShortcodeCall, ...] | None) -> ShortcodeCall:
        return ShortcodeCall(
            name=tag.name,
            location=self._locate(tag.start),
            ordinal=ordinal,
            positional=tag.positional,
            named=tag.named,
            inner=inner,
            is_markdown=tag.is_markdown,
        )


def _inner_text(node: Node) -> str | ShortcodeCall:
    return error_html(node) if isinstance(node, Erroneous) else node


def error_html(error: Erroneous) -> str:
    """What stands on the page where a call could not be made; inline, so that it may stand anywhere."""
    if error.severity != "error":
        return ""
    text = html.escape(f"{error.location}: {error.message}")
    return f'<span class="build-error" role="alert">{text}</span>'
