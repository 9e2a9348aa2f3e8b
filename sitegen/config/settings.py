"""Every setting that a file may have: its name, what it sets, how it is read."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Literal

from sitegen.config import forms, related_forms, security_forms
from sitegen.config.budget_forms import LIMITS
from sitegen.config.convert import Setting
from sitegen.config.forms import FormError
from sitegen.config.permalink_forms import permalinks
from sitegen.config.values import Author, MenuItem, PermalinkRule, Related
from sitegen.errors import did_you_mean
from sitegen.frozen import FrozenDict

_Names = tuple[str, ...]
_Data = FrozenDict[str, object]

_TEXTS = {
    "title": "title", "description": "description", "copyright": "copyright", "locale": "language",
    "sectionPagesMenu": "section_pages_menu", "refLinksNotFoundURL": "ref_links_not_found_url",
    "contentDir": "content_dir", "notebooksDir": "notebooks_dir", "dataDir": "data_dir",
    "templatesDir": "templates_dir", "publishDir": "publish_dir", "resultsDir": "results_dir",
    "frontMatterSchema": "front_matter_schema", "pagination.path": "pagination.path",
    "sitemap.changeFreq": "sitemap.change_frequency", "sitemap.filename": "sitemap.filename",
    "markup.highlight.lineAnchors": "highlight.line_anchors",
    "markup.highlight.hl_Lines": "highlight.highlighted_lines",
    "markup.highlight.wrapperClass": "highlight.wrapper_class",
    "markup.goldmark.extensions.linkifyProtocol": "markup.linkify_protocol",
    "markup.goldmark.extensions.footnote.backLinkHTML": "markup.footnote_backlink",
}  # fmt: skip
_SWITCHES = {
    "buildDrafts": "build_drafts", "buildFuture": "build_future", "buildExpired": "build_expired",
    "relativeURLs": "relative_urls", "disablePathToLower": "disable_path_to_lower",
    "removePathAccents": "remove_path_accents", "enableGitInfo": "enable_git_info",
    "enableRobotsTXT": "enable_robots_txt", "enableLlmsTxt": "enable_llms_txt",
    "contentSecurityPolicy": "content_security_policy", "sri": "sri",
    "minify.minifyOutput": "minify", "budget.enable": "budget.is_kept",
    "enableEmoji": "enable_emoji", "disableAliases": "disable_aliases",
    "hasCJKLanguage": "has_cjk_language", "pluralizeListTitles": "pluralize_list_titles",
    "capitalizeListTitles": "capitalize_list_titles", "feedFullText": "feed_full_text",
    "rssFullText": "rss_full_text", "disableHugoGeneratorInject": "disable_generator_meta",
    "pagination.disableAliases": "pagination.disable_aliases", "sitemap.disable": "sitemap.disable",
    "privacy.youtube.privacyEnhanced": "youtube_privacy_enhanced",
    "markup.tableOfContents.ordered": "table_of_contents.ordered",
    "markup.highlight.codeFences": "highlight.code_fences",
    "markup.highlight.lineNumbersInTable": "highlight.line_numbers_in_table",
    "markup.highlight.anchorLineNos": "highlight.anchor_line_numbers",
    "markup.highlight.guessSyntax": "highlight.guess_syntax",
    "markup.goldmark.renderer.unsafe": "markup.unsafe",
    "markup.goldmark.renderer.hardWraps": "markup.hard_wraps",
    "markup.goldmark.renderer.xhtml": "markup.xhtml",
    "markup.goldmark.parser.autoHeadingID": "markup.auto_heading_ids",
    "markup.goldmark.parser.attribute.title": "markup.heading_attributes",
    "markup.goldmark.parser.attribute.block": "markup.block_attributes",
    "markup.goldmark.parser.wrapStandAloneImageWithinParagraph": "markup.wrap_lone_images",
    "markup.goldmark.extensions.definitionList": "markup.definition_lists",
    "markup.goldmark.extensions.strikethrough": "markup.strikethrough",
    "markup.goldmark.extensions.table": "markup.tables",
    "markup.goldmark.extensions.taskList": "markup.task_lists",
    "markup.goldmark.extensions.linkify": "markup.linkify",
    "markup.goldmark.extensions.footnote.enable": "markup.footnotes",
    "markup.goldmark.extensions.footnote.enableAutoIDPrefix": "markup.footnote_id_prefix",
    "markup.goldmark.extensions.cjk.enable": "markup.cjk",
    "markup.goldmark.extensions.cjk.eastAsianLineBreaks": "markup.cjk_line_breaks",
    "markup.goldmark.extensions.passthrough.enable": "markup.passthrough",
    **{
        f"markup.goldmark.extensions.extras.{name}.enable": f"markup.extras.{name}"
        for name in ("delete", "insert", "mark", "subscript", "superscript")
    },
}  # fmt: skip
_NUMBERS: dict[str, tuple[str, int | None]] = {
    "summaryLength": ("summary_length", 0), "pagination.pagerSize": ("pagination.pager_size", 1),
    "services.rss.limit": ("rss_limit", -1), "markup.highlight.tabWidth": ("highlight.tab_width", 0),
    "markup.highlight.lineNoStart": ("highlight.first_line_number", None),
    "markup.tableOfContents.startLevel": ("table_of_contents.start_level", None),
    "markup.tableOfContents.endLevel": ("table_of_contents.end_level", None),
}  # fmt: skip
"""The field, and the least value where there is one."""
_SIGNS = (
    "leftSingleQuote", "rightSingleQuote", "leftDoubleQuote", "rightDoubleQuote", "enDash", "emDash",
    "ellipsis", "leftAngleQuote", "rightAngleQuote", "apostrophe",
)  # fmt: skip


def all_settings(environment: str) -> dict[str, Setting]:
    """Every setting, by its name in the documentation."""
    return {
        **{title: Setting(field=name, type=str) for title, name in _TEXTS.items()},
        **{title: Setting(field=name, type=bool) for title, name in _SWITCHES.items()},
        **{
            title: Setting(field=name, type=int, check=None if minimum is None else _at_least(minimum))
            for title, (name, minimum) in _NUMBERS.items()
        },
        **_site_settings(),
        **_source_settings(),
        **_page_settings(environment),
        **_markup_settings(),
        **_image_settings(),
        **_diagram_settings(),
        **_budget_settings(),
    }


def _site_settings() -> dict[str, Setting]:
    """What holds for the site as a whole."""
    return {
        "baseURL": Setting(field="base_url", type=str, check=base_url, lenient=lenient_base_url),
        "author": Setting(
            field="author", type=Author, form=forms.author, lenient=forms.dropped, is_open=True
        ),
        "timeZone": Setting(field="time_zone", type=str, check=_time_zone),
        "uglyURLs": Setting(field="ugly_urls", type=bool | _Names, form=forms.ugly_urls),
        "titleCaseStyle": Setting(
            field="title_case_style",
            type=Literal["ap", "chicago", "go", "firstupper", "none"],
            form=forms.lower_text,
            lenient=forms.dropped,
        ),
        "refLinksErrorLevel": Setting(
            field="ref_links_error_level",
            type=Literal["error", "warning"],
            form=forms.lower_text,
            lenient=forms.dropped,
        ),
    }


def _source_settings() -> dict[str, Setting]:
    """What the site is made of."""
    lists = Setting(field="", type=_Names, form=forms.as_list)
    return {
        "staticDir": lists.of("static_dirs"),
        **{f"staticDir{number}": lists.of(f"static_dir_{number}") for number in range(11)},
        "mainSections": lists.of("main_sections"),
        "citations": Setting(field="citations", type=Literal["author-year", "numeric"]),
        "csl": Setting(field="csl", type=str),
        "bibliography": Setting(field="bibliography", type=_Names, form=forms.one_or_many),
        "disableKinds": Setting(field="disable_kinds", type=_Names, form=forms.kinds),
        "ignoreFiles": Setting(
            field="ignore_files",
            type=_Names,
            form=forms.one_or_many,
            check=_expressions,
            lenient=_readable_expressions,
        ),
        "module.mounts": Setting(
            field="mounts", type=tuple[FrozenDict[str, str], ...], form=forms.mounts, is_open=True
        ),
    }


def _page_settings(environment: str) -> dict[str, Setting]:
    """What becomes of pages: lists, addresses, files, what they may load and what templates may ask."""
    return {
        "taxonomies": Setting(field="taxonomies", type=FrozenDict[str, str], form=forms.taxonomies),
        "permalinks": Setting(
            field="permalinks", type=tuple[PermalinkRule, ...], form=permalinks(environment)
        ),
        "outputs": Setting(field="outputs", type=FrozenDict[str, _Names], form=forms.outputs),
        "menus": Setting(field="menus", type=FrozenDict[str, tuple[MenuItem, ...]], form=forms.menus),
        "contentSecuritySources": Setting(
            field="content_security_sources",
            type=FrozenDict[str, _Names],
            form=security_forms.source_lists,
            check=security_forms.check_sources,
        ),
        "cascade": Setting(field="cascade", type=tuple[_Data, ...], form=forms.cascade),
        "frontmatter": Setting(
            field="frontmatter_dates", type=FrozenDict[str, _Names], form=forms.date_sources
        ),
        "related": Setting(field="related", type=Related, form=related_forms.related),
        "sitemap.priority": Setting(field="sitemap.priority", type=float),
        **{
            f"outputFormats.{name}.baseName": Setting(
                field=f"feed_names.{name}", type=str, check=_file_name, lenient=forms.dropped
            )
            for name in ("rss", "atom", "jsonfeed")
        },
        "check": Setting(field="check", type=_Data, form=forms.lower_keys),
        "params": Setting(field="params", type=_Data, form=forms.lower_keys),
        "execute": Setting(field="execute", type=_Data, form=forms.execute),
    }


def _markup_settings() -> dict[str, Setting]:
    extensions = "markup.goldmark.extensions"
    pairs = tuple[tuple[str, str], ...]
    return {
        "markup.highlight.lineNos": Setting(
            field="highlight.line_numbers", type=bool | Literal["table", "inline"], form=forms.line_numbers
        ),
        "pygmentsOptions": Setting(
            field="highlight.pygments_options", type=_Data, form=forms.pygments_options
        ),
        "markup.goldmark.parser.autoIDType": Setting(
            field="markup.heading_id_type",
            type=Literal["github", "github-ascii", "blackfriday"],
            form=forms.lower_text,
            lenient=forms.dropped,
        ),
        f"{extensions}.typographer.disable": Setting(
            field="markup.typographer", type=bool, check=lambda disable: not disable
        ),
        **{
            f"{extensions}.typographer.{sign}": Setting(field=f"markup.signs.{sign.lower()}", type=str)
            for sign in _SIGNS
        },
        **{
            f"{extensions}.passthrough.delimiters.{where}": Setting(
                field=f"markup.{where}_delimiters", type=pairs, form=forms.delimiters
            )
            for where in ("block", "inline")
        },
    }


def _image_settings() -> dict[str, Setting]:
    return {
        "images.formats": Setting(
            field="images.formats", type=tuple[Literal["avif", "webp"], ...], form=forms.as_list
        ),
        "images.widths": Setting(field="images.widths", type=tuple[int, ...], check=_widths),
        "images.quality": Setting(field="images.quality", type=int, check=_quality),
        "images.lqip": Setting(field="images.lqip", type=bool),
        "images.zoom": Setting(field="images.zoom", type=bool),
        "images.metadata": Setting(field="images.metadata", type=Literal["strip", "keep"]),
        "images.sanitizeSVG": Setting(field="images.sanitize_svg", type=bool),
        "images.remote": Setting(field="images.remote", type=Literal["link", "copy"]),
        "images.remoteDays": Setting(field="images.remote_days", type=int, check=_at_least(0)),
    }


def _diagram_settings() -> dict[str, Setting]:
    return {
        "diagrams.mermaid": Setting(field="diagrams.mermaid", type=Literal["auto", "browser", "code"]),
        "diagrams.graphviz": Setting(field="diagrams.graphviz", type=Literal["auto", "code"]),
        "diagrams.timeout": Setting(field="diagrams.timeout_s", type=int, check=_at_least(1)),
    }


def _budget_settings() -> dict[str, Setting]:
    return {
        f"budget.{title}": Setting(field=f"budget.{field}", type=object, check=check)
        for title, (field, check) in LIMITS.items()
    }


def base_url(value: str) -> str:
    """The base URL with a trailing slash.

    Raises:
        FormError: it is neither absolute nor a path.
    """
    url = value.strip()
    if url in {"", "/"}:
        return "/"
    is_path = url.startswith("/") and not url.startswith("//")
    if not is_path and not re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#]", url):
        raise FormError(
            (), f"`{value}` is not a URL", "write it with its scheme, as in `https://example.org/blog/`"
        )
    if re.search(r"[?#\s]", url):
        raise FormError(
            (), f"`{value}` has a query, a fragment or a space", "write only scheme, host and path"
        )
    return url.rstrip("/") + "/"


def lenient_base_url(value: object) -> object:
    """What Hugo makes of a base URL that is none: it is put before every path as it is."""
    url = re.split(r"[?#]", str(value).strip())[0].replace(" ", "%20")
    return url.rstrip("/") + "/"


def _file_name(value: str) -> str:
    if not re.fullmatch(r"[^\s/\\.][^\s/\\]*", value):
        raise FormError((), f"`{value}` is no name of a file", "write it without folder and suffix: `feed`")
    return value


def _time_zone(value: str) -> str:
    if not value:
        return "UTC"
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise FormError(
            (), f"`{value}` is no time zone", did_you_mean(value, available_timezones() or {"UTC"})
        ) from error
    return value


def _expressions(patterns: tuple[str, ...]) -> tuple[str, ...]:
    for position, pattern in enumerate(patterns):
        try:
            re.compile(pattern)
        except re.error as error:
            raise FormError(
                (position,), f"`{pattern}` is no regular expression: {error}", "mend the expression"
            ) from error
    return patterns


def _readable_expressions(value: object) -> object:
    """The expressions that Python reads too: Go has some that it does not."""
    patterns = value if isinstance(value, (list, tuple)) else [value]
    return tuple(pattern for pattern in patterns if isinstance(pattern, str) and _is_expression(pattern))


def _is_expression(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


def _widths(value: tuple[int, ...]) -> tuple[int, ...]:
    for position, width in enumerate(value):
        if not 16 <= width <= 16_000:
            raise FormError((position,), f"`{width}` is no width of a picture", "write 16 to 16000 pixels")
    return tuple(sorted(set(value)))


def _quality(value: int) -> int:
    if not 1 <= value <= 100:
        raise FormError((), "must be from 1 to 100", "75 is usual")
    return value


def _at_least(minimum: int) -> Callable[[Any], int]:
    def check(value: int) -> int:
        if value < minimum:
            raise FormError((), f"must be at least {minimum}", f"write {minimum} or more")
        return value

    return check
