"""A body parsed without a site around it, and a Document as text that a case can be compared with."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import pytest

from sitegen.config import Config
from sitegen.content.document import (
    CellHole,
    CodeCell,
    Digest,
    Document,
    LinkHole,
    PageKey,
    ReferenceHole,
    Segment,
    ShortcodeCall,
    ShortcodeHole,
    ValueHole,
)
from sitegen.content.execute_options import CellOptions, PageExecution
from sitegen.content.metadata import PageMeta
from sitegen.content.site import IndexedPage
from sitegen.content.sources import Source
from sitegen.errors import ContentError, Diagnostic
from sitegen.frozen import FrozenDict
from sitegen.markdown.html import fill
from sitegen.markdown.parse import parse_text

ParseBody = Callable[..., Document]


class FakeShortcodes:
    """Five shortcodes that show how they were called."""

    enclosing = frozenset({"box", "note", "loud"})
    lone = frozenset({"figure", "metric", "ref", "relref", "broken", "include"})

    def uses_inner(self, name: str) -> bool | None:
        """`box`, `note` and `loud` enclose; the others stand alone."""
        if name in self.enclosing:
            return True
        return False if name in self.lone else None

    def __call__(self, call: ShortcodeCall, page: PageKey) -> str:
        """The inner text as it is, in a heading for `loud`; `broken` fails."""
        if call.name == "broken":
            diagnostic = Diagnostic(code="SG203", severity="error", message="shortcode `broken` failed")
            raise ContentError(diagnostic)
        if call.name == "include":
            return "## Included\n\nfrom a file"
        parts = (part if isinstance(part, str) else self(part, page) for part in call.inner or ())
        inner = "".join(parts)
        return f"## Loud\n{inner}" if call.name == "loud" else inner


@pytest.fixture(scope="session")
def config() -> Config:
    """A site's defaults."""
    return Config(root=Path("/site"), now=datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture(scope="session")
def parse_body(config: Config) -> ParseBody:
    """Parses a body whose first line is line 5 of `content/page.md`."""

    def parse(
        text: str,
        *,
        enabled: bool | None = None,
        kernel: str = "python3",
        source_format: str = "markdown",
        summary_length: int | None = None,
        **meta: object,
    ) -> Document:
        front_matter = PageMeta(**meta)  # type: ignore[arg-type]
        source = Source(
            path=PurePosixPath("content/page.md"),
            file=Path("/site/content/page.md"),
            content_path=PurePosixPath("page.md"),
            digest=Digest("0" * 64),
            size_bytes=len(text),
            mtime_ns=0,
            meta=front_matter,
            body_offset=0,
            body_line=5,
            format=source_format,  # type: ignore[arg-type]
        )
        page = IndexedPage(
            key=PageKey("/page"),
            kind="page",
            type="page",
            section="",
            source=source,
            meta=front_matter,
            execution=PageExecution(enabled=enabled, kernel=kernel, cell_defaults=FrozenDict({})),
            title=front_matter.title,
            url="/page/",
            output_path=PurePosixPath("page/index.html"),
        )
        settings = config
        if summary_length is not None:
            settings = Config(root=config.root, now=config.now, summary_length=summary_length)
        return parse_text(text, source, page, FakeShortcodes(), settings)

    return parse


def _hole(segment: Segment) -> str:
    match segment:
        case CellHole(cell=cell):
            return f"[{cell}]"
        case ValueHole(value=value):
            return f"[{value}]"
        case ShortcodeHole(call=call):
            return f"[shortcode {call.name}]"
        case LinkHole(target=target, is_image=is_image):
            return f"[{'image' if is_image else 'page'} {target}]"
        case ReferenceHole(label=label, is_address=is_address):
            return f"[{'address' if is_address else 'reference'} {label}]"
        case _:
            raise AssertionError(segment)


@pytest.fixture(scope="session")
def show() -> Callable[[Iterable[Segment]], str]:
    """Segments as HTML with readable holes."""
    return lambda segments: fill(tuple(segments), _hole)


def _cell(cell: CodeCell) -> Iterable[str]:
    default = CellOptions()
    given = (
        f" {item.name}={getattr(cell.options, item.name)!r}"
        for item in fields(CellOptions)
        if getattr(cell.options, item.name) != getattr(default, item.name)
    )
    yield f"{cell.id} {cell.language} at line {cell.location.line}:{''.join(given)}"
    yield from (f"    {line}".rstrip() for line in cell.source.split("\n"))


@pytest.fixture(scope="session")
def describe(show: Callable[[Iterable[Segment]], str]) -> Callable[[Document], str]:
    """A Document as text: its HTML, cells, inline expressions, diagnostics."""

    def described(document: Document) -> str:
        lines = [show(document.segments).rstrip("\n")]
        for cell in document.cells:
            lines.extend(_cell(cell))
        lines.extend(
            f"{item.id} at {item.location.line}:{item.location.column} after {item.after_cells}: {item.source}"
            for item in document.expressions
        )
        lines.extend(
            f"{item.location}: {item.severity} {item.code}: {item.message}" for item in document.diagnostics
        )
        return "\n".join(line for line in lines if line)

    return described
