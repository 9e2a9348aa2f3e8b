"""A Hugo site as one of ours: its content and settings as they are, its shortcodes translated where that is plain.

What Hugo and sitegen read alike is copied byte for byte, the configuration too. What is Go is not: layouts are listed with
their role, and each shortcode that a page calls becomes a Jinja template, or a stub that says what is to be written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

from sitegen.config import Config, load_config
from sitegen.errors import ConfigError, Diagnostic, SourceLocation
from sitegen.importing.hugo_layouts import SHORTCODES, role
from sitegen.importing.hugo_shortcodes import Calls, find_calls, find_templates, shortcode_files
from sitegen.importing.pages import page_bytes
from sitegen.importing.papermod import accounts, home_fields
from sitegen.importing.settings import settings_bytes
from sitegen.importing.sources import Names, not_such_a_site, read_text
from sitegen.importing.values import Imported, ImportedFile, Note, NoteKind

_CONFIG_STEMS: Final = ("hugo", "config", "sitegen")
_CONFIG_SUFFIXES: Final = (".toml", ".yaml", ".yml", ".json")
_TEXTS: Final = frozenset({".md", ".markdown", ".mdown", ".html", ".htm"})
_NOT_READ: Final = {
    ".adoc": "AsciiDoc",
    ".asciidoc": "AsciiDoc",
    ".ad": "AsciiDoc",
    ".org": "Org",
    ".rst": "reStructuredText",
    ".pandoc": "Pandoc's Markdown",
    ".pdc": "Pandoc's Markdown",
    ".rmd": "R Markdown",
    ".rmarkdown": "R Markdown",
}
"""Content of Hugo's, or of a generator before it, that we have no reader for."""
_RMD: Final = frozenset({".rmd", ".rmarkdown"})
_KNITTED: Final = (".md", ".markdown", ".html")
"""What R makes of such a file, beside it: the page."""
_NEVER: Final = frozenset({".git", ".DS_Store", "node_modules"})
_DEPLOYMENT: Final = (
    "netlify.toml",
    "vercel.json",
    "amplify.yml",
    ".gitlab-ci.yml",
    "firebase.json",
    "Makefile",
)
_WORKFLOWS: Final = ".github/workflows"
_KEPT_AT_ROOT: Final = (
    "README.md",
    "LICENSE",
    "LICENSE.md",
    "LICENSE.txt",
    "CNAME",
    ".gitignore",
    ".gitattributes",
)


def read_hugo_site(source: Path) -> Imported:
    """The site in the folder `source`; nothing is written, and no template is run.

    Raises:
        SiteError: SG801; neither a configuration of Hugo's nor `content/` is there.
    """
    has_config = any(_config_files(source)) or (source / "config").is_dir()
    if not source.is_dir() or not (has_config or (source / "content").is_dir()):
        raise not_such_a_site(source, "Hugo site", "neither `hugo.toml` (or `config.*`) nor `content/`")
    return _Import(source).run()


@dataclass(slots=True)
class _Import:
    """One import: what it reads, and what it gathers."""

    source: Path
    files: list[ImportedFile] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    names: Names = field(default_factory=Names)
    calls: dict[str, Calls] = field(default_factory=dict)

    def run(self) -> Imported:
        config = self._configuration()
        content = config.content_dir if config is not None else self.source / "content"
        self._tree(content, is_content=True)
        others = (config.data_dir, *config.static_dirs) if config is not None else ()
        for folder in (*others, self.source / "data", self.source / "static", self.source / "assets"):
            self._tree(folder, is_content=False)
        self._root()
        if config is not None:
            self._of_theme(config)
        self._shortcodes()
        self._layouts()
        self._rest()
        return Imported(files=tuple(self.files), notes=tuple(self.notes), diagnostics=tuple(self.diagnostics))

    # --- settings

    def _configuration(self) -> Config | None:
        """The site's configuration, whose files are copied; None where it cannot be read."""
        files = [*_config_files(self.source), *self._below(self.source / "config")]
        for file in files:
            self._copy(file)
        if not files:
            config_file = PurePosixPath("sitegen.toml")
            self.files.append(ImportedFile(path=self.names.take(config_file), content=b'title = ""\n'))
            self._note("look", "configuration", "there was none: set `title` and `baseURL` in `sitegen.toml`")
        try:
            config = load_config(self.source, environ={})
        except ConfigError as error:
            found = error.diagnostic
            self._note("look", "configuration", found.message, found.location, found.hint)
            return None
        for found in config.diagnostics:
            self._note("lost", "configuration", found.message, found.location, found.hint)
        message = "Hugo's configuration is read as it is; what is sitegen's own may stand in a `sitegen.toml` beside it"
        for file in files[:1]:
            self._note("kept", "configuration", message, SourceLocation(path=self._relative(file)))
        return config

    # --- files

    def _tree(self, folder: Path, *, is_content: bool) -> None:
        """All files of a folder of the site; those outside it are told of."""
        if not folder.resolve().is_relative_to(self.source.resolve()):
            if folder.is_dir():
                hint = "copy it into the new site, and name it in the configuration"
                self._note("look", "folder outside the site", f"`{folder}` is not copied", None, hint)
            return
        for file in self._below(folder):
            path = self._copy(file)
            if path is not None and is_content:
                self._read(file, path)

    def _read(self, file: Path, path: PurePosixPath) -> None:
        """Learn from a content file which shortcodes it calls, and whether we can read it at all."""
        suffix = file.suffix.lower()
        page = next((name for end in _KNITTED if (name := file.with_suffix(end)).is_file()), None)
        if suffix in _RMD and page is not None:
            message = f"the page is `{page.name}`, made of it"
            self._note("kept", "R Markdown source", message, SourceLocation(path=path))
        elif suffix in _NOT_READ:
            self._note(
                "lost",
                f"{_NOT_READ[suffix]} page",
                "it is copied, but no page",
                SourceLocation(path=path),
                "convert it to Markdown (`pandoc -t markdown`)",
            )
        if suffix in _TEXTS:
            text = read_text(file)
            if "{{<" in text or "{{%" in text:
                find_calls(text, path, self.calls)

    def _root(self) -> None:
        """Files beside the folders: what is the site's is copied, what builds it with Hugo is told of."""
        for name in _KEPT_AT_ROOT:
            if (self.source / name).is_file():
                self._copy(self.source / name)
        candidates = [self.source / name for name in _DEPLOYMENT]
        workflows = self.source / _WORKFLOWS
        candidates += sorted(workflows.glob("*.y*ml")) if workflows.is_dir() else []
        for file in candidates:
            if file.is_file() and "hugo" in read_text(file).lower():
                self._note(
                    "look",
                    "deployment",
                    "it runs Hugo, and is not copied",
                    SourceLocation(path=self._relative(file)),
                    "run `sitegen build` instead; the output folder is the same",
                )

    def _below(self, folder: Path) -> Iterator[Path]:
        """All files of a folder, hidden ones too as in Hugo; none that a link leads out of the site."""
        root = self.source.resolve()
        for file in sorted(folder.rglob("*")) if folder.is_dir() else ():
            parts = file.relative_to(folder).parts
            if _NEVER.isdisjoint(parts) and file.is_file() and file.resolve().is_relative_to(root):
                yield file

    def _copy(self, file: Path) -> PurePosixPath | None:
        """Copy a file to the same place; None where it is copied already."""
        path = self._relative(file)
        if path in self.names:
            return None
        self.files.append(ImportedFile(path=self.names.take(path), copy_of=file))
        return path

    def _of_theme(self, config: Config) -> None:
        """What the theme showed of `params`: on the home page, unless it has a file, and in the footer, unless there is a menu."""
        params = {key.lower(): value for key, value in config.params.items()}
        home = PurePosixPath("content/_index.md")
        fields, text = home_fields(params)
        if (
            (fields or text)
            and home not in self.names
            and not any((self.source / "content").glob("_index.*"))
        ):
            self.files.append(ImportedFile(path=self.names.take(home), content=page_bytes(fields, text)))
            self._note("converted", "home page", f"what the theme's settings say of it is `{home}`")
        entries, settings = accounts(params), PurePosixPath("sitegen.toml")
        if entries and settings not in self.names and "footer" not in config.menus:
            content = settings_bytes(
                {"menus": {"footer": entries}},
                opening="Beside Hugo's configuration: what the theme read there.",
            )
            self.files.append(ImportedFile(path=self.names.take(settings), content=content))
            self._note(
                "converted", "accounts elsewhere", f"`socialIcons` is the footer's menu, in `{settings}`"
            )

    # --- Go templates

    def _layout_folders(self) -> list[PurePosixPath]:
        """Folders of layouts, the site's own first."""
        themes = sorted((self.source / "themes").glob("*/layouts"))
        vendored = sorted((self.source / "_vendor").rglob("layouts"))
        folders = [self.source / "layouts", *themes, *vendored]
        return [self._relative(folder) for folder in folders if folder.is_dir()]

    def _shortcodes(self) -> None:
        templates = find_templates(self.source, self._layout_folders())
        for file, notes in shortcode_files(self.calls, templates):
            if file.path not in self.names:
                self.names.take(file.path)
                self.files.append(file)
            self.notes += notes
        called = {name for name, used in self.calls.items() if used.places}
        unused = [found for name, found in sorted(templates.items()) if name not in called]
        own = [found for found in unused if found.path.parts[0] == "layouts"]
        for found in own:
            message = f"the shortcode `{found.name}` is called nowhere, and left out"
            self._note("lost", "unused shortcode", message, SourceLocation(path=found.path))

    def _layouts(self) -> None:
        layouts = self.source / "layouts"
        for file in self._below(layouts):
            path = PurePosixPath(file.relative_to(layouts).as_posix())
            if path.parts[0] in SHORTCODES:
                continue
            what, hint = role(path)
            self._note("lost", "layout", what, SourceLocation(path=self._relative(file)), hint)

    # --- what else a Hugo site has

    def _rest(self) -> None:
        themes = self.source / "themes"
        for theme in sorted(themes.iterdir()) if themes.is_dir() else ():
            if theme.is_dir():
                self._theme(theme)
        for name, words in (
            (
                "i18n",
                "translations of a theme's words: there is one language, and the words are in the templates",
            ),
            (
                "archetypes",
                "what `hugo new` starts from: `sitegen new` has its own; see `sitegen new --help`",
            ),
        ):
            folder = self.source / name
            if any(self._below(folder)):
                self._note("lost", name, words, SourceLocation(path=PurePosixPath(name)))
        if (self.source / "assets").is_dir():
            message = "copied, for `figure` finds pictures there; nothing of it is compiled or bundled"
            hint = (
                "styles and scripts of yours go into `templates/assets/`, and are asked for with `asset(...)`"
            )
            self._note("look", "assets", message, SourceLocation(path=PurePosixPath("assets")), hint)
        if (self.source / "go.mod").is_file() and not (self.source / "_vendor").is_dir():
            message = "themes that are Go modules are not read: their shortcodes are stubs without their Go template"
            hint = "run `hugo mod vendor` in the source, and import again"
            self._note("look", "modules", message, SourceLocation(path=PurePosixPath("go.mod")), hint)

    def _theme(self, theme: Path) -> None:
        counts = {
            name: sum(1 for _ in self._below(theme / name))
            for name in ("layouts", "static", "assets", "content", "data", "i18n")
            if (theme / name).is_dir()
        }
        parts = ", ".join(f"{count} in `{name}/`" for name, count in counts.items())
        message = (
            f"the theme `{theme.name}` is not imported ({parts or 'it is empty'}): sitegen's own is used"
        )
        hint = "copy files of its `static/` that pages ask for, and see docs/theme.md for the rest"
        self._note("lost", "theme", message, SourceLocation(path=self._relative(theme)), hint)

    def _note(
        self,
        kind: NoteKind,
        topic: str,
        message: str,
        location: SourceLocation | None = None,
        hint: str | None = None,
    ) -> None:
        self.notes.append(Note(kind=kind, topic=topic, message=message, location=location, hint=hint))

    def _relative(self, file: Path) -> PurePosixPath:
        return PurePosixPath(file.relative_to(self.source).as_posix())


def _config_files(source: Path) -> Iterable[Path]:
    """The configuration files beside the folders, Hugo's newest name first."""
    names = (source / f"{stem}{suffix}" for stem in _CONFIG_STEMS for suffix in _CONFIG_SUFFIXES)
    return [file for file in names if file.is_file()]
