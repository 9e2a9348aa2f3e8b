"""Small sites made by hand: the values that rendering takes, without files of content."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from sitegen.config import Config, load_config
from sitegen.content.document import (
    CellHole,
    CellId,
    CodeCell,
    Digest,
    Document,
    Html,
    PageKey,
    Segment,
    ShortcodeCall,
)
from sitegen.content.execute_options import CellOptions, PageExecution
from sitegen.content.executed import CellRun, ExecutedDocument, Metric, Output, Provenance
from sitegen.content.index import IndexedPage, Kind, SiteIndex, Skipped
from sitegen.content.metadata import PageMeta
from sitegen.content.shortcodes import Expansion
from sitegen.content.site import build_index
from sitegen.content.sources import Resource, Source, discover
from sitegen.errors import ContentError, Diagnostic, SourceLocation
from sitegen.frozen import FrozenDict
from sitegen.markdown.parse import empty_document, parse
from sitegen.rendering.composing.page import compose
from sitegen.rendering.page_files import render
from sitegen.rendering.site import gather
from sitegen.rendering.templating.shortcodes import TemplateShortcodes
from sitegen.rendering.templating.templates import Templates
from sitegen.rendering.values import Page, PageSummary, RenderedFile, Site
from sitegen.results.ledger import Ledger

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """A site under a sub-path whose root is a temporary folder."""
    return Config(
        root=tmp_path,
        now=NOW,
        base_url="https://example.org/blog/",
        title="A site",
        templates_dir=tmp_path / "templates",
    )


@pytest.fixture
def make_place(tmp_path: Path) -> Callable[..., IndexedPage]:
    """Makes an indexed page: `make_place("/posts/a", "page", title="A")`."""

    def make(
        key: str, kind: Kind = "page", *, meta: Mapping[str, Any] | None = None, **fields: Any
    ) -> IndexedPage:
        url = fields.pop("url", key if key.endswith("/") else f"{key}/")
        path = PurePosixPath("content") / f"{key.strip('/') or '_index'}.md"
        title = fields.pop("title", key.rsplit("/", 1)[-1].title() or "Home")
        page_meta = PageMeta(title=title, **(meta or {}))
        source = Source(
            path=path,
            file=tmp_path / path,
            content_path=PurePosixPath(*path.parts[1:]),
            digest=Digest("0" * 64),
            size_bytes=0,
            mtime_ns=0,
            meta=page_meta,
            body_offset=0,
            body_line=1,
        )
        values: dict[str, Any] = {
            "key": PageKey(key),
            "kind": kind,
            "type": key.strip("/").split("/")[0] if key.count("/") > 1 else "page",
            "section": key.strip("/").split("/")[0] if key.count("/") > 1 else "",
            "source": source,
            "meta": page_meta,
            "execution": PageExecution(),
            "title": title,
            "url": url,
            "output_path": PurePosixPath(url.strip("/")) / "index.html"
            if url.endswith("/")
            else PurePosixPath(url[1:]),
            "parent": PageKey("/") if key != "/" else None,
            "date": page_meta.date,
            "lastmod": page_meta.lastmod or page_meta.date,
        }
        return IndexedPage(**{**values, **fields})

    return make


@pytest.fixture
def make_index() -> Callable[..., SiteIndex]:
    """Makes the index of a few pages; children follow from `parent`."""

    def make(*places: IndexedPage, **fields: Any) -> SiteIndex:
        children: dict[PageKey, tuple[PageKey, ...]] = {}
        for place in places:
            if place.parent is not None:
                children[place.parent] = (*children.get(place.parent, ()), place.key)
        names: dict[str, tuple[PageKey, ...]] = {}
        for place in places:
            name = place.key.rsplit("/", 1)[-1]
            names[name] = (*names.get(name, ()), place.key)
        values: dict[str, Any] = {
            "pages": FrozenDict({place.key: place for place in places}),
            "by_source": FrozenDict({place.source.path: place.key for place in places if place.source}),
            "children": FrozenDict(children),
            "regular": tuple(place.key for place in places if place.kind == "page"),
            "page_terms": FrozenDict(),
            "neighbours": FrozenDict(),
            "menus": FrozenDict(),
            "data": FrozenDict(),
            "static_files": (),
            "skipped": Skipped(),
            "all_sources": (),
            "by_name": FrozenDict(names),
        }
        return SiteIndex(**{**values, **fields})

    return make


class FakeShortcodes:
    """`{{< shout >}}` gives its inner text in a paragraph; nothing else exists."""

    def __call__(self, call: ShortcodeCall, page: PageKey) -> Expansion:
        """The text of the call."""
        if call.name != "shout":
            raise ContentError(
                Diagnostic(code="SG202", severity="error", message=f"unknown shortcode `{call.name}`")
            )
        return Expansion(text="<p>" + "".join(str(part) for part in call.inner or ()) + "</p>")

    def uses_inner(self, name: str) -> bool | None:
        """Only `shout` is known."""
        return True if name == "shout" else None


@pytest.fixture
def compose_body(
    config: Config, make_place: Callable[..., IndexedPage], make_index: Callable[..., SiteIndex]
) -> Callable[..., Page]:
    """Composes a page `/posts/a` of segments: `compose_body(Html(text="<p>a</p>"))`."""

    def make(
        *segments: Segment,
        index: SiteIndex | None = None,
        ledger: Ledger | None = None,
        settings: Config | None = None,
        document: Mapping[str, Any] | None = None,
        **executed: Any,
    ) -> Page:
        site = index or make_index(make_place("/", "home"), make_place("/posts/a"))
        whole = Document(
            page=PageKey("/posts/a"),
            path=PurePosixPath("content/posts/a.md"),
            segments=segments,
            **{"execution": PageExecution(), **(document or {})},
        )
        return compose(
            ExecutedDocument(document=whole, **executed),
            site,
            ledger or Ledger(entries=FrozenDict()),
            FakeShortcodes(),
            settings or config,
        )

    return make


@pytest.fixture
def compose_cell(compose_body: Callable[..., Page]) -> Callable[..., Page]:
    """Composes a page of one cell with its outputs: `compose_cell(StreamOutput(...), echo=False)`."""

    def make(
        *outputs: Output,
        source: str = "1 + 1",
        status: str = "ok",
        state: str | None = "fresh",
        trust: bool = True,
        has_run: bool = True,
        **options: Any,
    ) -> Page:
        cell = CodeCell(
            id=CellId("cell-1"),
            language="python",
            source=source,
            location=SourceLocation(path=PurePosixPath("content/posts/a.md"), line=4),
            options=CellOptions(**options),
        )
        run = CellRun(
            cell=cell.id,
            status=status,  # type: ignore[arg-type]
            outputs=outputs,
            source_digest=Digest("1" * 64),
        )
        return compose_body(
            CellHole(cell=cell.id),
            document={"cells": (cell,), "execution": PageExecution(enabled=True, trust=trust)},
            runs=FrozenDict({cell.id: run} if has_run else {}),
            state=state,
        )

    return make


@pytest.fixture
def provenance() -> Provenance:
    """Of a run on a CPU."""
    return Provenance(
        record=Digest("2" * 64),
        key=Digest("3" * 64),
        started=datetime(2026, 11, 19, 8, 30, tzinfo=UTC),
        seconds=252.4,
        device="cpu (Some Model)",
        device_class="cpu",
        seed=7,
        profile="full",
        commit="a1b2c3d4e5f6",
        is_dirty=False,
        environment=FrozenDict(
            {"python": "3.11.9", "platform": "Linux", "packages": FrozenDict({"numpy": "2.4.5"})}
        ),
    )


@pytest.fixture
def make_metric() -> Callable[..., Metric]:
    """Makes a metric of the first cell."""

    def make(name: str = "mean_return", value: float = 490.04, **fields: Any) -> Metric:
        return Metric(name=name, value=value, cell=CellId("cell-1"), **fields)

    return make


@pytest.fixture
def make_resource(tmp_path: Path) -> Callable[[str, bytes], Resource]:
    """Makes a bundle's file."""

    def make(name: str, content: bytes) -> Resource:
        file = tmp_path / "content" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        return Resource(name=PurePosixPath(name), file=file, digest=Digest("4" * 64), size_bytes=len(content))

    return make


@pytest.fixture
def write_template(config: Config) -> Callable[[str, str], None]:
    """Writes one of the site's templates."""

    def write(name: str, text: str) -> None:
        path = config.templates_dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    return write


@pytest.fixture
def render_site(config: Config) -> Callable[..., dict[str, RenderedFile]]:
    """Composes bodies, gathers and renders: output path to file.

    `render_site(index, {"/posts/a": "<p>text</p>"})`.
    """

    def make(
        index: SiteIndex, bodies: Mapping[str, str] | None = None, settings: Config | None = None
    ) -> dict[str, RenderedFile]:
        used = settings or config
        ledger = Ledger(entries=FrozenDict())
        pages: dict[PageKey, Page] = {}
        for key, place in index.pages.items():
            body = (bodies or {}).get(key, "")
            document = Document(
                page=key,
                path=PurePosixPath(f"content{key}.md"),
                execution=PageExecution(),
                segments=(Html(text=body),) if body else (),
                title=(Html(text=place.title),),
                summary=(Html(text=body),) if body else (),
            )
            pages[key] = compose(ExecutedDocument(document=document), index, ledger, FakeShortcodes(), used)
        site = gather(index, ledger, {key: page.summary for key, page in pages.items()})
        return _rendered(pages.values(), site, used, lambda key: pages[key].content)

    return make


@pytest.fixture
def render_texts(
    write_site: Callable[[dict[str, str]], Path],
    render_content: Callable[[Config], dict[str, RenderedFile]],
) -> Callable[..., dict[str, str]]:
    """Renders a site of these files with settings laid over its configuration: output path to text."""

    def make(files: dict[str, str], **settings: Any) -> dict[str, str]:
        config = load_config(write_site(files), now=datetime(2026, 11, 20, tzinfo=UTC), environ={})
        return {
            path: (file.content or b"").decode("utf-8", "replace")
            for path, file in render_content(replace(config, **settings)).items()
        }

    return make


@pytest.fixture
def render_content(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Config], dict[str, RenderedFile]]:
    """Renders a site from its files, nothing executed: output path to file."""
    # one for all tests: templates are compiled once
    state = tmp_path_factory.getbasetemp() / "rendered-state"

    def make(config: Config) -> dict[str, RenderedFile]:
        config = replace(config, state_dir=state)
        index = build_index(discover(config), config)
        shortcodes = TemplateShortcodes(Templates(config), index, config)
        ledger = Ledger(entries=FrozenDict())
        pages: dict[PageKey, Page] = {}
        for place in index.pages.values():
            document = (
                parse(place.source, index, shortcodes, config) if place.source else empty_document(place)
            )
            pages[place.key] = compose(ExecutedDocument(document=document), index, ledger, shortcodes, config)
        site = gather(index, ledger, {key: page.summary for key, page in pages.items()})
        return _rendered(pages.values(), site, config, lambda key: pages[key].content)

    return make


@pytest.fixture
def home_asks() -> Callable[[Config], set[str]]:
    """The pages whose summaries the home page's HTML takes."""

    def asks(config: Config) -> set[str]:
        index = build_index(discover(config), config)
        pages = {
            key: compose(
                ExecutedDocument(document=empty_document(place)),
                index,
                Ledger(entries=FrozenDict()),
                TemplateShortcodes(Templates(config), index, config),
                config,
            )
            for key, place in index.pages.items()
        }
        asked = _Asked({key: page.summary for key, page in pages.items()})
        site = gather(index, Ledger(entries=FrozenDict()), asked)
        home = pages[PageKey("/")]
        contents = {key: page.content for key, page in pages.items()}
        tuple(render(home, site, Templates(config), contents.__getitem__, config, "html".__eq__))
        return {str(key) for key in asked.keys_asked} | {"/"}

    return asks


class _Asked(Mapping[PageKey, PageSummary]):
    """Summaries, and whose were asked for."""

    def __init__(self, summaries: dict[PageKey, PageSummary]) -> None:
        self._summaries = summaries
        self.keys_asked: set[PageKey] = set()

    def __getitem__(self, key: PageKey) -> PageSummary:
        self.keys_asked.add(key)
        return self._summaries[key]

    def __iter__(self) -> Iterator[PageKey]:
        return iter(self._summaries)

    def __len__(self) -> int:
        return len(self._summaries)


def _rendered(
    pages: Iterable[Page], site: Site, config: Config, contents: Callable[[PageKey], str]
) -> dict[str, RenderedFile]:
    templates = Templates(config)
    return {
        str(file.path): file for page in pages for file in render(page, site, templates, contents, config)
    }
