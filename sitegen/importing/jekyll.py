"""A Jekyll site as one of ours: posts, drafts, pages, collections, data, static files."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Final

from sitegen.content.parsers import UnreadableTextError, read_yaml
from sitegen.errors import Diagnostic, SourceLocation
from sitegen.importing.al_folio import RESUME, bibliography_name, bibliography_text, papers_file
from sitegen.importing.jekyll_pages import (
    MARKDOWN,
    JekyllFile,
    Placed,
    Written,
    moved,
    of_papers,
    place,
    write,
)
from sitegen.importing.jekyll_settings import (
    CONFIG_NAME,
    EXCLUDED,
    JekyllSettings,
    cascades,
    our_settings,
    settings_notes,
)
from sitegen.importing.liquid_content import LiquidSite, shortcode_name
from sitegen.importing.liquid_templates import stub, translated
from sitegen.importing.pages import ForeignPage, page_bytes, read_page, table, texts
from sitegen.importing.settings import settings_bytes
from sitegen.importing.sources import (
    Names,
    has_front_matter,
    inside,
    not_such_a_site,
    read_text,
    unreadable,
    walk,
)
from sitegen.importing.values import Imported, ImportedFile, Note, NoteKind

_HTML: Final = frozenset({".html", ".htm"})
_TEMPLATE_FOLDERS: Final = ("_layouts", "_includes", "_sass", "_plugins")
_OUR_FILES: Final = frozenset(
    {"404.html", "404.md", "feed.xml", "rss.xml", "atom.xml", "sitemap.xml", "robots.txt"}
)
"""What sitegen writes itself; of Jekyll's sites mostly templates."""
_POST_FOLDERS: Final = ("_posts", "_drafts")


def read_jekyll_site(source: Path) -> Imported:
    """The site in the folder `source`; nothing is written.

    Raises:
        SiteError: SG801; neither `_config.yml` nor `_posts/` is there. SG110: the configuration is not YAML.
    """
    if not source.is_dir() or not any(
        (source / name).exists() for name in (CONFIG_NAME, "_posts", "_config.yaml")
    ):
        raise not_such_a_site(source, "Jekyll site", "neither `_config.yml` nor `_posts/`")
    return _Import(source).run()


@dataclass(slots=True)
class _Import:
    """One import: what it reads, and what it gathers."""

    source: Path
    settings: JekyllSettings = field(default_factory=JekyllSettings)
    files: list[ImportedFile] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    names: Names = field(default_factory=Names)
    includes: dict[str, str] = field(default_factory=dict)
    content: list[JekyllFile] = field(default_factory=list)

    def run(self) -> Imported:
        self.settings = self._read_settings()
        excluded = (*EXCLUDED, *texts(self.settings.values.get("exclude")))
        included = texts(self.settings.values.get("include"))
        for path in walk(self.source, excluded=excluded, included=included):
            self._sort(path, included)
        placed = self._placed()
        site = self._liquid_site(placed)
        written = [(each, write(each, self.settings, site)) for each in placed]
        menu = self._menu()
        for each, page in written:
            self.notes += page.notes
            if menu:  # which names the pages that it wants
                page.fields.pop("menus", None)
            self._add_page(each, page)
        if any(page.fields.get("type") == "cv" for _, page in written):
            self._copy(RESUME, PurePosixPath("data", RESUME.name))
        self._layouts(written)
        self._shortcodes({name for _, page in written for name in page.includes})
        self._settings_file(written, menu)
        return Imported(files=tuple(self.files), notes=tuple(self.notes), diagnostics=tuple(self.diagnostics))

    # --- what there is ----------------------------------------------------------------------------

    def _read_settings(self) -> JekyllSettings:
        file = next(
            (self.source / name for name in (CONFIG_NAME, "_config.yaml") if (self.source / name).is_file()),
            None,
        )
        if file is None:
            return JekyllSettings()
        try:
            parsed = read_yaml(read_text(file))
        except UnreadableTextError as problem:
            self.diagnostics.append(
                Diagnostic(
                    code="SG110",
                    severity="error",
                    message=f"the configuration cannot be read as YAML: {problem.message}",
                    location=SourceLocation(
                        path=PurePosixPath(file.name), line=problem.line, column=problem.column
                    ),
                    hint=problem.hint or "mend it there",
                )
            )
            return JekyllSettings()
        return JekyllSettings(values=table(parsed.value), lines=parsed.lines)

    def _sort(self, path: PurePosixPath, included: list[str]) -> None:
        """Let a file of the source be content, data, a template, or a static file."""
        parts = path.parts
        top = parts[0]
        collections_dir = str(self.settings.values.get("collections_dir") or "").strip("/")
        if collections_dir and path.is_relative_to(collections_dir):
            parts = path.relative_to(collections_dir).parts
            top = parts[0]
        folder = next((i for i, part in enumerate(parts[:-1]) if part in _POST_FOLDERS), None)
        if path.name in (CONFIG_NAME, "_config.yaml") or path.match("_config*.yml"):
            return
        if folder is not None:
            kind = "posts" if parts[folder] == "_posts" else "drafts"
            self._content(path, kind, PurePosixPath(*parts[folder + 1 :]), categories=parts[:folder])
        elif top.startswith("_") and top[1:] in self.settings.collections() and len(parts) > 1:
            self._content(path, top[1:], PurePosixPath(*parts[1:]))
        elif top == "_data":
            self._data(path)
        elif top in _TEMPLATE_FOLDERS:
            self._template(path)
        elif top.startswith("_") and top not in included and len(parts) > 1:
            self._unknown_folder(path)
        else:
            self._page_or_static(path)

    def _content(
        self, path: PurePosixPath, kind: str, below: PurePosixPath, *, categories: Iterable[str] = ()
    ) -> None:
        suffix = path.suffix.lower()
        if suffix not in MARKDOWN and suffix not in _HTML:
            if kind in ("posts", "drafts"):
                self._note("look", "files among posts", f"`{path}` is no page and is left out", path)
            else:
                self._copy(path, PurePosixPath("static", kind, *below.parts))
            return
        page = self._read(path)
        if page is not None and (page.has_front_matter or kind in ("posts", "drafts")):
            self.content.append(JekyllFile(page=page, kind=kind, below=below, categories=tuple(categories)))
        elif page is not None:
            self._copy(path, PurePosixPath("static", kind, *below.parts))

    def _read(self, path: PurePosixPath) -> ForeignPage | None:
        """A content file; where its front matter cannot be read, an error, and the file as it is."""
        page = read_page((self.source / path).read_bytes(), path)
        if page.is_readable:
            return page
        self.diagnostics += [unreadable(path, each) for each in page.diagnostics if each.severity == "error"]
        self._copy(path, PurePosixPath("unread", *path.parts))
        return None

    def _page_or_static(self, path: PurePosixPath) -> None:
        file, suffix = self.source / path, path.suffix.lower()
        is_text = suffix in MARKDOWN or suffix in _HTML
        has_front = has_front_matter(file)
        if path.name in _OUR_FILES and len(path.parts) == 1 and (has_front or path.stem == "404"):
            self._note("converted", "files that sitegen writes", f"`{path.name}` is made by the theme", path)
        elif is_text and (has_front or (suffix in MARKDOWN and self._takes_plain_markdown())):
            page = self._read(path)
            if page is not None:
                self.content.append(JekyllFile(page=page, kind="pages", below=path))
        elif has_front:
            self._note("lost", "files with Liquid", f"`{path}` is a template, not a page", path)
        else:
            if suffix in MARKDOWN:
                self._note(
                    "look",
                    "Markdown without front matter",
                    f"`{path}` was published as a file, and still is",
                    path,
                )
            if suffix in (".scss", ".sass"):
                self._note("lost", "styles", f"`{path}` is not compiled", path)
                return
            self._copy(path, PurePosixPath("static", *path.parts))

    def _takes_plain_markdown(self) -> bool:
        return "jekyll-optional-front-matter" in self.settings.plugins or "github-pages" in self._gems()

    def _gems(self) -> list[str]:
        """Names in the Gemfile that concern Jekyll."""
        file = self.source / "Gemfile"
        if not file.is_file():
            return []
        found = re.findall(r"""^[ \t]*gem[ \t(]+["']([\w./-]+)["']""", read_text(file), re.MULTILINE)
        return [name for name in found if name.startswith(("jekyll-", "github-pages"))]

    def _data(self, path: PurePosixPath) -> None:
        target = PurePosixPath("data", *path.parts[1:])
        if path.suffix.lower() not in (".csv", ".tsv"):
            self._copy(path, target)
            return
        rows = csv.DictReader(
            io.StringIO(read_text(self.source / path)),
            delimiter="\t" if path.suffix.lower() == ".tsv" else ",",
        )
        text = json.dumps(
            [{str(key): value for key, value in row.items()} for row in rows], indent=2, ensure_ascii=False
        )
        self._add(target.with_suffix(".json"), text.encode() + b"\n", copy_of=self.source / path)
        self._note("converted", "data files", f"`{path}` is JSON now", path)

    def _template(self, path: PurePosixPath) -> None:
        if path.parts[0] == "_includes":
            self.includes[PurePosixPath(*path.parts[1:]).as_posix()] = read_text(self.source / path)
        else:
            words = {"_layouts": "a layout", "_sass": "a style sheet", "_plugins": "a plugin"}[path.parts[0]]
            topic = {"_layouts": "layouts", "_sass": "styles", "_plugins": "plugins"}[path.parts[0]]
            self._note("lost", topic, f"`{path}`, {words}, is not taken along", path,
                       "what you need of it is written anew: docs/theme.md")  # fmt: skip

    def _unknown_folder(self, path: PurePosixPath) -> None:
        """`_bibliography`, which pages cite from; and the like: kept beside the site, for whoever needs it."""
        if path.suffix.lower() == ".bib":
            text = bibliography_text(
                read_text(self.source / path), lambda file: inside(self.source, file) is not None
            )
            self._add(PurePosixPath("data", path.name), text.encode(), copy_of=self.source / path)
            self._note("converted", "bibliographies", f"`{path}` is `data/{path.name}`", path)
            return
        if path.suffix.lower() == ".ipynb":
            hint = f"`sitegen import ipynb {path.parts[0]}` makes posts of them"
            self._note("look", "notebooks", f"`{path.name}` is left out", path, hint)
            return
        target = PurePosixPath(path.parts[0].lstrip("_") or "files", *path.parts[1:])
        if target.parts[0] in ("content", "data", "static", "templates", "results", "public", "notebooks"):
            target = PurePosixPath("jekyll", *path.parts)
        self._copy(path, target)
        self._note(
            "look",
            f"folder `{path.parts[0]}`",
            f"copied to `{target.parts[0]}/`; no page of the site reads it",
            path,
        )

    # --- where it goes ----------------------------------------------------------------------------

    def _placed(self) -> list[Placed]:
        """Every content file at a path of its own; a page at a list's address is that list's."""
        placed = [place(file, self.settings) for file in self.content]
        lists = {
            f"/{name}/"
            for name in (self.settings.posts_section, *self.settings.collections(), "tags", "categories")
        }
        kept: list[Placed] = []
        for each in sorted(placed, key=lambda item: (item.file.kind != "pages", str(item.target))):
            target = each.target
            papers = papers_file(each.file.page.body, self.settings.values) if each.url else None
            if each.file.kind == "pages" and papers is not None and self._has_bibliography(papers):
                each = of_papers(each, papers)
                target = PurePosixPath(each.url.strip("/"), "_index.md")
            elif each.file.kind == "pages" and (each.url == "/" or each.url.rstrip("/") + "/" in lists):
                target = PurePosixPath(each.url.strip("/"), f"_index{target.suffix}")
            kept.append(moved(each, self.names.take(target)))
        return kept

    def _has_bibliography(self, name: str) -> bool:
        return any(file.path == PurePosixPath("data", name) for file in self.files)

    def _liquid_site(self, placed: list[Placed]) -> LiquidSite:
        posts: dict[str, PurePosixPath] = {}
        pages: dict[str, PurePosixPath] = {}
        for each in placed:
            pages[each.file.page.path.as_posix()] = each.target
            if each.file.kind == "posts":
                posts.setdefault(each.file.below.stem, each.target)
                posts[each.file.below.with_suffix("").as_posix()] = each.target

        def relative(path: PurePosixPath) -> str | None:
            file = inside(self.source, path)
            return read_text(file) if file is not None else None

        name = bibliography_name(table(self.settings.values.get("scholar")).get("bibliography"))
        return LiquidSite(
            settings=self.settings.values,
            posts=posts,
            pages=pages,
            includes=self.includes,
            relative=relative,
            bibliography=name if self._has_bibliography(name) else "",
        )

    # --- what is written --------------------------------------------------------------------------

    def _add_page(self, placed: Placed, page: Written) -> None:
        body = page.body if placed.target.suffix == ".md" else page.body.lstrip("\n")
        self._add(
            PurePosixPath("content", placed.target),
            page_bytes(page.fields, body),
            copy_of=self.source / placed.file.page.path,
        )

    def _layouts(self, written: list[tuple[Placed, Written]]) -> None:
        """A note for each page whose layout is not one that says nothing."""
        for placed, page in written:
            if page.layout:
                self._note(
                    "look", f"layout `{page.layout}`", "shown as every other page here", placed.file.page.path,
                    "a template of the site may stand for it: `layout` in the front matter names one",
                )  # fmt: skip

    def _shortcodes(self, used: set[str]) -> None:
        """A template for each include that a page calls: translated, or a stub that says what to write."""
        for name in sorted(used):
            text = self.includes.get(name)
            template = translated(text) if text is not None else None
            path = PurePosixPath("_includes", name)
            if template is None:
                template = stub(name, text)
                reason = "does more than can be translated" if text is not None else "comes with the theme"
                self._note("look", "includes", f"`{name}` {reason}; its calls give nothing but their arguments", path,
                           "write the template in `templates/shortcodes/`")  # fmt: skip
            else:
                self._note(
                    "converted", "includes", f"`{name}` is the shortcode `{shortcode_name(name)}`", path
                )
            self._add(
                PurePosixPath("templates/shortcodes", f"{shortcode_name(name)}.html"), template.encode()
            )
        for name in sorted(set(self.includes) - used):
            path = PurePosixPath("_includes", name)
            self._note("lost", "includes of layouts", f"`{name}` is called by no page", path)

    def _settings_file(self, written: list[tuple[Placed, Written]], menu: list[dict[str, Any]]) -> None:
        params = {name for _, page in written for name in page.params}
        has_attributes = any(page.has_block_attributes for _, page in written)
        settings = our_settings(
            self.settings, params=params, gems=self._gems(), has_block_attributes=has_attributes
        )
        if menu:
            settings["menus"] = {**settings["menus"], "main": menu}
        if self._has_robots():
            settings = {"enableRobotsTXT": False, **settings}
        cascade = list(cascades(self.settings))
        if cascade:
            settings["cascade"] = cascade
        self._add(
            PurePosixPath("sitegen.toml"),
            settings_bytes(settings, opening="From `_config.yml` of the Jekyll site."),
        )
        self.notes += settings_notes(self.settings, params, self._gems())
        kept = sum(1 for file in self.files if file.path.parts[0] == "static")
        if kept:
            self._note("kept", "static files", f"{kept} files have the addresses that they had", None)

    def _has_robots(self) -> bool:
        return any(file.path == PurePosixPath("static/robots.txt") for file in self.files)

    def _menu(self) -> list[dict[str, Any]]:
        """Minimal Mistakes' `_data/navigation.yml` and the like as the main menu."""
        file = next((path for path in (self.source / "_data").glob("navigation.y*ml")), None)
        if file is None:
            return []
        try:
            value = read_yaml(read_text(file)).value
        except UnreadableTextError:
            return []
        entries = value if isinstance(value, list) else table(value).get("main")
        found = [table(entry) for entry in entries] if isinstance(entries, list) else []
        return [
            {
                "name": str(entry.get("title") or entry.get("name") or ""),
                "url": str(entry.get("url") or "/"),
                "weight": weight,
            }
            for weight, entry in enumerate(found, 1)
        ]

    def _copy(self, path: PurePosixPath, target: PurePosixPath) -> None:
        self._add(target, None, copy_of=self.source / path)

    def _add(self, path: PurePosixPath, content: bytes | None, *, copy_of: Path | None = None) -> None:
        if path.parts[0] != "content":
            path = self.names.take(path)
        self.files.append(ImportedFile(path=path, content=content, copy_of=copy_of))

    def _note(
        self, kind: NoteKind, topic: str, message: str, path: PurePosixPath | None, hint: str | None = None
    ) -> None:
        location = SourceLocation(path=path) if path is not None else None
        self.notes.append(Note(kind=kind, topic=topic, message=message, location=location, hint=hint))
