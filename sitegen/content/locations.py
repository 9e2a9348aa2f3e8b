"""The URL, the output path and the redirects of a page, by front matter, permalink rules and its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import PurePosixPath
from typing import Final

from sitegen.config import Config, PermalinkRule
from sitegen.content.document import PageKey
from sitegen.content.globs import matches
from sitegen.content.metadata import PageMeta
from sitegen.content.permalinks import (
    Facts,
    UnknownTokenError,
    UnusableUrlError,
    alias_path,
    default_path,
    escape,
    expand,
    one_part,
    output_path,
    own_url,
    ugly,
    url_path,
)
from sitegen.content.tree import Place, ancestors_of, key_of
from sitegen.errors import Diagnostic, SourceLocation
from sitegen.values import dataclass

TOKENS_HINT: Final = (
    "known: `:year`, `:month`, `:monthname`, `:day`, `:weekday`, `:weekdayname`, `:yearday`, `:section`, "
    "`:sections`, `:sectionslug`, `:sectionslugs`, `:title`, `:slug`, `:contentbasename`, "
    "`:slugorcontentbasename`; `\\:` is a colon"
)

_NAME_BYTES: Final = 255
"""Of one part of a path, on nearly every file system (POSIX's NAME_MAX there)."""
_SHORT_ENOUGH: Final = _NAME_BYTES // 4
"""A character has 4 bytes at most."""
_SITE: Final = SourceLocation(path=PurePosixPath("sitegen.toml"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """Where a page is published."""

    url: str
    """Percent-encoded; empty: the page has none."""
    output_path: PurePosixPath | None
    target_path: PurePosixPath | None
    """Its output path, or what that would be if it were rendered; None where another page has it."""
    aliases: tuple[PurePosixPath, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """What a URL may take from the pages above."""

    places: Mapping[PageKey, Place]
    slugs: Mapping[PageKey, str]
    """Of list pages that have one: their folder's name in URLs."""
    titles: Mapping[PageKey, str]
    """Of list pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A page that is built, with all that its URL may depend on."""

    place: Place
    meta: PageMeta
    """Final: cascade applied, dates resolved."""
    title: str
    date: datetime | None
    lastmod: datetime | None


def allot(
    entries: Mapping[PageKey, Entry], skipped: Mapping[PageKey, Entry], config: Config
) -> tuple[dict[PageKey, Location], tuple[Diagnostic, ...]]:
    """A location for each page; of two with one URL the first keeps it and the other is not rendered.

    The home page comes first, then pages with a file, then in the order given. A page's URL goes before any alias; an alias that
    several pages have is the last one's, in the order of paths.

    Args:
        entries: the pages that are built.
        skipped: sections that are not, such as drafts: URLs of the pages below have them all the same.
        config: of the site.
    """
    above = {**skipped, **entries}
    tree = Tree(
        places={key: entry.place for key, entry in above.items()},
        slugs={
            key: entry.meta.slug
            for key, entry in above.items()
            if entry.meta.slug and entry.place.kind not in ("page", "home")
        },
        titles={key: entry.title for key, entry in above.items() if entry.place.kind != "page"},
    )
    locations: dict[PageKey, Location] = {}
    owners: dict[PurePosixPath, Entry] = {}
    diagnostics: list[Diagnostic] = []
    for entry in sorted(entries.values(), key=_claim):
        location = locate(entry, tree, config)
        diagnostics += location.diagnostics
        path = location.output_path
        if path is None or owners.setdefault(path, entry) is entry:
            locations[entry.place.key] = location
        else:
            diagnostics.append(_same_url(entry, owners[path], location.url))
            locations[entry.place.key] = replace(location, output_path=None, target_path=None, aliases=())
    for key in sorted(
        locations, reverse=True
    ):  # Hugo writes redirects in the order of paths: the last one stays
        location = locations[key]
        if location.aliases:
            free = tuple(path for path in location.aliases if path not in owners)
            # a page's own address among its aliases, as other generators' exports have it, asks for nothing
            taken = [path for path in location.aliases if path in owners and path != location.output_path]
            diagnostics += [_alias_taken(entries[key], path, owners[path]) for path in taken]
            owners.update(dict.fromkeys(free, entries[key]))
            locations[key] = replace(location, aliases=free)
    return locations, tuple(diagnostics)


def _claim(entry: Entry) -> tuple[bool, bool]:
    return entry.place.kind != "home", entry.place.source is None


def locate(entry: Entry, tree: Tree, config: Config) -> Location:
    """Where the page is published; an unusable `url`, pattern or alias is a diagnostic and is passed over."""
    meta = entry.meta
    path, problems = _path(entry, tree, config)
    aliases, alias_problems = _aliases(entry, path, config)
    prefix = language_folder(config)
    if prefix and (not meta.url or entry.place.kind == "home"):
        path = f"/{prefix}{path}"
    is_rendered = meta.build.render == "always"
    target = output_path(path)
    if is_rendered and (part := _too_long(target)):
        too_long = _long_name(entry, part)
        return Location(
            url=escape(path),
            output_path=None,
            target_path=None,
            diagnostics=(*problems, *alias_problems, too_long),
        )
    return Location(
        url="" if meta.build.render == "never" else escape(path),
        output_path=target if is_rendered else None,
        target_path=target,
        aliases=aliases if is_rendered else (),
        diagnostics=(*problems, *alias_problems),
    )


def _too_long(path: PurePosixPath) -> str:
    """The first part of a path that can be no file's name; empty where all can."""
    if len(str(path)) <= _SHORT_ENOUGH:
        return ""
    return next((part for part in path.parts if len(part.encode()) > _NAME_BYTES), "")


def _long_name(entry: Entry, part: str) -> Diagnostic:
    key = next((key for key in ("url", "slug", "title") if key in entry.meta.lines), "")
    return Diagnostic(
        code="SG117",
        severity="error",
        message=f"the URL of {_name(entry)} has a part of {len(part.encode())} bytes, `{part[:40]}…`: too long for a file's name",
        location=location_of(entry, key),
        hint=f"give the page a shorter `slug`, of at most {_NAME_BYTES} bytes"
        if entry.place.kind == "page"
        else f"shorten the name to at most {_NAME_BYTES} bytes",
    )


def language_folder(config: Config) -> str:
    """The folder that all pages lie in where URLs begin with the language: `en`; else empty."""
    return (config.default_language or "en") if config.languages_in_subdir else ""


def location_of(entry: Entry, key: str) -> SourceLocation | None:
    """The line of a front-matter key; None for a page without a file."""
    if entry.place.source is None:
        return None
    line = entry.meta.lines.get(key)
    cell = entry.meta.cell if line else None
    return SourceLocation(path=entry.place.source.path, line=line, column=1 if line else None, cell=cell)


def _path(entry: Entry, tree: Tree, config: Config) -> tuple[str, tuple[Diagnostic, ...]]:
    """The URL path, not percent-encoded: by `url`, else the first permalink rule that fits, else the place."""
    place, meta = entry.place, entry.meta
    url = "" if place.kind == "home" else meta.url  # as in Hugo: there is always a page at the root
    name = (meta.slug or _spelt(place.name, config)) if place.kind == "page" else ""
    default = _shaped(default_path(_folder(place, tree, config), name, config), place, config)
    rule = _rule(place, config)
    if not url and rule is None:
        return default, ()
    facts = _facts(entry, tree, config)
    try:
        if url:
            return own_url(url, facts, config), ()
        assert rule is not None  # noqa: S101 - one of the two is given
        return _shaped(expand(rule.pattern, facts, config), place, config), ()
    except UnknownTokenError as error:
        in_rule = rule.location if rule is not None and rule.location is not None else _SITE
        place_of = location_of(entry, "url") if meta.url else in_rule
        message = (
            f"unknown permalink token `:{error.token}` in `{meta.url or (rule.pattern if rule else '')}`"
        )
        problem = Diagnostic(
            code="SG116", severity="error", message=message, location=place_of, hint=TOKENS_HINT
        )
    except UnusableUrlError as error:
        problem = Diagnostic(
            code="SG117",
            severity="error",
            message=str(error),
            location=location_of(entry, "url"),
            hint="give a path of this site, such as `/posts/ppo/`",
        )
    return default, (problem,)


def _shaped(path: str, place: Place, config: Config) -> str:
    """Ugly where the site wants it and the page is not a list that holds others."""
    return ugly(path) if _is_ugly(place, config) and place.kind in ("page", "term") else path


def _is_ugly(place: Place, config: Config) -> bool:
    return config.ugly_urls or place.section.lower() in config.ugly_sections


def _spelt(path: str, config: Config) -> str:
    """A path on disk as it goes into a URL: of a logical path, where blanks are hyphens, unless case is kept."""
    return path if config.disable_path_to_lower else path.replace(" ", "-")


def _folder(place: Place, tree: Tree, config: Config) -> str:
    """The page's folder with the slugs of the sections that have one."""
    parts = _spelt(place.folder.as_posix(), config).split("/")
    if not tree.slugs:
        return "/".join(parts)
    keys = [key_of("/".join(parts[: depth + 1])) for depth in range(len(parts))]
    if place.kind == "term":
        keys[-1] = place.key
    return "/".join(tree.slugs.get(key, part) for key, part in zip(keys, parts, strict=True))


def _rule(place: Place, config: Config) -> PermalinkRule | None:
    """The first permalink rule for the page's kind and section."""
    for rule in config.permalinks:
        if place.kind in rule.kinds and _is_in(rule, place):
            return rule
    return None


def _is_in(rule: PermalinkRule, place: Place) -> bool:
    if rule.path:
        return matches(rule.path, str(place.key))
    if rule.section == "*":
        return True
    name = rule.section.strip("/").lower()
    if not name:
        return place.section == ""
    return place.key == f"/{name}" or place.key.startswith(f"/{name}/")


def _facts(entry: Entry, tree: Tree, config: Config) -> Facts:
    place = entry.place
    above = [found for found in ancestors_of(place, tree.places) if found.kind != "home"]
    chain = [*reversed(above), *([place] if place.kind in ("section", "taxonomy", "term") else [])]
    slugs = tuple(
        tree.slugs.get(found.key) or url_path(one_part(tree.titles.get(found.key, "")), config)
        for found in chain
    )
    return Facts(
        title=entry.title if place.kind == "term" else one_part(entry.title),
        slug=entry.meta.slug,
        base_name=place.name or place.folder.name,
        date=entry.date,
        sections=tuple(chain[-1].key[1:].split("/")) if chain else (),
        section_slugs=slugs,
    )


def _aliases(
    entry: Entry, path: str, config: Config
) -> tuple[tuple[PurePosixPath, ...], tuple[Diagnostic, ...]]:
    folder = language_folder(config)
    if not entry.meta.aliases and not folder:
        return (), ()
    found: dict[PurePosixPath, None] = {}
    problems = []
    for alias in entry.meta.aliases:
        try:
            redirect = alias_path(alias, path, is_ugly=_is_ugly(entry.place, config))
            if _too_long(redirect):
                raise UnusableUrlError(f"the alias `{alias[:40]}…` is too long for a file's name")
            found[redirect] = None
        except UnusableUrlError as error:
            problems.append(
                Diagnostic(
                    code="SG117",
                    severity="error",
                    message=str(error),
                    location=location_of(entry, "aliases"),
                    hint="give an old path of this page, such as `/old/ppo/`",
                )
            )
    prefix = PurePosixPath(folder)
    redirects = () if config.disable_aliases else tuple(prefix / alias for alias in found)
    if prefix.parts and entry.place.kind == "home":
        redirects += (PurePosixPath("index.html"),)  # from the root to the language's home page, as Hugo
    return redirects, tuple(problems)


def _same_url(entry: Entry, first: Entry, url: str) -> Diagnostic:
    location = location_of(entry, "url" if entry.meta.url else "slug") or location_of(first, "url")
    others = location_of(first, "url" if first.meta.url else "slug")
    return Diagnostic(
        code="SG115",
        severity="error",
        message=f"{_name(first)} and {_name(entry)} have one URL, `{url}`",
        location=location,
        hint="give one of them another `slug` or `url`",
        related=(others,) if others is not None and others != location else (),
    )


def _alias_taken(entry: Entry, path: PurePosixPath, owner: Entry) -> Diagnostic:
    where = location_of(owner, "aliases")
    return Diagnostic(
        code="SG115",
        severity="warning",
        message=f"the alias `/{path}` is left out: {_name(owner)} has that URL",
        location=location_of(entry, "aliases"),
        hint="remove the alias",
        related=(where,) if where is not None and owner is not entry else (),
    )


def _name(entry: Entry) -> str:
    place = entry.place
    return f"`{place.source.path}`" if place.source is not None else f"the {place.kind} `{place.key}`"
