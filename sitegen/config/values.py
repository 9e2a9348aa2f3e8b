"""What is set for a site as a whole: the frozen Config and its parts."""

from __future__ import annotations

from dataclasses import field, replace
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Literal

from sitegen.config.words import ENGLISH, Words
from sitegen.errors import Diagnostic, SourceLocation
from sitegen.frozen import FrozenDict
from sitegen.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Pagination:
    """How lists are cut into pages."""

    pager_size: int = 10
    path: str = "page"
    disable_aliases: bool = False
    """No redirect from `/page/1/` to the list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Highlight:
    """How static code is highlighted (Hugo's `markup.highlight`)."""

    code_fences: bool = True
    line_numbers: bool = False
    line_numbers_in_table: bool = True
    first_line_number: int = 1
    """Hugo's `lineNoStart`."""
    anchor_line_numbers: bool = False
    line_anchors: str = ""
    """What the anchors of line numbers begin with."""
    highlighted_lines: str = ""
    """Hugo's `hl_Lines`: `2 4-6`, counted from the block's first line."""
    guess_syntax: bool = False
    tab_width: int = 4
    wrapper_class: str = "highlight"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableOfContents:
    """Which headings the table of contents lists (Hugo's `markup.tableOfContents`)."""

    start_level: int = 2
    end_level: int = 3
    ordered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Markup:
    """What of Markdown is read, and how it is written (Hugo's `markup.goldmark`, with our defaults)."""

    unsafe: bool = True
    """HTML in the Markdown stays; Hugo's default is to leave it out."""
    hard_wraps: bool = False
    xhtml: bool = False
    auto_heading_ids: bool = True
    heading_id_type: Literal["github", "github-ascii", "blackfriday"] = "github"
    heading_attributes: bool = True
    block_attributes: bool = False
    wrap_lone_images: bool = True
    """An image alone in a paragraph stays in `<p>`."""
    linkify: bool = True
    linkify_protocol: str = "https"
    """Of `www.example.org`."""
    tables: bool = True
    strikethrough: bool = True
    task_lists: bool = True
    definition_lists: bool = True
    words: Words = ENGLISH
    """Of the site: callouts without a title are called by their kind."""
    footnotes: bool = True
    footnote_backlink: str = "&#x21a9;&#xfe0e;"
    """HTML of the way back from a note."""
    footnote_id_prefix: bool = False
    """Ids of notes begin with the page's, so that several bodies fit on one list page."""
    typographer: bool = True
    typographer_signs: FrozenDict[str, str] = field(default_factory=FrozenDict)
    """What stands for a sign instead of its default, by Hugo's names lower-cased: `leftdoublequote`, `emdash`;
    empty: nothing is written in its place."""
    extras: frozenset[str] = frozenset()
    """Of `delete`, `insert`, `mark`, `subscript`, `superscript`."""
    east_asian_line_breaks: bool = False
    math: bool = True
    """`$x$`, `$$x$$`, and what `math_delimiters` add."""
    math_delimiters: tuple[tuple[str, str, Literal["block", "inline"]], ...] = ()
    """Opening and closing text of the passthrough extension."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedIndex:
    """One thing by which pages are found to be related."""

    name: str
    """A front-matter key, `date`, or `fragments` (headings)."""
    weight: int = 0
    pattern: str = ""
    """For dates: Go's layout of what is compared (`2006` for the year)."""
    to_lower: bool = False
    cardinality_threshold: int = 0
    """Percentage of pages above which a keyword says nothing."""
    apply_filter: bool = False
    """Whether templates of Hugo's may ask for the headings that made a page related; none of ours can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """How pages are found to be related (Hugo's `related`, its defaults)."""

    threshold: int = 80
    """0 to 100."""
    include_newer: bool = False
    to_lower: bool = False
    indices: tuple[RelatedIndex, ...] = (
        RelatedIndex(name="keywords", weight=100),
        RelatedIndex(name="date", weight=10),
        RelatedIndex(name="tags", weight=80),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitemap:
    """What every entry of the sitemap says, unless its page says otherwise."""

    change_frequency: str = ""
    priority: float = -1.0
    """Below 0: none."""
    filename: str = "sitemap.xml"
    disable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Images:
    """How pictures are published: `[images]`."""

    formats: tuple[str, ...] = ("avif", "webp")
    """In which they are offered beside their own, the one that browsers should take first; none: only their own."""
    widths: tuple[int, ...] = (480, 800, 1200, 1600, 2400)
    """Pixels; beside them twice the width of the column that a picture stands in. None is wider than the picture."""
    quality: int = 75
    """Of WebP and JPEG, 1 to 100; AVIF is written at 20 less."""
    lqip: bool = False
    """A blurred drawing of a few colours stands where a picture has not come yet."""
    zoom: bool = True
    """A picture that is larger than it is shown leads to its large form."""
    metadata: Literal["strip", "keep"] = "strip"
    """Of photographs in page bundles: place, camera, author. Colour profile and orientation stay."""
    sanitize_svg: bool = True
    """Scripts and what loads from elsewhere are taken out of the drawings of page bundles."""
    remote: Literal["link", "copy"] = "link"
    """`copy`: pictures of other sites are fetched by the build and published with the site."""
    remote_days: int = 30
    """After so many a copy is asked for again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What a page may weigh, and `[budget]`: below 0 there is no limit. Bytes are gzipped, but for pictures and figures."""

    js: int = 6_000
    """Scripts; those that draw figures and widgets aside."""
    css: int = 12_000
    html: int = -1
    images: int = -1
    """Each picture in the largest form that a browser may choose."""
    figures: int = -1
    """Scripts that draw figures and widgets, as they lie."""
    fonts: int = 0
    """Web fonts that its style sheets name."""
    requests: int = -1
    """Files: the page itself, scripts, style sheets, pictures, and what comes from other sites."""
    third_party: int = 0
    """Elements that load from other sites."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagrams:
    """How fences in Mermaid and Graphviz are shown: `[diagrams]`."""

    mermaid: Literal["auto", "browser", "code"] = "auto"
    """`auto`: drawn by the build where its tools are there, else in the reader's browser; `browser`: there always."""
    graphviz: Literal["auto", "code"] = "auto"
    timeout_s: int = 30
    """The setting is `diagrams.timeout`: of one drawing of Graphviz, and of all of a page's of Mermaid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuItem:
    """A menu entry as it is configured; Hugo's fields."""

    name: str = ""
    identifier: str = ""
    page_ref: str = ""
    url: str = ""
    title: str = ""
    parent: str = ""
    weight: int = 0
    pre: str = ""
    post: str = ""
    params: FrozenDict[str, object] = field(default_factory=FrozenDict)
    location: SourceLocation | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PermalinkRule:
    """The URL pattern of pages of a kind below a section; the first that fits wins."""

    pattern: str
    kinds: tuple[str, ...]
    section: str
    """Section or taxonomy, lower case; `/` stands for pages at the root, `*` for every page."""
    path: str = ""
    """A glob of Hugo's over the page's logical path (`/posts/2020-*`); where one is set, it alone counts."""
    at: tuple[str | int, ...] = field(default=(), compare=False)
    """The way to the pattern inside `permalinks`."""
    location: SourceLocation | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who the site is by; a neutral placeholder in a new site."""

    name: str = ""
    email: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Everything that is set for the site as a whole.

    Keys in files are Hugo's (`baseURL`, `publishDir`, ...): case, `_` and `-` do not count.
    `sitegen.toml` lies over `hugo.toml` key by key; file < environment < flags.
    """

    root: Path
    """The site's folder, absolute; every other path in here is absolute too."""
    now: datetime
    """The build's time, aware, UTC: `SOURCE_DATE_EPOCH` where set, else the clock, read once."""
    environment: str = "production"
    base_url: str = "/"
    """With a trailing slash; may have a path (`https://example.org/blog/`) or be only `/`."""
    title: str = ""
    description: str = ""
    author: Author = field(default_factory=Author)
    language: str = "en"
    """BCP 47, Hugo's `locale` (once `languageCode`)."""
    words: Words = ENGLISH
    """What readers are told in that language."""
    copyright: str = ""
    time_zone: str = "UTC"

    content_dir: Path = Path("content")
    notebooks_dir: Path = Path("notebooks")
    data_dir: Path = Path("data")
    static_dirs: tuple[Path, ...] = (Path("static"),)
    templates_dir: Path = Path("templates")
    publish_dir: Path = Path("public")
    results_dir: Path = Path("results")
    """The results store: a folder that survives `sitegen clean`; what a `results_url` could not be sent waits below it."""
    results_url: str = ""
    """The results store as an fsspec URL (`s3://bucket/prefix`), where `resultsDir` is one; empty for a folder."""
    state_dir: Path = Path(".sitegen")
    """What sitegen keeps for itself; may be deleted at any time."""

    build_drafts: bool = False
    build_future: bool = False
    build_expired: bool = False
    relative_urls: bool = False
    """Every internal link is relative and ends in `index.html`, so the site opens from `file://`."""
    ugly_urls: bool = False
    ugly_sections: tuple[str, ...] = ()
    """Top-level sections, lower case, whose pages have ugly URLs where the site's others do not."""
    disable_path_to_lower: bool = False
    remove_path_accents: bool = False
    enable_git_info: bool = False
    enable_robots_txt: bool = True
    enable_llms_txt: bool = True
    content_security_policy: bool = False
    """Each page has a policy that is made of what stands in it."""
    content_security_sources: FrozenDict[str, tuple[str, ...]] = field(default_factory=FrozenDict)
    """Directive to sources that the author adds to the policy of every page."""
    sri: bool = False
    """Scripts and style sheets of the theme carry their digests, which browsers hold them to."""
    minify: bool = False
    """Templates are compiled without the white space between tags that shows nowhere (Hugo's `minify.minifyOutput`)."""
    budget: Budget | None = None
    """What a page may weigh; None where nobody asks."""
    enable_emoji: bool = False
    disable_kinds: tuple[str, ...] = ()
    disable_aliases: bool = False
    summary_length: int = 70
    """Words, at least, of an automatic summary."""
    has_cjk_language: bool = False
    pluralize_list_titles: bool = True
    capitalize_list_titles: bool = True
    main_sections: tuple[str, ...] = ()
    bibliography: tuple[str, ...] = ()
    """`.bib` files that every page cites from: below the root, `content/` or `data/`."""
    citations: Literal["author-year", "numeric"] = "author-year"
    """How works are cited where no CSL style is named."""
    csl: str = ""
    """A CSL style: a `.csl` file of the site, from its root, or the name of one that citeproc-py has."""
    section_pages_menu: str = ""
    rss_limit: int = -1
    """Items of a feed; -1 is all."""
    feed_full_text: bool = True
    """Atom and JSON Feed carry the whole post (RSS carries the summary, as Hugo's)."""
    rss_full_text: bool = False
    """RSS carries the whole post too, as `content:encoded` beside the summary."""
    ignore_files: tuple[str, ...] = ()
    """Regular expressions over paths below `content/`."""
    ref_links_error_level: Literal["error", "warning"] = "error"
    ref_links_not_found_url: str = ""
    youtube_privacy_enhanced: bool = False
    """Videos come from `www.youtube-nocookie.com`, which sets no cookie before one is played."""
    title_case_style: Literal["ap", "chicago", "go", "firstupper", "none"] = "ap"
    """Of automatic titles."""
    disable_generator_meta: bool = False
    """Hugo's `disableHugoGeneratorInject`."""
    default_language: str = "en"
    """The key of the language that is built (`defaultContentLanguage`), whose files may be named after it
    (`post.en.md`); Hugo's `en` where none is configured."""
    other_languages: tuple[str, ...] = ()
    """Keys of the languages that are configured beside it, whose files (`post.fr.md`) are left out."""
    languages_in_subdir: bool = False
    """Hugo's `defaultContentLanguageInSubdir`: URLs begin with the default language's key."""

    taxonomies: FrozenDict[str, str] = field(
        default_factory=lambda: FrozenDict({"category": "categories", "tag": "tags"})
    )
    """Singular to plural; the plural is the front-matter key and the URL's first part."""
    permalinks: tuple[PermalinkRule, ...] = ()
    pagination: Pagination = field(default_factory=Pagination)
    highlight: Highlight = field(default_factory=Highlight)
    table_of_contents: TableOfContents = field(default_factory=TableOfContents)
    markup: Markup = field(default_factory=Markup)
    related: Related = field(default_factory=Related)
    sitemap: Sitemap = field(default_factory=Sitemap)
    images: Images = field(default_factory=Images)
    diagrams: Diagrams = field(default_factory=Diagrams)
    outputs: FrozenDict[str, tuple[str, ...]] = field(default_factory=FrozenDict)
    """Kind of page to its output formats (`html`, `rss`, `atom`, `jsonfeed`), lower-cased; a kind that is not in here has ours."""
    feed_names: FrozenDict[str, str] = field(default_factory=FrozenDict)
    """Feed's format to its file's name without the suffix, where it is not ours (`outputFormats.RSS.baseName`)."""
    front_matter_schema: Path | None = None
    """A JSON Schema that the front matter of every page is held to by `sitegen check`."""
    check: FrozenDict[str, object] = field(default_factory=FrozenDict)
    """`[check]` as written, keys lower-cased, read by `sitegen check`."""
    menus: FrozenDict[str, tuple[MenuItem, ...]] = field(default_factory=FrozenDict)
    cascade: tuple[FrozenDict[str, object], ...] = ()
    """Front matter for all pages, each table with an optional `target`; keys lower-cased."""
    frontmatter_dates: FrozenDict[str, tuple[str, ...]] = field(default_factory=FrozenDict)
    """Hugo's `[frontmatter]`: which keys give `date`, `lastmod`, `publishdate`, `expirydate`; all lower-cased,
    `:filemodtime` too."""
    params: FrozenDict[str, object] = field(default_factory=FrozenDict)
    """Free for templates; keys lower-cased."""
    execute: FrozenDict[str, object] = field(default_factory=FrozenDict)
    """`[execute]` as written (keys with `-`), checked by `content/execute_options.py`."""
    cascade_location: SourceLocation | None = None
    """Where `cascade` is written, in the file that has it last."""
    execute_location: SourceLocation | None = None
    """Where `[execute]` is written, in the file that has it last."""

    diagnostics: tuple[Diagnostic, ...] = ()
    """Warnings from loading: what of `hugo.toml` is not honoured."""

    @property
    def base_path(self) -> str:
        """The path of `base_url`, with both slashes: `/blog/` or `/`."""
        without_scheme = self.base_url.partition("//")[2] or self.base_url
        path = without_scheme.partition("/")[2].strip("/")
        return f"/{path}/" if path else "/"

    def with_clock_of(self, other: Config) -> Config:
        """The same settings at the time of `other`: to be compared."""
        return replace(self, now=other.now)

    def relative_to_root(self, path: Path) -> PurePosixPath:
        """`path` as it is named in messages: relative to the root where it lies below it."""
        below, text = f"{self.root.as_posix()}/", path.as_posix()
        if text.startswith(below):  # a third of what `relative_to` costs
            return PurePosixPath(text[len(below) :])
        try:
            return PurePosixPath(path.relative_to(self.root).as_posix())
        except ValueError:
            return PurePosixPath(path.as_posix())
