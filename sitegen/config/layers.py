"""What each layer of the configuration says: settings by name, from files and from the environment."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from sitegen.config.text import KeyPath, SettingsFile, plain_key
from sitegen.errors import Diagnostic, SourceLocation, did_you_mean

ALIASES: Final[dict[str, str]] = {
    "paginate": "pagination.pagersize",
    "paginatepath": "pagination.path",
    "rsslimit": "services.rss.limit",
    "languagecode": "locale",
    "language": "locale",
    "menu": "menus",
    "pygmentscodefencesguesssyntax": "markup.highlight.guesssyntax",
    "pluralizelisttitle": "pluralizelisttitles",
}
"""Older names of Hugo's, and ours, to the names of the settings."""

QUIET: Final[frozenset[str]] = frozenset(
    "archetypedir build cachedir caches cleandestinationdir contenttypes defaultcontentlanguage deployment"  # noqa: SIM905
    " disablefastrender disablehugogeneratorinject disablelivereload enableinlineshortcodes"
    " enablemissingtranslationplaceholders env httpcache i18ndir ignorecache ignoreerrors ignorelogs"
    " ignorevendorpaths imaging log logfile loglevel markup.defaultmarkdownhandler markup.asciidocext"
    " markup.pandoc markup.rst markup.goldmark.renderer.unsafe markup.goldmark.extensions.passthrough"
    " markup.goldmark.parser.attribute markup.goldmark.parser.autoheadingid"
    " markup.goldmark.duplicateresourcefiles markup.highlight.codefences markup.highlight.noclasses"
    " markup.highlight.linenumbersintable mediatypes metadataformat minify newcontenteditor nobuildlock"
    " nochmod notimes paniconwarning printi18nwarnings printpathwarnings printunusedtemplates privacy"
    " publishdrafts pygmentscodefences pygmentsuseclasses pygmentsuseclassic quiet rendersegments renderto"
    " resourcedir security segments server templatemetrics templatemetricshints timeout verbose verboselog"
    " watch workingdir".split()
)
"""Hugo's settings that need no honouring: nothing that sitegen makes depends on them."""

UNHONOURED: Final[frozenset[str]] = frozenset(
    "assetdir blackfriday canonifyurls defaultcontentlanguageinsubdir defaultoutputformat disablebrowsererror"  # noqa: SIM905
    " disabledefaultlanguageredirect disablelanguages disqusshortname footnoteanchorprefix"
    " footnotereturnlinkcontents googleanalytics languages layoutdir markup.goldmark markup.highlight"
    " markup.tableofcontents module outputformats outputs page pygmentsoptions pygmentsstyle related roles"
    " services sitemap social theme themesdir titlecasestyle uniqueid versions".split()
)
"""Hugo's settings that sitegen knows of and does not honour."""

_VARIABLE = re.compile(r"(?P<family>HUGO|SITEGEN)(?P<separator>_|x)(?P<rest>.+)", re.DOTALL)
_FREE = ("params", "execute")
_EXECUTE_TABLES = ("parameters", "expect")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One setting in one layer."""

    name: str
    """Of the setting, its parts in the form of `plain_key`: `pagination.pagersize`."""
    value: object
    title: str
    """As written: `paginate`, or the name of an environment variable."""
    path: KeyPath = ()
    """Of the setting in its file."""
    file: SettingsFile | None = None
    """None for one from the environment."""
    is_own: bool = True
    """Not from a file of Hugo's, where keys that we do not know are no errors."""

    def locate(self, inner: KeyPath = (), *, value: bool = True) -> SourceLocation | None:
        """The place of the setting's value, or of what `inner` names inside it."""
        if self.file is None:
            return None
        return self.file.locate((*self.path, *(_plain_part(part) for part in inner)), value=value)


def file_entries(
    file: SettingsFile, titles: Mapping[str, str], *, is_own: bool
) -> tuple[list[Entry], list[Diagnostic]]:
    """The settings that a file has, and what is to be said of its other keys.

    Args:
        titles: every known setting: its plain name to its name in the documentation.
        is_own: the file is sitegen's, where an unknown key is an error.
    """
    return _Walk(file, titles, is_own=is_own).run()


class _Walk:
    """One pass over a file's tables."""

    def __init__(self, file: SettingsFile, titles: Mapping[str, str], *, is_own: bool) -> None:
        self._file = file
        self._titles = titles
        self._is_own = is_own
        self._entries: dict[str, Entry] = {}
        self._diagnostics: list[Diagnostic] = []

    def run(self) -> tuple[list[Entry], list[Diagnostic]]:
        for key, (line, column) in self._file.marks.repeated:
            place = SourceLocation(path=self._file.path, line=line, column=column)
            self._diagnostics.append(_twice(key, place))
        self._table(self._file.tree, (), ())
        return list(self._entries.values()), self._diagnostics

    def _table(self, table: Mapping[str, object], path: KeyPath, written: tuple[str, ...]) -> None:
        for key, value in table.items():
            self._setting(value, (*path, plain_key(key)), (*written, str(key)))

    def _setting(self, value: object, path: KeyPath, written: tuple[str, ...]) -> None:
        plain = ".".join(str(part) for part in path)
        name, title = ALIASES.get(plain, plain), ".".join(written)
        if name in self._titles:
            entry = Entry(
                name=name, value=value, title=title, path=path, file=self._file, is_own=self._is_own
            )
            if name in self._entries:
                self._diagnostics.append(_twice(title, entry.locate()))  # the key's mark is the first one's)
            self._entries[name] = entry
        elif any(known.startswith(f"{name}.") for known in (*self._titles, *QUIET)):
            if isinstance(value, Mapping):
                self._table(value, path, written)
            else:
                self._diagnostics.append(_no_table(title, self._file.locate(path, value=True)))
        elif name not in QUIET:
            self._diagnostics.append(self._unknown(name, title, path))

    def _unknown(self, name: str, title: str, path: KeyPath) -> Diagnostic:
        location = self._file.locate(path)
        parents = [name.rsplit(".", cut)[0] for cut in range(1, name.count(".") + 1)]
        if UNHONOURED.intersection((name, *parents)):
            return Diagnostic(
                code="SG104",
                severity="warning",
                message=f"sitegen does not honour Hugo's setting `{title}`",
                location=location,
                hint="remove it, or leave it for Hugo",
            )
        prefix = name.rpartition(".")[0]
        start = f"{prefix}." if prefix else ""
        depth = start.count(".")
        known = {shown.split(".")[depth] for plain, shown in self._titles.items() if plain.startswith(start)}
        return Diagnostic(
            code="SG102" if self._is_own else "SG104",
            severity="error" if self._is_own else "warning",
            message=f"unknown configuration key `{title}`",
            location=location,
            hint=_unknown_hint(title.rpartition(".")[2], known, is_top=not prefix),
        )


def _unknown_hint(key: str, known: Iterable[str], *, is_top: bool) -> str:
    hint = did_you_mean(key, known)
    if is_top and not hint.startswith("did you mean"):
        return f"values of your own go below `[params]`: `params.{key}`"
    return hint


def environment_entries(environ: Mapping[str, str], titles: Mapping[str, str]) -> list[Entry]:
    """The settings that environment variables give, `HUGO_` before `SITEGEN_`, which wins.

    `SITEGEN_BASEURL` and `SITEGEN_BASE_URL` name `baseURL`; a `_` also goes down into a table
    (`SITEGEN_PAGINATION_PAGERSIZE`, `SITEGEN_PARAMS_FOO`). As in Hugo, another separator can
    stand for it, so that a name may hold a `_`: `SITEGENxPARAMSxAPI_KEY`. Other variables with these
    beginnings (`HUGO_VERSION` of a host's build image) are none of ours.
    """
    compact = {name.replace(".", ""): name for name in titles}
    compact |= {alias.replace(".", ""): name for alias, name in ALIASES.items() if name in titles}
    found = []
    for variable in sorted(environ):
        match = _VARIABLE.fullmatch(variable)
        if match is None:
            continue
        separator, rest = match["separator"], match["rest"]
        name = compact.get(plain_key(rest.replace(separator, "_")))
        first, _, inner = rest.partition(separator)
        if name is not None:
            found.append(Entry(name=name, value=environ[variable], title=variable))
        elif first.lower() in _FREE and inner:
            parts = _free_parts(first.lower(), inner, separator)
            found.append(Entry(name=first.lower(), value=_nested(parts, environ[variable]), title=variable))
    return found


def _free_parts(table: str, inner: str, separator: str) -> list[str]:
    parts = [part.lower() for part in inner.split(separator)]
    if table == "execute" and separator == "_":
        # all names in there are flat but for these tables: `SITEGEN_EXECUTE_PAGE_TIMEOUT`
        head, rest = parts[0], "_".join(parts[1:])
        return [head, rest] if head in _EXECUTE_TABLES and rest else ["-".join(parts)]
    return parts


def _nested(parts: list[str], text: str) -> object:
    value: object = text
    for part in reversed(parts):
        value = {part: value}
    return value


def scalar(text: str) -> object:
    """The value that a variable's text stands for: JSON where it is JSON, else the text.

    `1.10` stays text: it is a version, and as a number it would be another one.
    """
    if re.fullmatch(r"-?\d+\.\d+0", text):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _plain_part(part: str | int) -> str | int:
    return part if isinstance(part, int) else plain_key(part)


def _twice(title: str, location: SourceLocation | None) -> Diagnostic:
    return Diagnostic(
        code="SG103",
        severity="error",
        message=f"`{title}` is set twice in one file",
        location=location,
        hint="keep one of the two",
    )


def _no_table(title: str, location: SourceLocation) -> Diagnostic:
    return Diagnostic(
        code="SG103",
        severity="error",
        message=f"`{title}` must be a table",
        location=location,
        hint=f"write `[{title}]` and its settings below it",
    )


def plain_names(titles: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Settings' names in the documentation, each with its plain form before it."""
    for title in titles:
        yield ".".join(plain_key(part) for part in title.split(".")), title
