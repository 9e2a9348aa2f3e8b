"""A Quarto website or blog as one of ours: pages, notebooks, listings, metadata of folders."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, Final

from sitegen.config import Config
from sitegen.content.notebooks import read_notebook
from sitegen.content.parsers import UnreadableTextError, read_yaml
from sitegen.content.permalinks import default_path
from sitegen.errors import Diagnostic, SourceLocation
from sitegen.importing.notebook_files import NotebookFile, file_bytes, read_file
from sitegen.importing.notebook_text import NotebookPage, notebook_markdown
from sitegen.importing.pages import ForeignPage, page_bytes, read_page, table, texts
from sitegen.importing.quarto_notebooks import convert_notebook
from sitegen.importing.quarto_pages import NoteTaker, quarto_address, quarto_fields
from sitegen.importing.quarto_settings import CONFIG_NAMES, quarto_settings, site_of
from sitegen.importing.quarto_text import QuartoPage, QuartoSite, convert_quarto
from sitegen.importing.settings import settings_bytes
from sitegen.importing.sources import Names, inside, not_such_a_site, read_text, unreadable, walk
from sitegen.importing.values import Imported, ImportedFile, Note, NoteKind
from sitegen.markdown.cells import kernel_languages

_PAGES: Final = frozenset({".qmd", ".md", ".rmd", ".ipynb"})
_EXCLUDED: Final = (
    *(
        "_site",
        "_book",
        "_freeze",
        "_extensions",
        "site_libs",
        "renv",
        "LICENSE*",
        "Makefile",
        "*.Rproj",
        "README*",
    ),
    *(
        "CLAUDE.md",
        "AGENTS.md",
        "CONTRIBUTING*",
        "CODE_OF_CONDUCT*",
        "*_files",
        "*_cache",
        "package-lock.json",
    ),
)
_ROOT_FILES: Final = frozenset(
    {
        "requirements.txt",
        "environment.yml",
        "pyproject.toml",
        "uv.lock",
        "poetry.lock",
        "setup.py",
        "Dockerfile",
    }
)
"""What describes an environment belongs beside the new site's settings."""
_PLAIN: Final = Config(root=Path("/"), now=datetime(2000, 1, 1, tzinfo=UTC))


def read_quarto_site(source: Path) -> Imported:
    """The site in the folder `source`; nothing is written.

    Raises:
        SiteError: SG801; neither `_quarto.yml` nor a `.qmd` file is there.
    """
    has_config = source.is_dir() and any((source / name).is_file() for name in CONFIG_NAMES)
    if not has_config and not (source.is_dir() and any(source.rglob("*.qmd"))):
        raise not_such_a_site(source, "Quarto site", "neither `_quarto.yml` nor a `.qmd` file")
    return _Import(source).run()


@dataclass(slots=True)
class _Page:
    """A source that is a page, and where it goes."""

    path: PurePosixPath
    target: PurePosixPath
    """Below `content/`."""
    page: ForeignPage | NotebookFile
    url: str = ""
    """To be written where the file's place would give another."""

    @property
    def fields(self) -> Mapping[str, Any]:
        return self.page.fields

    @property
    def lines(self) -> Mapping[str, int]:
        return self.page.lines


@dataclass(slots=True)
class _Import:
    """One import: what it reads, and what it gathers."""

    source: Path
    quarto: dict[str, Any] = field(default_factory=dict)
    quarto_lines: Mapping[str, int] = field(default_factory=dict)
    files: list[ImportedFile] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    names: Names = field(default_factory=Names)

    def run(self) -> Imported:
        name = next((name for name in CONFIG_NAMES if (self.source / name).is_file()), CONFIG_NAMES[0])
        self.quarto, self.quarto_lines = self._yaml(PurePosixPath(name))
        variables, _ = self._yaml(PurePosixPath("_variables.yml"))
        paths = list(walk(self.source, excluded=(*_EXCLUDED, self._output_dir())))
        pages = self._pages(paths)
        targets = self._targets(pages)
        site = QuartoSite(variables=variables, targets=targets, include=self._include)
        cascades = self._cascades(paths)
        for page in pages:
            self._write(
                page, site, cascades.pop(page.target.parent, {}) if page.target.stem == "_index" else {}
            )
        for folder, cascade in cascades.items():
            name = re.sub(r"[-_]+", " ", folder.name).strip().capitalize()  # the list had no page of its own
            front = {"title": name, "cascade": cascade} if name else {"cascade": cascade}
            self._add(PurePosixPath("content", folder, "_index.md"), page_bytes(front, ""))
        self._other_files(paths, pages)
        self._settings_file(name, targets)
        return Imported(files=tuple(self.files), notes=tuple(self.notes), diagnostics=tuple(self.diagnostics))

    # --- what there is ----------------------------------------------------------------------------

    def _yaml(self, path: PurePosixPath) -> tuple[dict[str, Any], Mapping[str, int]]:
        file = self.source / path
        if not file.is_file():
            return {}, {}
        try:
            parsed = read_yaml(read_text(file))
        except UnreadableTextError as problem:
            location = SourceLocation(path=path, line=problem.line, column=problem.column)
            message = f"`{path.name}` cannot be read as YAML: {problem.message}"
            self.diagnostics.append(
                Diagnostic(
                    code="SG110",
                    severity="error",
                    message=message,
                    location=location,
                    hint=problem.hint or "mend it there",
                )
            )
            return {}, {}
        return table(parsed.value), parsed.lines

    def _output_dir(self) -> str:
        return str(table(self.quarto.get("project")).get("output-dir") or "_site").strip("./")

    def _pages(self, paths: list[PurePosixPath]) -> list[_Page]:
        """The sources that are pages, each with a place of its own."""
        sources = [
            path
            for path in paths
            if path.suffix.lower() in _PAGES
            and not any(part.startswith("_") for part in path.parts)
            and self._is_rendered(path)
        ]
        read = {path: found for path in sources if (found := self._read(path)) is not None}
        lists = self._listed_folders(read)
        pages = []
        for path, page in read.items():
            target, url = self._target(path, page, sources, lists)
            taken = self.names.take(PurePosixPath("content", target)).relative_to("content")
            pages.append(_Page(path=path, target=taken, page=page, url=url))
        return pages

    def _is_rendered(self, path: PurePosixPath) -> bool:
        """Whether `project.render` has the page made; without it all are."""
        patterns = texts(table(self.quarto.get("project")).get("render"))

        def fits(pattern: str) -> bool:
            plain = pattern.lstrip("/").rstrip("/")
            return path.match(plain) or path.is_relative_to(plain.rstrip("*").rstrip("/") or "-")

        wanted = [pattern for pattern in patterns if not pattern.startswith("!")]
        is_left_out = any(fits(pattern[1:]) for pattern in patterns if pattern.startswith("!"))
        is_wanted = not wanted or any(fits(pattern) for pattern in wanted)
        if is_wanted and not is_left_out:
            return True
        self._note("lost", "pages that are not rendered", "`project: render` leaves it out", path)
        return False

    def _read(self, path: PurePosixPath) -> ForeignPage | NotebookFile | None:
        data = (self.source / path).read_bytes()
        if path.suffix.lower() == ".ipynb":
            notebook = read_file(data, path)
            if isinstance(notebook, NotebookFile):
                return notebook
            self.diagnostics.append(notebook)
        else:
            page = read_page(data, path)
            if page.is_readable:
                return page
            self.diagnostics += [
                unreadable(path, each) for each in page.diagnostics if each.severity == "error"
            ]
        self._copy(PurePosixPath("unread", path), path)
        return None

    def _listed_folders(
        self, read: Mapping[PurePosixPath, ForeignPage | NotebookFile]
    ) -> dict[PurePosixPath, PurePosixPath]:
        """A page with a listing to the folder that it lists, where that has no page of its own."""
        found: dict[PurePosixPath, PurePosixPath] = {}
        for path, page in read.items():
            listing = page.fields.get("listing")
            if not listing:
                continue
            entries = listing if isinstance(listing, list) else [listing]
            contents = [folder for entry in entries for folder in texts(table(entry).get("contents"))]
            line = page.lines.get("listing")
            self._note(
                "converted", "listings", "lists of a section's pages are made by the theme", path, line
            )
            first = re.split(r"[*{]", contents[0])[0].strip("./") if contents else ""
            folder = (
                path.parent / first
                if first and not first.endswith((".qmd", ".ipynb", ".md"))
                else path.parent
            )
            has_index = any(other.parent == folder and other.stem == "index" for other in read)
            if (
                path.stem != "index"
                and folder != path.parent
                and not has_index
                and folder not in found.values()
            ):
                found[path] = folder
        return found

    def _target(
        self,
        path: PurePosixPath,
        page: ForeignPage | NotebookFile,
        sources: list[PurePosixPath],
        lists: Mapping[PurePosixPath, PurePosixPath],
    ) -> tuple[PurePosixPath, str]:
        """The content file of a source, and its `url` where the file's place would give another."""
        suffix = ".ipynb" if path.suffix.lower() == ".ipynb" else ".md"
        if path in lists:
            return lists[path] / "_index.md", ""
        if path.stem != "index":
            return path.with_suffix(suffix), ""
        has_others = any(other != path and other.is_relative_to(path.parent) for other in sources)
        if str(path.parent) == "." or page.fields.get("listing"):
            return path.parent / "_index.md", ""
        if not has_others:
            return path.with_suffix(suffix), ""
        if page.fields.get("date"):  # a post with pages beside it: a post all the same
            return path.parent / f"{path.parent.name}{suffix}", quarto_address(path, page.fields)
        return path.parent / "_index.md", ""

    def _targets(self, pages: list[_Page]) -> dict[str, str]:
        """Sources, and what Quarto made of them, to content files; all from the site's root."""
        found: dict[str, str] = {}
        for page in pages:
            address = quarto_address(page.path, page.fields).lstrip("/")
            found[page.path.as_posix()] = page.target.as_posix()
            found[f"{address}index.html" if not address or address.endswith("/") else address] = (
                page.target.as_posix()
            )
        return found

    def _include(self, path: PurePosixPath) -> str | None:
        file = inside(self.source, path)
        if file is None:
            return None
        page = read_page(file.read_bytes(), path)
        return page.body if page.is_readable else None

    def _cascades(self, paths: list[PurePosixPath]) -> dict[PurePosixPath, dict[str, Any]]:
        """`_metadata.yml` of each folder as what its section hands down."""
        found = {}
        for path in paths:
            if path.name not in ("_metadata.yml", "_metadata.yaml"):
                continue
            values, lines = self._yaml(path)
            modified = self._modified(path)
            cascade = quarto_fields(values, path=path, modified=modified, note=self._taker(path, lines))
            if cascade:
                found[path.parent] = cascade
                self._note("converted", "_metadata.yml", "its values are a `cascade` of the section", path)
        return found

    # --- what is written --------------------------------------------------------------------------

    def _write(self, page: _Page, site: QuartoSite, cascade: dict[str, Any]) -> None:
        note = self._taker(page.path, page.lines)
        fields = quarto_fields(page.fields, path=page.path, modified=self._modified(page.path), note=note)
        old = quarto_address(page.path, page.fields)
        if page.url:
            fields["url"] = page.url
        elif old != self._our_url(page.target):
            fields["aliases"] = list(dict.fromkeys([*fields.get("aliases", []), old]))
        if cascade:
            fields["cascade"] = cascade
        execute = table(fields.get("execute"))
        converted = QuartoPage(
            path=page.path,
            fields=page.fields,
            languages=self._languages(page),
            is_executed=bool(execute)
            and execute.get("enabled") is not False
            and page.target.stem != "_index",
            cites=bool(page.fields.get("bibliography") or self.quarto.get("bibliography")),
        )
        origin = self.source / page.path
        target = PurePosixPath("content", page.target)
        if isinstance(page.page, ForeignPage):
            body = convert_quarto(page.page.body, converted, site, page.page.body_line)
            self._add(target, page_bytes(fields, body), copy_of=origin)
        elif page.target.suffix == ".ipynb":
            self._add(target, convert_notebook(page.page, fields, converted, site), copy_of=origin)
            self._note(
                "look", "notebooks", "Quarto showed what it was saved with; here its cells run", page.path
            )
        else:
            self._note("converted", "notebooks", "a section's page is Markdown", page.path)
            cells = read_notebook(file_bytes(page.page.content), page.path).cells
            text = NotebookPage(path=page.path, language=converted.languages[0])
            body = convert_quarto(notebook_markdown(cells, text), converted, site)
            self.notes += text.notes
            self._add(target, page_bytes(fields, body), copy_of=origin)
            for name, content in text.attachments.items():
                self._add(self.names.take(target.with_name(name)), content, copy_of=origin)
        self.notes += converted.notes

    def _languages(self, page: _Page) -> tuple[str, ...]:
        if isinstance(page.page, NotebookFile):
            return kernel_languages(page.page.kernel or "python3")
        said = page.fields.get("jupyter") or self.quarto.get("jupyter")
        spec = table(table(said).get("kernelspec"))
        return kernel_languages(str(spec.get("name") or (said if isinstance(said, str) else "") or "python3"))

    def _our_url(self, target: PurePosixPath) -> str:
        folder = target.parent.as_posix().strip(".")
        if target.stem in ("index", "_index"):
            return default_path(folder, "", _PLAIN) if folder else "/"
        return default_path(folder, target.stem, _PLAIN)

    def _modified(self, path: PurePosixPath) -> datetime:
        return datetime.fromtimestamp((self.source / path).stat().st_mtime, UTC)

    def _other_files(self, paths: list[PurePosixPath], pages: list[_Page]) -> None:
        """Pictures and data lie beside the pages that show and read them; styles and scripts are named."""
        sources = {page.path for page in pages}
        copied = 0
        for path in paths:
            if path in sources or path.suffix.lower() in (".qmd", ".rmd") or path.name.startswith("_quarto"):
                continue
            if (
                path.name.startswith("_metadata")
                or path.name == "_variables.yml"
                or path.suffix.lower() == ".scss"
            ):
                continue
            if path.suffix.lower() in _PAGES and path not in sources:
                continue
            if any(part.startswith("_") for part in path.parts[:-1]):
                continue
            if path.suffix.lower() == ".css":
                self._note(
                    "look", "styles", f"`{path}` is copied; no page loads it", path, hint="see docs/theme.md"
                )
            named = (*texts(self.quarto.get("bibliography")), str(self.quarto.get("csl") or ""))
            is_root = (len(path.parts) == 1 and path.name in _ROOT_FILES) or path.as_posix() in named
            self._copy(path if is_root else PurePosixPath("content", path), path)
            copied += 1
        if copied:
            self._note("kept", "other files", f"{copied} files have the addresses that they had", None)
        for name, words in (
            ("_freeze", "frozen results are not taken: pages run once"),
            ("_extensions", "extensions are not"),
        ):
            if (self.source / name).is_dir():
                kind: NoteKind = "lost" if name == "_freeze" else "look"
                self._note(kind, f"folder `{name}`", words, PurePosixPath(name))

    def _settings_file(self, name: str, targets: Mapping[str, str]) -> None:
        settings = quarto_settings(self.quarto, targets, self._taker(PurePosixPath(name), self.quarto_lines))
        chapters = site_of(self.quarto).get("chapters")
        if chapters:
            self._note("look", "chapters", "their order is to be given by `weight`", PurePosixPath(name))
        if not settings.get("title"):
            settings["title"] = self.source.name
        self._add(
            PurePosixPath("sitegen.toml"),
            settings_bytes(settings, opening=f"From `{name}` of the Quarto site."),
        )

    def _add(self, path: PurePosixPath, content: bytes, *, copy_of: Path | None = None) -> None:
        self.files.append(ImportedFile(path=path, content=content, copy_of=copy_of))

    def _copy(self, path: PurePosixPath, origin: PurePosixPath) -> None:
        self.files.append(ImportedFile(path=self.names.take(path), copy_of=self.source / origin))

    def _taker(self, path: PurePosixPath, lines: Mapping[str, int]) -> NoteTaker:
        def take(kind: NoteKind, topic: str, message: str, key: str) -> None:
            self._note(kind, topic, message, path, lines.get(key))

        return take

    def _note(
        self,
        kind: NoteKind,
        topic: str,
        message: str,
        path: PurePosixPath | None,
        line: int | None = None,
        hint: str | None = None,
    ) -> None:
        location = SourceLocation(path=path, line=line) if path is not None else None
        self.notes.append(Note(kind=kind, topic=topic, message=message, location=location, hint=hint))
