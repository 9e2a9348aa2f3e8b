"""A body parsed without a site around it, and a Document as text that a case can be compared with."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath

import pytest

from sitegen.config import Config
from sitegen.content.document import (
    CellHole,
    CodeCell,
    DiagramHole,
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
from sitegen.content.shortcodes import Expansion
from sitegen.content.site import IndexedPage
from sitegen.content.sources import Source
from sitegen.errors import ContentError, Diagnostic
from sitegen.frozen import FrozenDict
from sitegen.markdown.holes import fill
from sitegen.markdown.inline import encoded
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

    def __call__(self, call: ShortcodeCall, page: PageKey) -> Expansion:
        """The inner text as it is, in a heading for `loud`; `broken` fails."""
        return Expansion(text=self._text(call))

    def _text(self, call: ShortcodeCall) -> str:
        if call.name == "broken":
            diagnostic = Diagnostic(code="SG203", severity="error", message="shortcode `broken` failed")
            raise ContentError(diagnostic)
        if call.name == "include":
            return "## Included\n\nfrom a file"
        parts = (part if isinstance(part, str) else self._text(part) for part in call.inner or ())
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
        settings: Config | None = None,
        cites: bool = False,
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
        settings = settings or config
        if summary_length is not None:
            settings = Config(root=config.root, now=config.now, summary_length=summary_length)
        return parse_text(text, source, page, FakeShortcodes(), settings, cites=cites)

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
        case DiagramHole(code=code):
            return code
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


# --- comparing with a specification and with Hugo ----------------------------------------------------

BLOCKS = frozenset(
    re.findall(
        r"\w+",
        "blockquote br dd details div dl dt h1 h2 h3 h4 h5 h6 hr li ol p pre script section style summary"
        " table tbody td th thead tr ul",
    )
)


NO_HOOKS = (
    'markup.goldmark.renderHooks.link.useEmbedded = "never"',
    'markup.goldmark.renderHooks.image.useEmbedded = "never"',
)
"""With several languages Hugo resolves links, which it does not with one."""


class _Canonical(HTMLParser):
    """HTML as events: attributes sorted, entities as characters, white space as a browser shows it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.events: list[tuple[object, ...]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a tag; one without content is written in two ways."""
        self.events.append(("start", tag, tuple(sorted((name, value or "") for name, value in attrs))))

    handle_startendtag = handle_starttag

    def handle_endtag(self, tag: str) -> None:
        """Close a tag."""
        self.events.append(("end", tag))

    def handle_data(self, data: str) -> None:
        """Text; neighbouring pieces are one."""
        if self.events and self.events[-1][0] == "text":
            data = f"{self.events.pop()[1]}{data}"
        self.events.append(("text", data))

    def handle_comment(self, data: str) -> None:
        """A comment stays what it is, and so do declarations."""
        self.events.append(("comment", data))

    handle_pi = unknown_decl = handle_comment

    def handle_decl(self, decl: str) -> None:
        """A declaration."""
        self.events.append(("comment", decl))


@pytest.fixture(scope="session")
def canonical() -> Callable[[str], list[tuple[object, ...]]]:
    """HTML in a form in which only what differs for a reader differs."""

    def of(text: str) -> list[tuple[object, ...]]:
        reader = _Canonical()
        reader.feed(text)
        reader.close()
        edge = ("start", "p")
        kept: list[tuple[object, ...]] = []
        depth = 0
        for before, event, after in zip(
            [edge, *reader.events], reader.events, [*reader.events[1:], edge], strict=False
        ):
            if event[1] == "pre":
                depth += 1 if event[0] == "start" else -1
            if event[0] != "text" or depth:
                kept.append(event)
                continue
            data = re.sub(r"[ \t\n]+", " ", str(event[1]))
            data = data.lstrip(" ") if before[1] in BLOCKS or before[0] == "comment" else data
            data = data.rstrip(" ") if after[1] in BLOCKS or after[0] == "comment" else data
            if data:
                kept.append(("text", data))
        return kept

    return of


@pytest.fixture(scope="session")
def body_html(parse_body: ParseBody) -> Callable[..., str]:
    """Markdown to HTML under settings, with links to pages as they are written."""

    def html(text: str, settings: Config | None = None) -> str:
        document = parse_body(text, settings=settings)
        return fill(
            document.segments, lambda hole: encoded(hole.target) if isinstance(hole, LinkHole) else ""
        )

    return html


@pytest.fixture(scope="session")
def hugo_bodies(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Sequence[tuple[str, str]]], list[str]]:
    """What the real Hugo makes of many bodies at once; skips where it does not run."""

    def answers(bodies: Sequence[tuple[str, str]]) -> list[str]:
        """The content of each body under its settings: lines of TOML that a language of a site may have."""
        hugo = shutil.which("hugo", path=str(Path(sys.executable).parent)) or shutil.which("hugo")
        if hugo is None:
            pytest.skip("hugo is not installed (it is part of the `dev` extra)")
        root = tmp_path_factory.mktemp("hugo")
        (root / "layouts").mkdir()
        (root / "content").mkdir()
        (root / "layouts/page.html").write_text("{{ .Content }}", "utf-8")
        (root / "layouts/home.html").write_text("", "utf-8")
        languages: dict[str, str] = {}
        files = []
        for number, (body, settings) in enumerate(bodies):
            language = languages.setdefault(settings, f"l{len(languages)}")
            (root / f"content/c{number}.{language}.md").write_text(f"---\ntitle: c\n---\n{body}", "utf-8")
            files.append(root / f"out/{language}/c{number}/index.html")
        lines = [
            'baseURL = "https://example.org/"',
            'disableKinds = ["taxonomy", "term", "rss", "sitemap", "section", "404", "robotsTXT"]',
            'defaultContentLanguage = "l0"',
            "defaultContentLanguageInSubdir = true",
            *(
                f"languages.{key}.{line}"
                for settings, key in languages.items()
                for line in (f'title = "{key}"', *NO_HOOKS, *settings.splitlines())
            ),
        ]
        (root / "hugo.toml").write_text("\n".join(lines), "utf-8")
        done = subprocess.run(
            [hugo, "--quiet", "-d", "out"], cwd=root, capture_output=True, text=True, check=False
        )
        if done.returncode:
            pytest.skip(f"hugo does not run here: {done.stderr[-300:] or done.stdout[-300:]}")
        return [file.read_text("utf-8") if file.exists() else "" for file in files]

    return answers
