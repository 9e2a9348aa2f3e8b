"""Files that are published, or kept as data, and that nothing names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import unquote

from sitegen.build.rendered import RenderedSite
from sitegen.checking.places import site_texts
from sitegen.checking.settings import CheckSettings
from sitegen.config import Config
from sitegen.config.words import word_files
from sitegen.content.index import IndexedPage
from sitegen.content.resumes import DEFAULT_NAME as RESUME
from sitegen.errors import Diagnostic, SourceLocation, near_match
from sitegen.rendering.assets import theme_folder
from sitegen.rendering.templating.templates import template_names
from sitegen.rendering.urls import page_folder

_WORD: Final = re.compile(r"[\w.%@~+-]+")
_ASKED_FOR: Final = (
    *(
        "favicon*",
        "apple-touch-icon*",
        "android-chrome*",
        "mstile*",
        "browserconfig.xml",
        "safari-pinned-tab*",
    ),
    *("robots.txt", "humans.txt", "ads.txt", "security.txt", "llms*.txt", "sitemap*.xml", "*.html", "*.htm"),
    *(
        "CNAME",
        "_headers",
        "_redirects",
        "_routes.json",
        "staticwebapp.config.json",
        "vercel.json",
        "netlify.toml",
    ),
    *(".*", "*.webmanifest", "manifest.json", "sw.js", "service-worker.js", "LICEN[CS]E*", "*.asc", "*.pub"),
    *("google*.txt", "BingSiteAuth.xml", "*.map", "crossdomain.xml", ".gitkeep", "README*"),
)
"""Names that browsers, hosts and search engines ask for by themselves, or that a person does."""
_TEXT_SUFFIXES: Final = frozenset(
    {
        *(".css", ".js", ".json", ".html", ".svg", ".xml", ".webmanifest", ".txt", ".py"),
        *(".toml", ".yaml", ".yml"),  # settings and data
    }
)
_LARGEST_TEXT: Final = 2_000_000
_BLOCKS: Final = "partials/blocks"
"""Front matter names these by their stems."""


def check_unused(
    site: RenderedSite, named: set[str], settings: CheckSettings, config: Config
) -> Iterator[Diagnostic]:
    """A note for each file of a bundle, of `static/`, of the templates and assets and of the data that nothing names.

    A file counts as named where an address leads to it, or where its name stands anywhere in what is written for the
    site: content, templates, styles, scripts, data, configuration. So a file that a script makes the name of is told
    wrongly, and one whose name is common is missed.

    Args:
        site: rendered.
        named: output paths that an address leads to.
        settings: which files are never told.
        config: of the site.
    """
    words = _Words(site, config)
    # the one `.bib` of a section of papers is read without being named
    read = () if site.index.bibliographies is None else site.index.bibliographies.files
    for file, output_path, page in _published(site):
        path = config.relative_to_root(file)
        if output_path in named or path in read or _is_asked_for(file.name) or _is_ignored(path, settings):
            continue
        if not words.name(file, page):
            yield _unused(path, "is published", "remove it, or link to it")
    for file in _below(config.templates_dir / "assets"):
        path = config.relative_to_root(file)
        if not _is_ignored(path, settings) and not _is_asked_for(file.name) and not words.name(file, None):
            yield _unused(path, "is published", "remove it, or name it in a template with `asset`")
    for file in _unread_templates(site, config):
        path = config.relative_to_root(file)
        is_block = file.parent == config.templates_dir / _BLOCKS and words.has(file.stem)
        if not is_block and not _is_ignored(path, settings) and not words.name(file, None):
            yield _unused_template(path, file.relative_to(config.templates_dir).as_posix())
    for file in _below(config.data_dir):
        path = config.relative_to_root(file)
        if not _is_ignored(path, settings) and not words.has(file.stem) and not words.name(file, None):
            yield _unused(path, "is read", f"remove it, or use `site.data.{file.stem}`")


class _Words:
    """Every word that is written for the site, lower case."""

    def __init__(self, site: RenderedSite, config: Config) -> None:
        self._words: set[str] = set()
        sources = frozenset(source.file for source in site.index.all_sources)
        files = dict.fromkeys(sources)
        files |= dict.fromkeys(site_texts(config))
        files |= dict.fromkeys(static.file for static in site.index.static_files)
        for page in site.index.pages.values():
            files |= dict.fromkeys(resource.file for resource in page.resources)
        for file in files:
            text = _text(file) if file.suffix.lower() in _TEXT_SUFFIXES or file in sources else None
            if text is not None:
                self._words.update(_words_of(text, file))
        if any(page.meta.type.lower() == "cv" for page in site.index.pages.values()):
            self._words.add(RESUME)  # which such a page reads without naming it

    def has(self, word: str) -> bool:
        """Whether it is written anywhere."""
        return word.lower() in self._words

    def name(self, file: Path, page: IndexedPage | None) -> bool:
        """Whether something names the file: by its name, or by a pattern that a cell of its page reads."""
        if file.name.lower() in self._words or file.name.lower().replace(" ", "-") in self._words:
            return True
        if " " in file.name:  # its words stand apart
            return all(part.lower() in self._words for part in file.name.split())
        return page is not None and f"*{file.suffix.lower()}" in self._words


def _words_of(text: str, file: Path) -> Iterable[str]:
    own = file.name.lower()
    lowered = text.lower()
    for match in _WORD.finditer(lowered):
        word = match[0]
        if "%" in word:
            word = unquote(word)
        word = word.rstrip(".")
        if word != own:
            yield word
            if "." in word and not word[0].isalnum():
                yield word.lstrip("-.~+%@")
            if "." in word:
                yield from (part for part in word.split(".") if part)
    for match in re.finditer(r"\*\.\w+", lowered):
        yield match[0]


def _published(site: RenderedSite) -> Iterator[tuple[Path, str, IndexedPage | None]]:
    copied = {str(file.path) for file in site.files if file.copied_from is not None}
    for static in site.index.static_files:
        if str(static.output_path) in copied:
            yield static.file, str(static.output_path), None
    for page in site.index.pages.values():
        for resource in page.resources:
            path = str(page_folder(page) / resource.name) if page.target_path is not None else ""
            if path in copied:
                yield resource.file, path, page


def _unread_templates(site: RenderedSite, config: Config) -> Iterator[Path]:
    """The site's templates that stand in for none of the theme's, and that no page looks for; shortcodes are not asked."""
    looked_for = {name for page in site.index.pages.values() for name in template_names(page)}
    theme = theme_folder() / "templates"
    tables = word_files(config.language, config.templates_dir)
    for file in _below(config.templates_dir):
        name = file.relative_to(config.templates_dir)
        if name.parts[0] in ("assets", "shortcodes") or file.suffix == ".md":
            continue
        if name.as_posix() not in looked_for and not (theme / name).is_file() and file not in tables:
            yield file


def _unused_template(path: PurePosixPath, name: str) -> Diagnostic:
    """A template that nobody reads, with the theme's that may be meant."""
    theme = theme_folder() / "templates"
    known = (file.relative_to(theme).as_posix() for file in theme.rglob("*") if file.is_file())
    near = near_match(name, known)
    meant = f"did you mean `{near}`? Else name it in a template, or as a `layout`" if near else "remove it"
    return _unused(path, "is a template", meant)


def _unused(path: PurePosixPath, verb: str, hint: str) -> Diagnostic:
    return Diagnostic(
        code="SG714",
        severity="info",
        message=f"the file {verb}, and nothing names it",
        location=SourceLocation(path=path),
        hint=f"{hint}; `ignore-files` of `[check]` keeps it from being told",
    )


def _is_asked_for(name: str) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in _ASKED_FOR)


def _is_ignored(path: PurePosixPath, settings: CheckSettings) -> bool:
    if ".well-known" in path.parts:
        return True
    return any(
        fnmatchcase(str(path), pattern) or fnmatchcase(path.name, pattern)
        for pattern in settings.ignore_files
    )


def _below(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return [file for file in sorted(folder.rglob("*")) if file.is_file() and not file.name.startswith(".")]


def _text(file: Path) -> str | None:
    try:
        if file.stat().st_size > _LARGEST_TEXT:
            return None
        return file.read_bytes().decode("utf-8", "replace")
    except OSError:
        return None
