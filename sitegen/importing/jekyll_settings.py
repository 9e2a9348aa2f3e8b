"""Jekyll's `_config.yml`: what it says of pages, and `sitegen.toml` of it."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import PurePosixPath
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sitegen.content.dates import time_zone
from sitegen.errors import SourceLocation
from sitegen.importing.al_folio import SOCIAL, accounts
from sitegen.importing.jekyll_urls import STYLES, our_pattern
from sitegen.importing.pages import table, texts
from sitegen.importing.values import Note

CONFIG_NAME: Final = "_config.yml"
EXCLUDED: Final = (
    *(
        "Gemfile",
        "Gemfile.lock",
        "*.gemspec",
        "node_modules",
        "vendor",
        "_site",
        ".sass-cache",
        ".jekyll-cache",
    ),
    *(
        "Rakefile",
        "package.json",
        "package-lock.json",
        "yarn.lock",
        "LICENSE*",
        "README*",
        "CHANGELOG*",
        "CONTRIBUTING*",
    ),
    *("Dockerfile", "docker-compose*.yml", "Makefile"),
)
"""Jekyll's own list, and files of the repository that nobody wants in a site."""
_OWN_KEYS: Final = frozenset(
    {
        "title", "name", "description", "tagline", "url", "baseurl", "lang", "locale", "timezone", "author", "paginate",
        "paginate_path", "permalink", "collections", "collections_dir", "defaults", "plugins", "gems", "whitelist",
        "theme", "remote_theme", "markdown", "highlighter", "kramdown", "sass", "exclude", "include", "keep_files",
        "excerpt_separator", "incremental", "safe", "source", "destination", "encoding", "future", "unpublished",
        "show_drafts", "limit_posts", "liquid", "port", "host", "profile", "quiet", "verbose", "strict_front_matter",
        "jekyll-archives", "scholar", "webrick", "markdown_ext", "compress_html", "feed", "pagination",
        "first_name", "middle_name", "last_name", "header_pages", "include_cache", "minima", "data_dir", "layouts_dir", "includes_dir", "plugins_dir",
    }
)  # fmt: skip
"""What is Jekyll's or a plugin's, not the author's."""
_PLUGINS: Final[Mapping[str, str]] = {
    "jekyll-feed": "feeds are built in: Atom at `/feed.xml` as before, RSS and JSON too",
    "jekyll-sitemap": "the sitemap is built in",
    "jekyll-seo-tag": "the theme writes these tags",
    "jekyll-paginate": "lists are paginated: `[pagination]`",
    "jekyll-paginate-v2": "lists are paginated: `[pagination]`",
    "jekyll-redirect-from": "aliases are built in",
    "jekyll-archives": "tags and categories have pages; archives by year are not there",
    "jekyll-archives-v2": "tags and categories have pages; archives by year are not there",
    "jekyll-toc": "tables of contents are built in",
    "jekyll-scholar": "lists of papers and citations are built in",
    "jemoji": "`enableEmoji = true`",
    "jekyll-gist": "the shortcode `gist`",
    "jekyll-relative-links": "links to Markdown files are links to pages",
    "jekyll-optional-front-matter": "front matter is optional",
    "jekyll-titles-from-headings": "a page's first heading is its title where it has none",
    "jekyll-readme-index": "name the file `_index.md`",
    "jekyll-include-cache": "shortcodes",
    "jekyll-last-modified-at": "`enableGitInfo = true`",
    "jekyll-minifier": "HTML, styles and scripts are small already",
    "jekyll-twitter-plugin": "the shortcode `x`",
    "jekyll-mentions": "write `@name` as a link",
}
"""What stands for a plugin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """A collection of documents."""

    name: str
    is_output: bool
    permalink: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JekyllSettings:
    """`_config.yml`, read."""

    values: dict[str, Any] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)

    @property
    def permalink(self) -> str:
        """The pattern of posts."""
        written = str(self.values.get("permalink") or "date")
        return STYLES.get(written, written)

    @property
    def zone(self) -> tzinfo:
        """The site's time zone; UTC where it names none that is known."""
        return time_zone(self.time_zone_name or "UTC")

    @property
    def time_zone_name(self) -> str:
        """The name of the zone, where it is known."""
        name = str(self.values.get("timezone") or "")
        try:
            ZoneInfo(name or "UTC")
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return ""
        return name

    @property
    def page_suffix(self) -> str:
        """What `permalink` puts behind the path of a page and of a document."""
        written = str(self.values.get("permalink") or "date")
        if written in STYLES:
            return "/" if written == "pretty" else ":output_ext"
        return "/" if written.endswith("/") else ":output_ext" if written.endswith(":output_ext") else ""

    @property
    def posts_section(self) -> str:
        """The folder of posts: the first part of their addresses where it is a word, so that lists have those they had."""
        first = self.permalink.strip("/").split("/")[0]
        return (
            first
            if re.fullmatch(r"[a-z0-9][a-z0-9_-]*", first) and "/" in self.permalink.strip("/")
            else "posts"
        )

    @property
    def plugins(self) -> list[str]:
        """Names of plugins, from `_config.yml`."""
        return [*texts(self.values.get("plugins")), *texts(self.values.get("gems"))]

    def collections(self) -> dict[str, Collection]:
        """Collections but `posts`, by name."""
        written = self.values.get("collections")
        named = {name: {} for name in texts(written)} if isinstance(written, list) else table(written)
        found = {}
        for name, options in named.items():
            known = table(options)
            default = f"/:collection/:path{self.page_suffix}"
            permalink = str(known.get("permalink") or default)
            if name != "posts":
                pattern = STYLES.get(permalink, permalink)
                found[name] = Collection(name=name, is_output=known.get("output") is True, permalink=pattern)
        return found

    def defaults_for(self, path: PurePosixPath, kind: str) -> dict[str, Any]:
        """Front matter that `defaults` gives a file; the more exact scope wins."""
        matching = []
        for position, entry in enumerate(self.values.get("defaults") or ()):
            scope, values = table(table(entry).get("scope")), table(table(entry).get("values"))
            wanted = str(scope.get("path") or "").strip("/")
            of_kind = str(scope.get("type") or "")
            if of_kind in ("", kind) and _is_below(path.as_posix(), wanted):
                matching.append((len(wanted), bool(of_kind), position, values))
        found: dict[str, Any] = {}
        for *_, values in sorted(matching, key=lambda item: item[:3]):
            found |= values
        return found


def our_settings(
    jekyll: JekyllSettings, *, params: Iterable[str], gems: Iterable[str], has_block_attributes: bool
) -> dict[str, Any]:
    """`sitegen.toml` of a Jekyll site.

    Args:
        jekyll: its configuration.
        params: settings that its pages show, which are parameters here.
        gems: plugins that its `Gemfile` names.
        has_block_attributes: its pages have attribute lists below blocks.
    """
    values = jekyll.values
    plugins = {*jekyll.plugins, *gems}
    author = values.get("author")
    pattern = our_pattern(jekyll.permalink)
    permalinks: dict[str, Any] = {jekyll.posts_section: pattern} if pattern else {}
    terms = _term_permalinks(values)
    host, base = str(values.get("url") or "").rstrip("/"), str(values.get("baseurl") or "").strip("/")
    social = {
        key: value
        for key, value in values.items()
        if (key in params or key.endswith(("_username", "_id")) or key in ("email", "logo", "social"))
        and key not in _OWN_KEYS
        and value not in (None, "")
    }
    return {
        "title": site_title(values),
        "description": " ".join(str(values.get("description") or values.get("tagline") or "").split()) or None,
        "baseURL": f"{host}/{base}/".replace("//", "/").replace(":/", "://", 1) if "://" in host else f"/{base}/".replace("//", "/"),
        "locale": str(values.get("lang") or values.get("locale") or "") or None,
        "timeZone": jekyll.time_zone_name or None,
        "author": _author(author, values),
        "enableEmoji": True if "jemoji" in plugins else None,
        "enableGitInfo": True if "jekyll-last-modified-at" in plugins else None,
        "pagination": {"pagerSize": values["paginate"]} if isinstance(values.get("paginate"), int) else None,
        "permalinks": {"page": permalinks, "term": terms},
        "markup": {"goldmark": {"parser": {"attribute": {"block": True}}}} if has_block_attributes else None,
        "menus": {"footer": accounts(values)},
        "params": social,
    }  # fmt: skip


def cascades(settings: JekyllSettings) -> Iterator[dict[str, Any]]:
    """`defaults` as cascades, without what only concerns addresses and layouts: those are in each page."""
    for entry in settings.values.get("defaults") or ():
        scope, values = table(table(entry).get("scope")), table(table(entry).get("values"))
        path, kind = str(scope.get("path") or "").strip("/"), str(scope.get("type") or "")
        kept = _cascaded(values)
        if not kept:
            continue
        section = settings.posts_section if kind in ("posts", "drafts") or path.startswith("_posts") else kind
        if kind in ("", "pages"):
            section = path.lstrip("_")
        pattern = f"/{section}/**" if section else "/**"
        yield {"target": {"path": pattern}, **kept}


def settings_notes(jekyll: JekyllSettings, used: Iterable[str], gems: Iterable[str]) -> list[Note]:
    """What of the configuration a person should know: plugins, settings that were not taken."""
    path = PurePosixPath(CONFIG_NAME)
    notes = []
    for name in dict.fromkeys([*jekyll.plugins, *gems]):
        plain = name.replace("jekyll/", "jekyll-")
        line = jekyll.lines.get("plugins") or jekyll.lines.get("gems")
        known = _PLUGINS.get(plain)
        where = SourceLocation(path=path, line=line)
        message = f"`{name}`: {known}" if known else f"the plugin `{name}` has no counterpart"
        kind = "converted" if known else "look"
        notes.append(Note(kind=kind, topic="plugins", message=message, location=where))  # type: ignore[arg-type]
    left = sorted(set(jekyll.values) - _OWN_KEYS - set(used) - set(SOCIAL) - {"email"})
    if left:
        names = ", ".join(f"`{name}`" for name in left)
        notes.append(
            Note(
                kind="lost",
                topic="settings of the theme",
                message=f"no page shows them: {names}",
                location=SourceLocation(path=path),
                hint="what templates of yours need goes below `[params]`",
            )
        )
    notes += [
        Note(
            kind="look",
            topic="theme",
            message=f"the theme `{jekyll.values[key]}` is not taken along; the site has sitegen's",
            location=SourceLocation(path=path, line=jekyll.lines.get(key)),
            hint="see docs/theme.md for what can be changed, and how",
        )
        for key in ("theme", "remote_theme")
        if jekyll.values.get(key)
    ]
    if jekyll.values.get("timezone") and not jekyll.time_zone_name:
        notes.append(
            Note(
                kind="look",
                topic="time zone",
                message=f"`{jekyll.values['timezone']}` is no known time zone; UTC is taken",
                location=SourceLocation(path=path, line=jekyll.lines.get("timezone")),
            )
        )
    return notes


def site_title(values: Mapping[str, Any]) -> str:
    """The title; al-folio's `blank` stands for the author's name."""
    title = str(values.get("title") or values.get("name") or "")
    return _author(None, values).get("name", title) if title == "blank" else title


def _author(author: object, values: Mapping[str, Any]) -> dict[str, Any]:
    known = table(author)
    name = str(known.get("name") or (author if isinstance(author, str) else ""))
    if not name and values.get("first_name"):
        name = " ".join(
            str(values[key]) for key in ("first_name", "middle_name", "last_name") if values.get(key)
        )
    email = known.get("email") or values.get("email")
    return {
        key: str(value)
        for key, value in (("name", name), ("email", email), ("url", known.get("url")))
        if value
    }


def _term_permalinks(values: Mapping[str, Any]) -> dict[str, str]:
    """Addresses of tags and categories, as jekyll-archives has them."""
    archives = table(values.get("jekyll-archives"))
    own = {**archives, **table(archives.get("posts"))}
    enabled = own.get("enabled")
    patterns = table(own.get("permalinks"))
    made = {}
    for plural, singular in (("tags", "tag"), ("categories", "category")):
        if enabled in (True, "all") or plural in texts(enabled):
            default = f"/{singular}/:name/"
            pattern = str(patterns.get(plural) or patterns.get(singular) or default).replace(
                ":type", singular
            )
            if pattern.endswith("/") and pattern.count(":") == 1 and ":name" in pattern:
                made[plural] = pattern.replace(":name", ":slug")
    return made


def _is_below(path: str, scope: str) -> bool:
    if not scope:
        return True
    if "*" in scope:
        return fnmatch.fnmatch(path, scope) or fnmatch.fnmatch(path, f"{scope}/*")
    return path == scope or path.startswith(f"{scope}/")


def _cascaded(values: Mapping[str, Any]) -> dict[str, Any]:
    skipped = {
        "layout",
        "permalink",
        "sitemap",
        "published",
        "date",
        "excerpt_separator",
        "pagination",
        "header",
    }
    return {
        key: value
        for key, value in values.items()
        if key not in skipped and value not in (None, "") and not isinstance(value, dict)
    }
