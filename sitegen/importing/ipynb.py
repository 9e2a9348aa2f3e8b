"""Notebooks as a site: each a post in Markdown whose cells run, or each as it is."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, Final
from urllib.parse import unquote

from sitegen.content.dates import date_in_file_name
from sitegen.content.git_dates import GitDates, read_git_dates
from sitegen.content.notebooks import Notebook, read_notebook
from sitegen.errors import Diagnostic, SourceLocation
from sitegen.frozen import thaw
from sitegen.importing.cell_options import convert_cell
from sitegen.importing.notebook_files import NotebookFile, file_bytes, read_file, set_source, source_of
from sitegen.importing.notebook_text import NotebookPage, notebook_markdown, title_of, without_title
from sitegen.importing.pages import page_bytes
from sitegen.importing.prose import escape_shortcodes
from sitegen.importing.quarto_pages import quarto_fields
from sitegen.importing.settings import settings_bytes
from sitegen.importing.sources import Names, inside, not_such_a_site, walk
from sitegen.importing.values import Imported, ImportedFile, Note, NoteKind

_SUFFIX: Final = ".ipynb"
_SECTION: Final = PurePosixPath("content/posts")
_ENVIRONMENT: Final = frozenset(
    {
        "requirements.txt",
        "environment.yml",
        "pyproject.toml",
        "uv.lock",
        "poetry.lock",
        "Pipfile",
        "Pipfile.lock",
    }
)
_LITERAL: Final = re.compile(r"""(?<![\w"'])[rbf]{0,2}(["'])((?:(?!\1)[^\\\n]){1,300})\1""")
_IMPORT: Final = re.compile(r"^[ \t]*(?:from|import)[ \t]+([A-Za-z_]\w*)", re.MULTILINE)
_LARGEST_BYTES: Final = 50 * 10**6
"""Of a file that a cell names: larger data is for its author to bring."""


def read_ipynb_site(source: Path, *, keep_notebooks: bool = False) -> Imported:
    """The site of a notebook or of a folder of them; nothing is written.

    Args:
        source: the notebook, or the folder.
        keep_notebooks: they are copied, with the files beside them, and no Markdown is written.

    Raises:
        SiteError: SG801; there is no notebook.
    """
    root = source if source.is_dir() else source.parent
    paths = [PurePosixPath(source.name)] if source.is_file() else list(walk(root, excluded=("*.tmp",)))
    notebooks = [path for path in paths if path.suffix.lower() == _SUFFIX]
    if not notebooks:
        raise not_such_a_site(source, "folder of notebooks", "no `.ipynb` file")
    return _Import(root=root, notebooks=notebooks, title=source.stem if source.is_file() else root.name).run(
        kept=paths if keep_notebooks else None
    )


@dataclass(slots=True)
class _Import:
    """One import: what it reads, and what it gathers."""

    root: Path
    notebooks: list[PurePosixPath]
    title: str
    files: dict[PurePosixPath, ImportedFile] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    names: Names = field(default_factory=Names)
    targets: dict[PurePosixPath, PurePosixPath] = field(default_factory=dict)
    """Notebook to the folder of its post."""

    def run(self, *, kept: list[PurePosixPath] | None) -> Imported:
        if kept is not None:
            self._copy_all(kept)
        else:
            dates = read_git_dates(self.root)
            for path in self.notebooks:
                self.targets[path] = self.names.take(_SECTION.joinpath(*path.parent.parts, _slug(path)))
            for path in self.notebooks:
                self._import(path, dates)
        for name in sorted(_ENVIRONMENT):
            if (self.root / name).is_file():
                self._copy(PurePosixPath(name), self.root / name)
        settings = {"title": self.title.replace("-", " ").replace("_", " ").strip().capitalize()}
        self._add(
            PurePosixPath("sitegen.toml"), settings_bytes(settings, opening="Of the notebooks' folder.")
        )
        return Imported(
            files=tuple(self.files.values()), notes=tuple(self.notes), diagnostics=tuple(self.diagnostics)
        )

    def _copy_all(self, paths: list[PurePosixPath]) -> None:
        """Every file beside the notebooks too: their cells run in the folder that they lie in."""
        for path in paths:
            if path.suffix.lower() == _SUFFIX:
                found = read_file((self.root / path).read_bytes(), path)
                if isinstance(found, Diagnostic):
                    self.diagnostics.append(found)
                    self._copy(PurePosixPath("unread", path), self.root / path)
                    continue
                mended = self._mended(found, path)
                if mended is not None:
                    self._add(PurePosixPath("notebooks", path), mended, copy_of=self.root / path)
                    continue
            if path.name not in _ENVIRONMENT:
                self._copy(PurePosixPath("notebooks", path), self.root / path)
        message = f"{len(self.notebooks)} notebooks are pages below `/notebooks/`; their cells run"
        self._note("kept", "notebooks", message, None)

    def _mended(self, found: NotebookFile, path: PurePosixPath) -> bytes | None:
        """The notebook's file where something in it would be an error here; None where it is fine as it is."""
        content = json.loads(found.upgraded or (self.root / path).read_bytes())
        is_changed = found.upgraded is not None
        if is_changed:
            self._note("converted", "old notebooks", "written in format 4", path)
        for number, cell in enumerate(content["cells"], 1):
            source = source_of(cell)
            header = convert_cell(source.split("\n"))
            made = escape_shortcodes(source) if cell.get("cell_type") != "code" else source
            if cell.get("cell_type") == "code" and (header.lost or header.converted):
                made = "\n".join((*header.lines, *header.code))
            for written in header.lost if cell.get("cell_type") == "code" else ():
                message = f"`{written[:80]}` has no effect here"
                self._note("lost", "cell options", message, path, line=1, cell=number)
            if made != source:
                set_source(cell, made)
                is_changed = True
        return file_bytes(content) if is_changed else None

    def _import(self, path: PurePosixPath, dates: Mapping[str, GitDates]) -> None:
        file = self.root / path
        found = read_file(file.read_bytes(), path)
        if isinstance(found, Diagnostic):
            self.diagnostics.append(found)
            self._copy(PurePosixPath("unread", path), file)
            return
        notebook = read_notebook(file_bytes(found.content), path)
        folder = self.targets[path]
        page = NotebookPage(path=path, language=_fence_language(found.language))
        page.linked = lambda target: self._linked(target, path, folder)
        title, cell, level = title_of(notebook.cells)
        fields = self._fields(found, notebook, path, title, dates)
        cells = notebook.cells
        if cell is not None and level == 1 and fields["title"] == title:
            cells = tuple(
                replace(each, source=without_title(each.source)) if each is cell else each for each in cells
            )
        body = notebook_markdown(cells, page)
        self._add(folder / "index.md", page_bytes(fields, body), copy_of=file)
        for name, content in page.attachments.items():
            self._add(folder / name, content, copy_of=file)
        code = "\n".join(each.source for each in notebook.cells if each.kind == "code")
        self._named_files(code, path, folder)
        if any(each.get("outputs") for each in found.cells):
            self._note("converted", "saved outputs", "left out, since the cells run", path)
        self.notes += page.notes

    def _fields(
        self,
        file: NotebookFile,
        notebook: Notebook,
        path: PurePosixPath,
        title: str,
        dates: Mapping[str, GitDates],
    ) -> dict[str, Any]:
        """Front matter: the notebook's own, else its first heading and what git or the file say of its age."""
        modified = datetime.fromtimestamp((self.root / path).stat().st_mtime, UTC)

        def take(kind: NoteKind, topic: str, message: str, key: str) -> None:
            self._note(kind, topic, message, path, line=file.lines.get(key), cell=(file.front_cell or 0) + 1)

        own = {**{key: thaw(value) for key, value in notebook.front.fields.items()}, **file.fields}
        fields = quarto_fields(own, path=path, modified=modified, note=take)
        named = date_in_file_name(path.stem, UTC)
        made = {"title": fields.pop("title", "") or title or _title(path)}
        committed = dates.get(path.as_posix())
        if "date" not in fields:
            moment = (named.date if named else None) or (committed.created if committed else modified)
            made["date"] = moment.strftime("%Y-%m-%d")
            if named is None and committed is None:
                message = f"its date is the file's, {made['date']}"
                self._note("look", "dates", message, path, hint="write the date into the front matter")
        if named is not None and named.slug:
            made["slug"] = named.slug
        if file.language != "python" and file.kernel:
            made["jupyter"] = file.kernel  # not below `execute`, which would make cells of plain fences
        return {**made, **fields}

    def _linked(self, target: str, path: PurePosixPath, folder: PurePosixPath) -> str | None:
        """The target of a link here; a local file that it names is copied into the post's folder."""
        if "://" in target or target.startswith(("mailto:", "data:", "/")):
            return None
        name, mark, rest = target.partition("#")
        found = self._beside(unquote(name), path)
        if found is None:
            return None
        if found in self.targets:
            post = self.targets[found].relative_to("content")
            return f"/{post}/index.md{mark}{rest}"
        place = _inside(found, path)
        self._copy(folder / place, self.root / found)
        return None if place.as_posix() == posixpath.normpath(unquote(name)) else place.as_posix()

    def _named_files(self, code: str, path: PurePosixPath, folder: PurePosixPath) -> None:
        """Files and modules beside the notebook that its cells name: they are read from the post's folder."""
        for name in _names(code):
            found = self._beside(name, path)
            if found is None or found.suffix.lower() == _SUFFIX:
                continue
            if (self.root / found).stat().st_size > _LARGEST_BYTES:
                message = f"`{name}`, which a cell names, is too large to be copied"
                self._note(
                    "look", "data", message, path, hint="put it into the post's folder, or load it in a cell"
                )
            elif found.is_relative_to(path.parent):
                self._copy(folder / found.relative_to(path.parent), self.root / found)
            else:
                self._note("look", "data", f"a cell names `{name}`, outside of its folder", path,
                           hint="copy it into the post's folder, and change the path")  # fmt: skip
        for module in dict.fromkeys(match[1] for match in _IMPORT.finditer(code)):
            for found in self._module(path.parent / module):
                self._copy(folder / found.relative_to(path.parent), self.root / found)

    def _module(self, path: PurePosixPath) -> Iterator[PurePosixPath]:
        single = path.with_name(f"{path.name}.py")
        if inside(self.root, single) is not None:
            yield single
        elif inside(self.root, path / "__init__.py") is not None:
            for file in sorted((self.root / path).rglob("*.py")):
                yield PurePosixPath(file.relative_to(self.root).as_posix())

    def _beside(self, name: str, path: PurePosixPath) -> PurePosixPath | None:
        """The file of the source that a notebook names, from its own folder; None where there is none."""
        if not name or name.startswith(("/", "~")):
            return None
        below = PurePosixPath(posixpath.normpath((path.parent / name).as_posix()))
        return below if inside(self.root, below) is not None else None

    def _copy(self, path: PurePosixPath, file: Path) -> None:
        self.files.setdefault(path, ImportedFile(path=path, copy_of=file))

    def _add(self, path: PurePosixPath, content: bytes, *, copy_of: Path | None = None) -> None:
        self.files[path] = ImportedFile(path=path, content=content, copy_of=copy_of)

    def _note(
        self,
        kind: NoteKind,
        topic: str,
        message: str,
        path: PurePosixPath | None,
        *,
        line: int | None = None,
        cell: int | None = None,
        hint: str | None = None,
    ) -> None:
        location = (
            SourceLocation(path=path, line=line, cell=cell if line else None) if path is not None else None
        )
        self.notes.append(Note(kind=kind, topic=topic, message=message, location=location, hint=hint))


def _names(code: str) -> list[str]:
    """Texts in the code that may be names of files."""
    found = (match[2] for match in _LITERAL.finditer(code))
    return list(
        dict.fromkeys(name for name in found if "." in name and not name.isspace() and "{" not in name)
    )


def _inside(found: PurePosixPath, notebook: PurePosixPath) -> PurePosixPath:
    """Where a linked file lies in the post's folder: as it lies beside the notebook, else by its name."""
    if found.is_relative_to(notebook.parent):
        return found.relative_to(notebook.parent)
    return PurePosixPath(found.name)


def _slug(path: PurePosixPath) -> str:
    """A folder's name from the notebook's: what a URL keeps of it."""
    made = re.sub(r"[^\w.~-]+", "-", path.stem).strip("-.").lower()
    return made or "notebook"


def _title(path: PurePosixPath) -> str:
    stem = re.sub(r"^\d{4}-\d{2}-\d{2}-|^\d+[_-]+", "", path.stem)
    words = re.sub(r"[-_]+", " ", stem).strip()
    return words[:1].upper() + words[1:] if words else path.stem


def _fence_language(language: str) -> str:
    return {"ipython": "python", "python3": "python", "c++": "cpp"}.get(language, language)
