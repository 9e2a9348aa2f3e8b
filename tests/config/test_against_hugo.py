"""What the real Hugo makes of a configuration is what ours makes of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from sitegen.config import Config, load_config
from sitegen.config.values import Markup
from sitegen.content.dates import date_sources
from sitegen.frozen import thaw

Data = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Case:
    """A site of which only the configuration is given."""

    name: str
    files: Mapping[str, str]
    environ: Mapping[str, str] = field(default_factory=dict)
    environment: str = "production"
    differs: frozenset[str] = frozenset()
    """What is different on purpose here: the reason stands beside the case."""


def toml(name: str, text: str, **more: Any) -> Case:
    """A case of one hugo.toml."""
    return Case(name=name, files={"hugo.toml": text}, **more)


def yaml(name: str, text: str, **more: Any) -> Case:
    """A case of one hugo.yaml."""
    return Case(name=name, files={"hugo.yaml": text}, **more)


@pytest.fixture(scope="module")
def hugo_binary() -> str:
    """The pinned Hugo of the `dev` extra."""
    hugo = shutil.which("hugo", path=str(Path(sys.executable).parent)) or shutil.which("hugo")
    if hugo is None:
        pytest.skip("hugo is not installed (it is part of the `dev` extra)")
    return hugo


@pytest.fixture(scope="module")
def compared(
    hugo_binary: str, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[list[Case]], dict[str, dict[str, tuple[Any, Any]]]]:
    """For each case what differs: the value of Hugo, then ours."""
    folder = tmp_path_factory.mktemp("configurations")

    def compare(cases: list[Case]) -> dict[str, dict[str, tuple[Any, Any]]]:
        with ThreadPoolExecutor(2) as threads:
            found = threads.map(lambda case: _differences(case, hugo_binary, folder / case.name), cases)
            return {case.name: found for case, found in zip(cases, found, strict=True) if found}

    return compare


def _differences(case: Case, hugo: str, root: Path) -> dict[str, tuple[Any, Any]]:
    themes = {f"{folder}/a-theme/theme.toml": "" for folder in ("themes", "node_modules")}
    for name, text in {**case.files, **themes, "content/about.md": ""}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    done = subprocess.run(
        [hugo, "config", "--format", "json", "--printZero", "-e", case.environment],
        cwd=root,
        capture_output=True,
        text=True,
        env={**kept, **case.environ},
        check=False,
    )
    assert done.returncode == 0, f"{case.name}: {done.stderr}"
    config = load_config(root, environ=case.environ, environment=case.environment)
    theirs, ours = _of_hugo(json.loads(done.stdout[done.stdout.index("{") :])), _of_ours(config)
    if "unsafe" not in f"{case}".lower():
        theirs["markup"]["unsafe"] = Markup().unsafe  # on by default here, as `docs/hugo.md` says
    return {
        name: (theirs[name], ours[name])
        for name in theirs
        if theirs[name] != ours[name] and name not in case.differs
    }


def _of_hugo(found: Data) -> Data:
    highlight, markup = found["markup"]["highlight"], found["markup"]["goldmark"]
    extensions, parser, related = markup["extensions"], markup["parser"], found["related"]
    language = found["languages"][found["defaultcontentlanguage"]]
    footnote, typographer = extensions["footnote"], extensions["typographer"]
    line_numbers = highlight["linenos"]
    in_table = (
        highlight["linenumbersintable"]
        if line_numbers not in ("table", "inline")
        else line_numbers == "table"
    )
    delimiters = extensions["passthrough"]["delimiters"]
    is_math = extensions["passthrough"]["enable"]
    return {
        **{name: found[name] for name in _SAME},
        "pager": (found["pagination"]["pagersize"], found["pagination"]["path"], found["pagination"]["disablealiases"]),
        "disablekinds": sorted(_kind(kind) for kind in found["disablekinds"] or ()),
        "mainsections": found["mainsections"] or [],
        "ignorefiles": found["ignorefiles"] or [],
        "staticdir": [folder for folder in found["staticdir"] if folder],
        "reflinkserrorlevel": (found["reflinkserrorlevel"] or "error").lower(),
        "titlecasestyle": found["titlecasestyle"].lower(),
        "timezone": found["timezone"] or "UTC",
        "uglyurls": sorted(name for name, is_ugly in found["uglyurls"].items() if is_ugly) if isinstance(found["uglyurls"], dict) else found["uglyurls"] or [],
        "rss": found["services"]["rss"]["limit"],
        "taxonomies": found["taxonomies"] or {},
        "sitemap": found["sitemap"],
        "outputs": {kind: formats for kind, formats in found["outputs"].items() if kind != "rss"},
        "permalinks": sorted(_permalink(rule) for rule in found["permalinks"] or ()),
        "menus": {name: [_entry(entry) for entry in entries or ()] for name, entries in found["menus"].items()},
        "params": found["params"],
        "dates": {name: found["frontmatter"][name] for name in ("date", "lastmod", "publishdate", "expirydate")},
        "toc": found["markup"]["tableofcontents"],
        "highlight": {
            **{name: highlight[name] for name in _HIGHLIGHT},
            "linenos": bool(line_numbers) and line_numbers != "false",
            "linenumbersintable": in_table,
        },
        "related": (related["threshold"], related["includenewer"], [_index(index) for index in related["indices"] or ()]),
        "language": (found["defaultcontentlanguage"], language["title"] or found["title"], found["defaultcontentlanguageinsubdir"]),
        "markup": {
            **markup["renderer"],
            "autoheadingid": parser["autoheadingid"],
            "autoidtype": parser["autoidtype"],
            "attribute": parser["attribute"],
            "wrap": parser["wrapstandaloneimagewithinparagraph"],
            **{name: extensions[name] for name in ("definitionlist", "table", "strikethrough", "linkify", "linkifyprotocol", "tasklist")},
            "footnote": (footnote["enable"], footnote["enableautoidprefix"], footnote["backlinkhtml"] if footnote["enable"] else ""),
            "typographer": None if typographer.pop("disable") else typographer,
            "extras": sorted(name for name, extra in extensions["extras"].items() if extra["enable"]),
            "line_breaks": extensions["cjk"]["enable"] and extensions["cjk"]["eastasianlinebreaks"],
            "math": [[*pair, where] for where in ("block", "inline") for pair in delimiters[where] or ()] if is_math else [],
        },
    }  # fmt: skip


_SAME = (
    "title", "copyright", "builddrafts", "buildfuture", "buildexpired", "disablealiases", "disablepathtolower",
    "removepathaccents", "enableemoji", "enablegitinfo", "hascjklanguage", "pluralizelisttitles",
    "capitalizelisttitles", "summarylength", "sectionpagesmenu", "reflinksnotfoundurl", "contentdir", "datadir",
    "publishdir", "disablehugogeneratorinject", "relativeurls",
)  # fmt: skip
_HIGHLIGHT = (
    "codefences", "wrapperclass", "anchorlinenos", "lineanchors", "linenostart", "hl_lines", "tabwidth", "guesssyntax"
)  # fmt: skip


def _of_ours(config: Config) -> Data:
    highlight, markup, related = config.highlight, config.markup, config.related
    folder = {
        name: config.relative_to_root(getattr(config, name)).as_posix()
        for name in ("content_dir", "data_dir", "publish_dir")
    }
    signs = {**_SIGNS, **markup.typographer_signs}
    return {
        "title": config.title, "copyright": config.copyright, "builddrafts": config.build_drafts,
        "buildfuture": config.build_future, "buildexpired": config.build_expired,
        "disablealiases": config.disable_aliases, "disablepathtolower": config.disable_path_to_lower,
        "removepathaccents": config.remove_path_accents, "enableemoji": config.enable_emoji,
        "enablegitinfo": config.enable_git_info, "hascjklanguage": config.has_cjk_language,
        "pluralizelisttitles": config.pluralize_list_titles, "capitalizelisttitles": config.capitalize_list_titles,
        "summarylength": config.summary_length, "sectionpagesmenu": config.section_pages_menu,
        "reflinksnotfoundurl": config.ref_links_not_found_url, "contentdir": folder["content_dir"],
        "datadir": folder["data_dir"], "publishdir": folder["publish_dir"],
        "disablehugogeneratorinject": config.disable_generator_meta, "relativeurls": config.relative_urls,
        "pager": (config.pagination.pager_size, config.pagination.path, config.pagination.disable_aliases),
        "disablekinds": sorted(config.disable_kinds),
        "mainsections": list(config.main_sections),
        "ignorefiles": list(config.ignore_files),
        "staticdir": [config.relative_to_root(path).as_posix() for path in config.static_dirs],
        "reflinkserrorlevel": config.ref_links_error_level,
        "titlecasestyle": config.title_case_style,
        "timezone": config.time_zone,
        "uglyurls": True if config.ugly_urls else sorted(config.ugly_sections),
        "rss": config.rss_limit,
        "taxonomies": dict(config.taxonomies),
        "sitemap": {"changefreq": config.sitemap.change_frequency, "priority": config.sitemap.priority, "filename": config.sitemap.filename, "disable": config.sitemap.disable},
        "outputs": {**_OUTPUTS, **{kind: list(formats) for kind, formats in config.outputs.items()}},
        "permalinks": sorted((kind, rule.section, rule.pattern) for rule in config.permalinks for kind in rule.kinds),
        "menus": {
            name: [
                _entry({"name": item.name, "identifier": item.identifier, "pageref": item.page_ref, "url": item.url, "title": item.title, "parent": item.parent, "weight": item.weight, "pre": item.pre, "post": item.post, "params": thaw(item.params)})
                for item in items
            ]
            for name, items in config.menus.items()
        },
        "params": _plain(thaw(config.params)),
        "dates": {name: list(date_sources(config.frontmatter_dates, name)) for name in ("date", "lastmod", "publishdate", "expirydate")},
        "toc": {"startlevel": config.table_of_contents.start_level, "endlevel": config.table_of_contents.end_level, "ordered": config.table_of_contents.ordered},
        "highlight": {
            "codefences": highlight.code_fences, "wrapperclass": highlight.wrapper_class, "anchorlinenos": highlight.anchor_line_numbers,
            "lineanchors": highlight.line_anchors, "linenostart": highlight.first_line_number, "hl_lines": highlight.highlighted_lines,
            "tabwidth": highlight.tab_width, "guesssyntax": highlight.guess_syntax, "linenos": highlight.line_numbers,
            "linenumbersintable": highlight.line_numbers_in_table,
        },
        "related": (related.threshold, related.include_newer, [_index({"name": index.name, "weight": index.weight, "pattern": index.pattern, "tolower": index.to_lower, "cardinalitythreshold": index.cardinality_threshold, "applyfilter": index.apply_filter}) for index in related.indices]),
        "language": (config.default_language, config.title, config.languages_in_subdir),
        "markup": {
            "hardwraps": markup.hard_wraps, "xhtml": markup.xhtml, "unsafe": markup.unsafe,
            "autoheadingid": markup.auto_heading_ids, "autoidtype": markup.heading_id_type,
            "attribute": {"title": markup.heading_attributes, "block": markup.block_attributes},
            "wrap": markup.wrap_lone_images, "definitionlist": markup.definition_lists, "table": markup.tables,
            "strikethrough": markup.strikethrough, "linkify": markup.linkify, "linkifyprotocol": markup.linkify_protocol,
            "tasklist": markup.task_lists,
            "footnote": (markup.footnotes, markup.footnote_id_prefix, markup.footnote_backlink if markup.footnotes else ""),
            "typographer": signs if markup.typographer else None,
            "extras": sorted(markup.extras), "line_breaks": markup.east_asian_line_breaks,
            "math": [list(pair) for pair in markup.math_delimiters],
        },
    }  # fmt: skip


_SIGNS = {
    "leftsinglequote": "&lsquo;", "rightsinglequote": "&rsquo;", "leftdoublequote": "&ldquo;",
    "rightdoublequote": "&rdquo;", "endash": "&ndash;", "emdash": "&mdash;", "ellipsis": "&hellip;",
    "leftanglequote": "&laquo;", "rightanglequote": "&raquo;", "apostrophe": "&rsquo;",
}  # fmt: skip
_OUTPUTS = {
    **{kind: ["html", "rss"] for kind in ("home", "section", "taxonomy", "term")},
    "page": ["html"],
}


def _kind(kind: str) -> str:
    return kind.lower().replace("taxonomyterm", "taxonomy")


def _permalink(rule: Data) -> tuple[str, str, str]:
    path = rule["target"]["path"]
    section = "/" if path == "/*" else path.removeprefix("/{").partition(",")[0] or "*"
    return (rule["target"]["kind"], section, rule["pattern"])


def _entry(entry: Data) -> Data:
    """What a menu entry says, without what it leaves empty."""
    known = ("name", "identifier", "pageref", "url", "title", "parent", "weight", "pre", "post", "params")
    values = {name: entry[name] for name in known if entry.get(name)}
    return {name: value if name == "params" else str(value) for name, value in values.items()}


def _index(index: Data) -> tuple[Any, ...]:
    name = "fragments" if index.get("type") == "fragments" else index["name"]
    return (
        name,
        index["weight"],
        index["pattern"],
        index["tolower"],
        index["cardinalitythreshold"],
        index["applyfilter"],
    )


def _plain(value: Any) -> Any:
    """Data as JSON would give it."""
    return json.loads(json.dumps(value, default=str))


SHAPES = [
    toml("nothing", ""),
    toml(
        "documentation-in-many-languages",
        """
baseURL = "https://docs.example.org"
title = "Docs"
theme = ["a-theme"]
themesDir = "node_modules"
defaultContentLanguage = "en"
disableBrowserError = true
disableKinds = ["taxonomy"]
ignoreFiles = ["(?:^|/)OWNERS$", "README[-]+[a-z]*\\\\.md"]
timeout = "180s"
pygmentsCodeFences = true
pygmentsUseClasses = false
pygmentsStyle = "emacs"
enableGitInfo = true
disableLanguages = ["no"]
[caches.images]
dir = ":cacheDir/_images"
maxAge = -1
[markup.goldmark.extensions]
definitionList = true
typographer = false
[markup.goldmark.parser]
attribute = true
autoHeadingIDType = "blackfriday"
[markup.goldmark.renderer]
unsafe = true
[markup.highlight]
lineNos = false
hl_Lines = ""
[frontmatter]
date = ["date", ":filename", "publishDate", "lastmod"]
[permalinks]
blog = "/:section/:year/:month/:day/:slug/"
[sitemap]
priority = 0.75
[outputs]
home = ["HTML", "RSS"]
section = ["HTML"]
[services.googleAnalytics]
id = "UA-00000000-0"
[params]
version = "v1"
[[params.versions]]
version = "v1"
[params.ui.feedback]
yes = "Glad"
[languages.en]
title = "English docs"
languageName = "English"
weight = 1
languagedirection = "ltr"
[languages.en.params]
description = "In English"
[languages.bn]
title = "Bangla"
weight = 2
contentDir = "content/bn"
[languages.no]
weight = 3
""",
    ),
    yaml(
        "flow-style-and-anchors",
        """
baseURL: https://rpc.example.org/
disableKinds: [taxonomy, term]
googleAnalytics: G-1
theme: [a-theme]
languages:
  en:
    title: RPC
    languageName: English
    languageCode: en-us
params:
  repo: &repo https://git.example.org/x
  github_repo: *repo
  sizes: [300, 400.5]
  versions: {core: v1.82.0, node: "@x@1.9"}
markup:
  goldmark:
    renderer: {unsafe: true}
  tableOfContents: {startLevel: 2, endLevel: 5, ordered: true}
mediaTypes:
  text/netlify: {}
outputs:
  home: [HTML, RSS]
""",
    ),
    toml(
        "menus-of-languages-and-old-names",
        """
languageCode = "en-us"
metaDataFormat = "yaml"
title = "Mesh"
baseurl = "https://mesh.example.org/latest"
uglyURLs = false
pluralizeListTitles = false
canonifyURLs = true
buildFuture = true
disableAliases = true
staticDir = ["static", "generated"]
anchor = "smart"
[related]
threshold = 80
includeNewer = true
[[related.indices]]
name = "keywords"
weight = 150
[[related.indices]]
name = "Tags"
weight = 100.0
[languages.zh]
title = "Z"
[[languages.zh.menu.main]]
name = "Z"
[languages.en]
[menu]
[[menu.main]]
identifier = "about"
name = "About"
weight = 1
  [[menu.main]]
  name = "Mesh"
  url = "/about/mesh"
  parent = "about"
  pre = "<i class='x'></i>"
  [menu.main.params]
  Icon = "x"
[permalinks]
case-studies = "/:slug"
[security.funcs]
getenv = ["^HUGO_"]
""",
    ),
    toml(
        "learning-platform",
        """
baseURL = "/"
title = "Flow"
enableMissingTranslationPlaceholders = true
ignoreFiles = []
[[menu.main]]
name = "Survey"
weight = -1100
post = "<br>"
[markup.goldmark.renderer]
unsafe = true
[markup.goldmark.extensions.passthrough]
enable = true
[markup.goldmark.extensions.passthrough.delimiters]
block = [['\\\\[', '\\\\]'], ['$$', '$$']]
inline = [['\\\\(', '\\\\)']]
[markup.highlight]
noClasses = false
guessSyntax = "true"
[imaging]
quality = 75
[params.drawio]
enable = true
""",
    ),
    yaml(
        "case-of-keys-and-related",
        """
title                   : "Agency"
baseURL                 : "/"
MetaDataFormat          : "yaml"
DefaultContentLanguage  : "en"
SectionPagesMenu        : "main"
preserveTaxonomyNames   : true
enableEmoji             : true
ignoreFiles:
  - "^_template"
  - "content/_tmp/*"
sitemap:
  changefreq            : "daily"
  priority              : "1"
taxonomies:
  topic                 : "topics"
  Author                : "authors"
refLinksNotFoundURL: https://agency.example.org/
permalinks:
  news                 : ":year/:month/:day/:slug/"
related:
  threshold: 100
  includeNewer: true
  indices:
  - name: topics
    weight: 100
menu:
  primary:
    - Name            : "News"
      Identifier      : "news"
      URL             : "/news/"
      Weight          : 1
outputs:
  taxonomy: [HTML, RSS]
""",
    ),
    toml(
        "personal-blog",
        """
baseURL = "https://me.example.org/"
theme = 'a-theme'
title = "★ me ★"
author = "Me"
languageCode = "en-US"
rssLimit = 20
enableRobotsTXT = true
ignoreErrors = ["error-disable-taxonomy"]
disableKinds = ["taxonomy"]
[permalinks]
blog = '/:year/:month/:day/:slug/'
[Social]
twitter = "me"
[params]
images = ["images/a.png"]
dateFormat = "Jan 1 2006"
""",
    ),
    yaml(
        "menu-in-a-language-with-taxonomies",
        """
title: Paper
theme: [a-theme]
enableInlineShortcodes: true
mainsections: ["posts", "papers"]
minify:
  disableXML: true
languages:
  en:
    languageName: "English"
    weight: 1
    taxonomies:
      category: categories
      tag: tags
      series: series
    menu:
      main:
        - name: Archive
          url: archives
          weight: 5
  fr:
    languageName: ":fr:"
    weight: 2
    title: PaperL2
    taxonomies:
      category: FRcategories
    params:
      languageAltTitle: French
outputs:
  home: [HTML, RSS, JSON]
params:
  env: production
  homeInfoParams:
    Title: "Hi \\U0001F44B"
    Content: >
      Welcome

      - **to** this
services:
  instagram: {disableInlineCSS: true}
""",
    ),
    yaml(
        "empty-values",
        """
baseurl: https://example.com
title: Example
googleAnalytics:
permalinks:
    post: /p/:slug/
    page: /:slug/
params:
    mainSections:
        - post
    favicon:
    footer:
        since: 2020
menu:
    main: []
    social:
        - identifier: github
          name: GitHub
          url: https://git.example.org
          params:
              icon: brand
related:
    includeNewer: true
    threshold: 60
    indices:
        - name: tags
          weight: 100
markup:
    goldmark:
        renderer:
            unsafe: false
    tableOfContents:
        endLevel: 4
        ordered: true
    highlight:
        lineNos: true
        lineNumbersInTable: true
        tabWidth: 8
""",
    ),
    toml(
        "lasting-cascades-and-front-matter",
        """
title = "H"
timeZone = "Europe/Oslo"
ignoreLogs = ['warning']
[[cascade]]
[cascade.params]
show = true
[cascade.target]
kind = 'page'
path = '{/news/**}'
[frontmatter]
date = ['date']
expiryDate = ['expirydate']
lastmod = [':git', 'Lastmod', ':fileModTime', ':default']
publishDate = 'publishdate'
[markup.goldmark.extensions.typographer]
disable = false
emDash = "&#8212;"
ellipsis = ""
[markup.goldmark.parser]
wrapStandAloneImageWithinParagraph = false
[markup.goldmark.parser.attribute]
block = true
[markup.highlight]
lineNumbersInTable = false
wrapperClass = 'highlight not-prose'
[related]
threshold = 80
toLower = true
[[related.indices]]
name = 'keywords'
weight = 1
[[related.indices]]
name = 'fragmentrefs'
type = 'fragments'
applyFilter = true
weight = 10
[taxonomies]
category = 'categories'
[[menus.global]]
name = 'News'
pageRef = '/news/'
""",
    ),
    toml(
        "sections-with-ugly-urls",
        """
timezone = "America/Los_Angeles"
disableKinds = ["taxonomy", "taxonomyTerm"]
[uglyURLs]
post = true
[markup.goldmark.parser]
autoHeadingIDType = "blackfriday"
[outputFormats.RSS]
baseName = "feed"
""",
    ),
    toml(
        "academic-site",
        """
title = "Lab"
relativeURLs = true
hasCJKLanguage = true
removePathAccents = true
summaryLength = 30
footnotereturnlinkcontents = "<sup>^</sup>"
ignoreFiles = ["\\\\.ipynb$", ".ipynb_checkpoints$", "\\\\.Rmd$", "_files$", "_cache$"]
[permalinks]
authors = "/author/:slug/"
publication_types = "/publication-type/:slug/"
[markup]
defaultMarkdownHandler = "goldmark"
[markup.highlight]
codeFences = false
[taxonomies]
publication_type = "publication_types"
author = "authors"
[related]
threshold = 80.0
[[related.indices]]
name = "title"
weight = 60.0
""",
    ),
    toml(
        "extras",
        """
[services.rss]
limit = 20
[markup.goldmark.extensions.extras]
delete.enable = true
insert.enable = true
subscript.enable = false
superscript.enable = "true"
[markup.goldmark.extensions.cjk]
enable = true
eastAsianLineBreaks = true
[markup.goldmark.extensions.footnote]
enableAutoIDPrefix = true
backLinkHTML = "up"
[markup.goldmark.extensions]
linkify = false
linkifyProtocol = "http"
taskList = false
table = false
strikethrough = false
[markup.goldmark.renderer]
hardWraps = true
xhtml = true
unsafe = true
""",
    ),
    yaml(
        "short-forms",
        """
markup:
  goldmark:
    parser: {attribute: false, autoHeadingID: false, autoIDType: github-ascii}
    extensions: {footnote: false, typographer: true}
""",
    ),
    toml("pygments", 'pygmentsOptions = "linenos=inline,hl_lines=2-3,linenostart=4"\npygmentsCodefencesGuessSyntax = true\n'),
    toml("line-numbers-in-words", '[markup.highlight]\nlineNos = "table"\nlineNumbersInTable = false\n'),
    yaml(
        "weak-types",
        """
title: 2020
copyright: 1.5
buildDrafts: "true"
enableEmoji: 1
summaryLength: "9"
pagination: {pagerSize: "4", path: seite}
mainSections: posts
disableKinds: rss
outputs: {home: html, Section: [html]}
sitemap: {priority: "0.5", filename: s.xml, disable: 0}
menus:
  main:
    - {name: 3, weight: "3", title: 2020}
taxonomies: {x: 3, y: }
titleCaseStyle: Chicago
refLinksErrorLevel: WARNING
""",
    ),
    yaml("plain-text-of-yaml-1.2", "title: No\ncopyright: on\nparams:\n  a: yes\n  b: 12:30:00\n  c: 2020-01-01\n  d: 1_000\n  e: 0o14\n"),
    yaml("first-document-alone", "---\ntitle: one\n---\ntitle: two\n"),
    toml("numbered-static", 'staticDir2 = "c"\nstaticDir = ["a", "b"]\nstaticDir0 = ["z"]\n'),
    toml("old-name-of-taxonomies", '[indexes]\nseries = "series"\n'),
    toml("params-name-main-sections", 'mainSections = ["a"]\n[params]\nmainSections = ["b"]\n'),
]  # fmt: skip
"""Configurations of public sites of all kinds, their shapes in our words."""

LAYERS = [
    Case(
        name="folder-over-root",
        files={
            "hugo.toml": 'title = "r"\ncopyright = "c"\n[params]\na = 1\n[params.d]\nx = 1\nz = [1, 2]\n[taxonomies]\na = "as"\n',
            "config/_default/hugo.toml": 'title = "d"\n',
            "config/_default/params.yaml": "b: 2\nd: {y: 2, z: [3]}\n",
            "config/_default/taxonomies.json": '{"b": "bs"}',
            "config/_default/sub/folder/permalinks.yaml": "posts: /:year/\n",
            "config/_default/markup.toml": "[goldmark.renderer]\nunsafe = true\n",
            "config/_default/readme.md": "# none of it\n",
            "config/production/params.toml": "[d]\nx = 9\n",
            "config/staging/params.toml": "[d]\nx = 10\n",
        },
    ),
    Case(
        name="another-environment",
        files={"config/_default/config.yaml": "title: d\n", "config/staging/hugo.toml": 'title = "s"\n'},
        environment="staging",
    ),
    Case(name="environment-alone", files={"config/staging/hugo.toml": 'title = "s"\n'}, environment="staging"),
    Case(name="two-root-files-of-a-folder", files={"config/_default/config.toml": 'title = "c"\ncopyright = "c"\n', "config/_default/hugo.toml": 'title = "h"\n'}),
    Case(
        name="older-name-loses", files={"hugo.toml": 'title = "h"\n', "config.toml": 'title = "c"\ncopyright = "c"\n'}
    ),
    Case(name="folder-for-other-things", files={"hugo.toml": 'title = "h"\n', "config/webpack.json": "{ // no\n", "config/_default/notes.txt": "x"}),
    Case(
        name="language-files",
        files={
            "config/_default/languages.yaml": "zh:\n  title: Z\n  weight: 1\nen:\n  title: E\n  locale: en-gb\n",
            "config/_default/params.en.toml": "q = 1\n",
            "config/_default/params.toml": "z = 1\n",
            "config/_default/menus.en.toml": '[[main]]\nname = "a"\npageRef = "/a"\n',
            "config/_default/menu.toml": '[[main]]\nname = "r"\n',
        },
    ),
    Case(
        name="files-with-their-own-name-as-only-key",
        files={
            "config/_default/permalinks.yaml": "permalinks:\n  - target: {path: '/{books,books/**}', kind: page}\n    pattern: /shelf/:slug/\n",
            "config/_default/params.toml": "[params]\nx = 1\n",
            "config/_default/params.en.toml": "[params]\ny = 2\n",
            "config/_default/menu.toml": "[[menu.main]]\nname = 'A'\nurl = '/a/'\n",
            "config/_default/taxonomies.toml": "[taxonomies]\ntopic = 'topics'\n",
            "config/_default/markup.toml": "[markup.goldmark.renderer]\nhardWraps = true\n",
        },
    ),
    toml("setting-below-taxonomies", "[taxonomies]\ntag = 'tags'\ndisableKinds = ['rss']\n"),
    toml("related-headings-without-a-name", "[related]\n[[related.indices]]\ntype = 'fragments'\nweight = 10\n", differs=frozenset({"related"})),
    Case(name="file-of-a-language", files={"config/_default/hugo.en.toml": 'title = "en"\n[params]\nx = 1\n', "hugo.toml": 'title = "z"\n'}),
    toml("menu-and-menus", '[[menu.main]]\nname = "a"\n[[menus.main]]\nname = "c"\n'),
    toml(
        "tables-of-a-language",
        'title = "z"\ndefaultContentLanguage = "zh"\nsummaryLength = 5\ndisableKinds = ["rss"]\n[taxonomies]\ntag = "tags"\n'
        '[permalinks]\nposts = "/p/"\n[pagination]\npagerSize = 3\n[outputs]\nhome = ["html"]\n[sitemap]\npriority = 0.5\n'
        '[params]\na = 1\n[params.d]\nx = 1\n[menus]\nmain = [{name = "r"}]\n[languages.en]\nweight = 1\n'
        "[markup.goldmark.renderer]\nhardWraps = true\n[languages.zh]\nweight = 2\nsummaryLength = 9\n"
        'disableKinds = ["term"]\ntimeZone = "Asia/Tokyo"\nhasCJKLanguage = true\ncopyright = "C"\nstaticDir = ["s"]\n'
        '[languages.zh.taxonomies]\ncat = "cats"\ntag = "tags"\n[languages.zh.permalinks]\ndocs = "/d/"\n[languages.zh.pagination]\npath = "zz"\n'
        '[languages.zh.markup.goldmark.renderer]\nxhtml = true\n[languages.zh.outputs]\npage = ["html"]\n'
        '[languages.zh.sitemap]\nchangefreq = "daily"\n[languages.zh.params]\na = 2\n[languages.zh.params.d]\ny = 2\n'
        '[languages.zh.menus]\nfoot = [{name = "f"}]\n',
    ),
    toml(
        "merge-keys",
        '_merge = "deep"\n[params]\n_merge = "none"\na = 1\n[menus]\nmain = [{name = "y"}]\n[languages.en.menus]\n_merge = "deep"\n'
        'foot = [{name = "x"}]\n[languages.en.params]\n_merge = "shallow"\nb = 2\n',
    ),
    toml("only-another-language", '[languages.fr]\ntitle = "fr"\n'),
    toml("language-by-weight", '[languages.fr]\nweight = 2\n[languages.de]\ntitle = "d"\nweight = 1\n[languages.a]\n'),
    toml("english-before-weight", '[languages.fr]\nweight = 1\n[languages.en]\ntitle = "e"\nweight = 2\n'),
    toml("english-disabled", 'disableLanguages = ["en"]\n[languages.fr]\ntitle = "f"\n[languages.en]\ntitle = "e"\n'),
    toml("case-of-a-language", 'defaultContentLanguage = "zh-CN"\n[languages.zh-CN]\ntitle = "x"\n[languages.EN]\n'),
    toml("language-without-a-table", 'title = "t"\ndefaultContentLanguage = "de"\ndefaultContentLanguageInSubdir = true\n'),
    toml(
        "variables",
        'title = "t"\nignoreFiles = ["a"]\n[params]\nn = 1\ns = "a"\nb = true\nl = ["x"]\nm = {q = 1}\n',
        environ={
            "HUGO_TITLE": "5", "HUGO_PARAMS_N": "7", "HUGO_PARAMS_S": "8", "HUGO_PARAMS_B": "false", "HUGO_PARAMS_L": "[a, 1]",
            "HUGO_PARAMS_M": '{"r": 2}', "HUGO_PARAMS_NEW": "10", "HUGO_PARAMS_DEEP_X": "true", "HUGOxPARAMSxAPI_KEY": "k",
            "HUGO_DISABLEKINDS": "rss sitemap", "HUGO_IGNOREFILES": '["b", "c"]', "HUGO_PAGINATION_PAGERSIZE": "4",
            "HUGO_OUTPUTS_HOME": "html", "HUGO_BUILDDRAFTS": "true", "HUGO_PERMALINKS_POSTS": "/x/",
            "HUGO_TAXONOMIES": '{"a": "as"}', "HUGO_MENUS": '{"main": [{"name": "x"}]}', "HUGO_VERSION": "0.1",
            "HUGO_MARKUP_GOLDMARK_RENDERER_UNSAFE": "false", "HUGO_MARKUP_GOLDMARK_RENDERER_HARDWRAPS": "true",
        },
    ),
]  # fmt: skip
"""What lies over what: files, folders, languages, variables."""


def test_configurations_of_public_sites(compared: Callable[[list[Case]], object]) -> None:
    """Every honoured setting of every shape has Hugo's value."""
    assert compared(SHAPES) == {}


def test_layers(compared: Callable[[list[Case]], object]) -> None:
    """Files, folders, languages and variables are laid over each other as Hugo does."""
    assert compared(LAYERS) == {}
