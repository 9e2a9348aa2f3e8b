"""The configuration: layers, names, types, and what is said of what is wrong."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import pytest

from sitegen.config import Author, Config, MenuItem, PermalinkRule, load_config
from sitegen.errors import ConfigError, SourceLocation
from sitegen.frozen import FrozenDict

KINDS = ("home", "page", "section", "taxonomy", "term")
NOW = datetime(2026, 1, 2, tzinfo=UTC)
Load = Callable[..., Config]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Loads a site of which only the configuration files are given, as text."""

    def load_files(
        files: Mapping[str, str] | str,
        *,
        environ: Mapping[str, str] | None = None,
        overrides: Mapping[str, object] | None = None,
        environment: str = "production",
    ) -> Config:
        named = {"sitegen.toml": files} if isinstance(files, str) else files
        for name, text in named.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        return load_config(
            tmp_path, environment=environment, overrides=overrides, environ=environ or {}, now=NOW
        )

    return load_files


def _message(error: ConfigError) -> str:
    diagnostic = error.diagnostic
    return "\n".join(
        filter(None, [str(error), diagnostic.hint and f"hint: {diagnostic.hint}", diagnostic.details])
    )


# --- defaults and layers --------------------------------------------------------------------------


def test_folder_with_content_alone_is_a_site(tmp_path: Path) -> None:
    """Without a configuration file, defaults hold; every path is absolute."""
    (tmp_path / "content").mkdir()

    config = load_config(tmp_path, environ={}, now=NOW)

    assert config == Config(
        root=tmp_path,
        now=NOW,
        content_dir=tmp_path / "content",
        notebooks_dir=tmp_path / "notebooks",
        data_dir=tmp_path / "data",
        static_dirs=(tmp_path / "static",),
        templates_dir=tmp_path / "templates",
        publish_dir=tmp_path / "public",
        results_dir=tmp_path / "results",
        state_dir=tmp_path / ".sitegen",
    )


@pytest.mark.parametrize(
    ("exists", "problem"), [(True, "there is no site here"), (False, "the folder does not")]
)
def test_folder_without_a_site_says_how_to_make_one(tmp_path: Path, exists: bool, problem: str) -> None:
    """Neither configuration nor content: SG105, with the command to run."""
    root = tmp_path if exists else tmp_path / "missing"

    with pytest.raises(ConfigError, match=f"SG105: {problem}") as caught:
        load_config(root, environ={})

    assert "`sitegen new site`" in str(caught.value.diagnostic.hint)


def test_sitegen_lies_over_hugo_key_by_key(load: Load) -> None:
    """A key of sitegen.toml wins; keys that only hugo.toml has stay, in tables too."""
    config = load(
        {
            "hugo.toml": 'title = "H"\ncopyright = "H"\n[pagination]\npagerSize = 3\npath = "p"\n'
            '[params]\na = 1\n[params.deep]\nx = 1\ny = 1\n[taxonomies]\ntopic = "topics"\n',
            "sitegen.toml": 'title = "S"\n[pagination]\npagerSize = 4\n[params.deep]\ny = 2\n',
        }
    )

    assert (config.title, config.copyright) == ("S", "H")
    assert (config.pagination.pager_size, config.pagination.path) == (4, "p")
    assert config.params == {"a": 1, "deep": {"x": 1, "y": 2}}
    assert config.taxonomies == {"topic": "topics"}


def test_environment_lies_over_files_and_flags_over_all(load: Load) -> None:
    """Files < HUGO_ < SITEGEN_ < flags."""
    text = 'baseURL = "https://file.org/"\ntitle = "file"\ncopyright = "file"\nsummaryLength = 1\n'
    environ = {"HUGO_BASEURL": "https://hugo.org/", "HUGO_TITLE": "hugo", "SITEGEN_TITLE": "own"}

    config = load(
        text, environ=environ | {"SITEGEN_SUMMARYLENGTH": "5"}, overrides={"summary_length": 9, "title": None}
    )

    assert (config.base_url, config.title, config.copyright) == ("https://hugo.org/", "own", "file")
    assert config.summary_length == 9


def test_environment_names_nested_settings(load: Load) -> None:
    """`_` parts tables and words alike; values become what the setting is; other variables are not ours."""
    config = load(
        '[params]\nVersion = "1"\n[execute.parameters]\nLR = 1\n',
        environ={
            "SITEGEN_BUILD_DRAFTS": "true",
            "SITEGEN_PAGINATION_PAGERSIZE": "3",
            "HUGO_PAGINATE": "2",
            "SITEGEN_STATICDIR": "a, b",
            "SITEGEN_PARAMS_FOO": "10",
            "HUGO_PARAMS_VERSION": "2",
            "HUGO_PARAMS_DEEP_RELEASE": "1.10",
            "HUGOxPARAMSxAPI_KEY": "k",
            "SITEGEN_EXECUTE_PROFILE": "smoke",
            "SITEGEN_EXECUTE_PAGE_TIMEOUT": "30",
            "SITEGEN_EXECUTE_PARAMETERS_LR": "0.5",
            "SITEGEN_REQUIRE_TOOLS": "1",
            "HUGO_VERSION": "0.168.0",
            "HUGO": "x",
        },
    )

    assert (config.build_drafts, config.pagination.pager_size) == (True, 3)
    assert [path.name for path in config.static_dirs] == ["a", "b"]
    assert config.params == {"version": "2", "foo": 10, "deep": {"release": "1.10"}, "api_key": "k"}
    assert config.execute == {"parameters": {"LR": 0.5}, "profile": "smoke", "page-timeout": 30}


def test_flags_are_laid_over_tables(load: Load) -> None:
    """`execute` and `params` are merged; folders are relative to the site."""
    config = load(
        "[execute]\nseed = 1\n",
        overrides={"execute": {"profile": "smoke"}, "publish_dir": "out/x", "base_url": "/blog"},
    )

    assert config.execute == {"seed": 1, "profile": "smoke"}
    assert config.publish_dir == config.root / "out/x"
    assert config.base_path == "/blog/"


def test_wrong_flag_is_said() -> None:
    """A base URL from the command line is checked as one in a file is."""
    with pytest.raises(ConfigError, match="SG103: base URL: `example` is not a URL"):
        load_config(Path(__file__).parent / "cases/..", environ={}, overrides={"base_url": "example"})


@pytest.mark.parametrize(
    "name", ["sitegen.yaml", "sitegen.yml", "sitegen.json", "hugo.yaml", "hugo.json", "config.yaml"]
)
def test_other_formats(load: Load, name: str) -> None:
    """YAML and JSON say the same, with a byte-order mark and Windows line ends too."""
    text = (
        '\ufeff{"title": "T",\r\n\t"menus": {"main": [{"name": "A"}]}}'
        if "json" in name
        else "title: T\r\nmenu:\r\n  main:\r\n    name: A\r\n"
    )

    config = load({name: text})

    assert config.title == "T"
    assert config.menus == {"main": (MenuItem(name="A"),)}


def test_older_name_is_read_only_without_the_newer(load: Load) -> None:
    """With a hugo.toml, config.toml is not read."""
    config = load({"hugo.toml": 'title = "H"\n', "config.toml": 'title = "C"\ncopyright = "C"\n'})

    assert (config.title, config.copyright) == ("H", "")


# --- names and forms ------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["baseURL", "baseurl", "base_url", "base-url", "BASE_URL"])
def test_case_and_separators_do_not_count(load: Load, key: str) -> None:
    """A key is found however it is spelt."""
    assert load(f'{key} = "https://e.org/blog"\n').base_url == "https://e.org/blog/"


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("paginate = 5", "pagination.pager_size", 5),
        ('paginatePath = "seite"', "pagination.path", "seite"),
        ("rssLimit = 7", "rss_limit", 7),
        ("[services.rss]\nlimit = 7", "rss_limit", 7),
        ('languageCode = "de"', "language", "de"),
        ('locale = "de"', "language", "de"),
        ("[markup.highlight]\nlineNos = true\ntabWidth = 4", "highlight.line_numbers", True),
        ("[markup.tableOfContents]\nendLevel = 4", "table_of_contents.end_level", 4),
        ('staticDir = "assets"', "static_dirs", ("assets",)),
        ('disableKinds = ["RSS", "taxonomy"]', "disable_kinds", ("rss", "taxonomy")),
        ('refLinksErrorLevel = "WARNING"', "ref_links_error_level", "warning"),
        ('author = "A"', "author", Author(name="A")),
        ('[author]\nname = "A"\nEmail = "a@e.org"', "author", Author(name="A", email="a@e.org")),
        ('[params.author]\nname = "A"', "author", Author(name="A")),
        ('[params]\nauthor = "A"', "author", Author(name="A")),
        ('[params]\ndescription = "D"', "description", "D"),
        ('[params]\nmainSections = ["posts"]', "main_sections", ("posts",)),
        ('mainSections = ["a"]\n[params]\nmainSections = ["posts"]', "main_sections", ("posts",)),
        ("[taxonomies]", "taxonomies", {}),
        ('[taxonomies]\nTopic = "Topics"', "taxonomies", {"topic": "topics"}),
        ('[frontmatter]\ndate = [":fileModTime", "Date"]', "frontmatter_dates", {"date": (":filemodtime", "date")}),
        ("[cascade]\n[cascade.params]\nTOC = true", "cascade", ({"params": {"toc": True}},)),
        ('[[cascade]]\ndraft = true\n[cascade._target]\npath = "/x/**"', "cascade", ({"draft": True, "target": {"path": "/x/**"}},)),
        ("[cascade.execute.parameters]\nLR = 1", "cascade", ({"execute": {"parameters": {"LR": 1}}},)),
        ("execute = true", "execute", {"enabled": True}),
        ("[execute]\nPage_Timeout = 1\n[execute.expect]\nReturn = '> 1'", "execute", {"page-timeout": 1, "expect": {"Return": "> 1"}}),
        ("[params]\nA_b = [{X = 1}]", "params", {"a_b": ({"x": 1},)}),
        ('timeZone = "Europe/Berlin"', "time_zone", "Europe/Berlin"),
        ('ignoreFiles = ["\\\\.foo$"]', "ignore_files", ("\\.foo$",)),
        ("", "rss_limit", -1),
    ],
)  # fmt: skip
def test_settings_and_their_forms(load: Load, text: str, field: str, value: object) -> None:
    """Hugo's names, today's and older ones, in each form that they may have."""
    config = load(text)

    found: object = config
    for name in field.split("."):
        found = getattr(found, name)
    if field == "static_dirs":
        found = tuple(path.name for path in config.static_dirs)
    assert found == value
    assert config.diagnostics == ()


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ('[permalinks]\nposts = "/:year/"', [("/:year/", ("page", "term"), "posts")]),
        ('[permalinks]\n"/" = "/:slug/"', [("/:slug/", ("page", "term"), "/")]),
        ('[permalinks.page]\nPosts = "/:year/"\n[permalinks.section]\nposts = "/b/"', [("/:year/", ("page",), "posts"), ("/b/", ("section",), "posts")]),
        ('[permalinks]\nposts = "/o/"\n"posts/x" = "/x/"\n[permalinks.page]\nposts = "/p/"', [("/p/", ("page",), "posts"), ("/x/", ("page", "term"), "posts/x"), ("/o/", ("page", "term"), "posts")]),
        ('[[permalinks]]\npattern = "/a/"\n[permalinks.target]\npath = "/{posts,posts/**}"', [("/a/", KINDS, "posts")]),
        ('[[permalinks]]\npattern = "/a/"\n[permalinks.target]\npath = "/posts/2020-*"\nkind = "term"', [("/a/", ("term",), "*", "/posts/2020-*")]),
        ('[[permalinks]]\npattern = "/a/"\n[permalinks.target]\nkind = "{page,section}"', [("/a/", ("page", "section"), "*")]),
        ('[[permalinks]]\npattern = "/a/"', [("/a/", KINDS, "*")]),
        ('[[permalinks]]\npattern = "/a/"\ntarget = {environment = "staging"}', []),
    ],
)  # fmt: skip
def test_permalink_forms(load: Load, text: str, rules: list[tuple[str, tuple[str, ...], str, str]]) -> None:
    """A plain string, tables by kind and the list with targets all become one list of rules."""
    expected = tuple(
        PermalinkRule(pattern=pattern, kinds=kinds, section=section, path="".join(path))
        for pattern, kinds, section, *path in rules
    )

    assert load(text).permalinks == expected


def test_menus_take_hugos_fields(load: Load) -> None:
    """`menu` and `menus`, entry by entry; params keep their values."""
    config = load(
        '[[menu.Main]]\nname = "Posts"\npageRef = "/posts"\nweight = 2\n[menu.Main.params]\nIcon = "x"\n'
        '[[menu.Main]]\nname = "About"\nurl = "/about/"\nparent = "posts"\n'
    )

    assert config.menus == {
        "main": (
            MenuItem(name="Posts", page_ref="/posts", weight=2, params=FrozenDict({"icon": "x"})),
            MenuItem(name="About", url="/about/", parent="posts"),
        )
    }


@pytest.mark.parametrize(
    ("url", "expected", "path"),
    [
        ("https://e.org", "https://e.org/", "/"),
        ("https://e.org/a/b//", "https://e.org/a/b/", "/a/b/"),
        ("/blog", "/blog/", "/blog/"),
        ("", "/", "/"),
        ("/", "/", "/"),
    ],
)
def test_base_url_ends_in_a_slash(load: Load, url: str, expected: str, path: str) -> None:
    """The base URL and its path are ready to be joined with."""
    config = load(f'baseURL = "{url}"')

    assert (config.base_url, config.base_path) == (expected, path)


def test_config_is_hashable_and_survives_pickling(load: Load) -> None:
    """It is a cache key and crosses process borders."""
    config = load('[params]\na = [1, {b = 2}]\n[[menus.main]]\nname = "x"\n[[cascade]]\ndraft = true\n')

    read = pickle.loads(pickle.dumps(config))

    assert (read, hash(read), repr(read)) == (config, hash(config), repr(config))


def test_build_time_comes_from_source_date_epoch(tmp_path: Path) -> None:
    """The variable, then the clock, give one aware time in UTC."""
    (tmp_path / "content").mkdir()

    fixed = load_config(tmp_path, environ={"SOURCE_DATE_EPOCH": "86400"})
    clock = load_config(tmp_path, environ={"SOURCE_DATE_EPOCH": ""})

    assert fixed.now == datetime(1970, 1, 2, tzinfo=UTC)
    assert clock.now.tzinfo is UTC


def test_place_of_execute_is_kept(load: Load) -> None:
    """Messages about `[execute]` can name its line."""
    config = load('title = "x"\n\n[execute]\nseed = 1\n')

    assert config.execute_location == SourceLocation(path=PurePosixPath("sitegen.toml"), line=3, column=1)


# --- what is wrong --------------------------------------------------------------------------------

WRONG = [
    (
        {"sitegen.toml": 'titel = "x"\n'},
        "sitegen.toml:1:1: error SG102: unknown configuration key `titel`\nhint: did you mean `title`?",
    ),
    (
        {"sitegen.toml": "[pagination]\n  pagesize = 3\n"},
        (
            "sitegen.toml:2:3: error SG102: unknown configuration key `pagination.pagesize`\n"
            "hint: did you mean `pagerSize`?"
        ),
    ),
    (
        {"sitegen.toml": "xyzzy = 1\n"},
        (
            "sitegen.toml:1:1: error SG102: unknown configuration key `xyzzy`\n"
            "hint: values of your own go below `[params]`: `params.xyzzy`"
        ),
    ),
    (
        {"sitegen.toml": "[[menus.main]]\nname = 'a'\n[[menus.main]]\nnmae = 'b'\n"},
        "sitegen.toml:4:1: error SG102: unknown key `nmae` in `menus`\nhint: did you mean `name`?",
    ),
    (
        {"sitegen.toml": '[[menus.main]]\nname = "a"\n[[menus.main]]\nweight = "heavy"\n'},
        (
            "sitegen.toml:4:10: error SG103: `menus.main[1].weight` must be a whole number\n"
            "hint: write it as in `10`"
        ),
    ),
    (
        {"sitegen.toml": 'pagination = {path = "p", pagerSize = "x"}\n'},
        (
            "sitegen.toml:1:39: error SG103: `pagination.pagerSize` must be a whole number\n"
            "hint: write it as in `10`"
        ),
    ),
    (
        {"sitegen.toml": 'text = """\n[x]\n"""\ntitle = 1 # """\n'},
        (
            "sitegen.toml:1:1: error SG102: unknown configuration key `text`\n"
            "hint: values of your own go below `[params]`: `params.text`\nalso wrong:\nsitegen.toml:4:9: `title` must be text"
        ),
    ),
    (
        {"sitegen.toml": "buildDrafts = 1\nsummaryLength = -1\n"},
        (
            "sitegen.toml:1:15: error SG103: `buildDrafts` must be `true` or `false`\n"
            "hint: write `true` or `false`, without quotes\n"
            "also wrong:\nsitegen.toml:2:17: `summaryLength` must be at least 0"
        ),
    ),
    (
        {"sitegen.toml": "pagination = 3\n"},
        (
            "sitegen.toml:1:14: error SG103: `pagination` must be a table\n"
            "hint: write `[pagination]` and its settings below it"
        ),
    ),
    (
        {"sitegen.toml": "params = 3\n"},
        (
            "sitegen.toml:1:10: error SG103: `params` must be a table\n"
            "hint: write `key = value` pairs below a `[table]` line"
        ),
    ),
    (
        {"sitegen.toml": "staticDir = [\n  'a',\n  1,\n]\n"},
        "sitegen.toml:3:3: error SG103: `staticDir[1]` must be text\nhint: put it in quotes",
    ),
    (
        {"sitegen.toml": "[taxonomies]\ntag = 'tags'\nx = 1\n"},
        "sitegen.toml:3:5: error SG103: `taxonomies.x` must be text\nhint: put it in quotes",
    ),
    (
        {"sitegen.toml": 'baseURL = "example.org"\n'},
        (
            "sitegen.toml:1:11: error SG103: `baseURL`: `example.org` is not a URL\n"
            "hint: write it with its scheme, as in `https://example.org/blog/`"
        ),
    ),
    (
        {"sitegen.toml": 'timeZone = "Europe/Berln"\n'},
        (
            "sitegen.toml:1:12: error SG103: `timeZone`: `Europe/Berln` is no time zone\n"
            "hint: did you mean `Europe/Berlin`?"
        ),
    ),
    (
        {"sitegen.toml": 'ignoreFiles = ["a", "("]\n'},
        (
            "sitegen.toml:1:21: error SG103: `ignoreFiles[1]`: `(` is no regular expression: "
            "missing ), unterminated subpattern at position 0\nhint: mend the expression"
        ),
    ),
    (
        {"sitegen.toml": "[permalinks.pages]\nposts = '/x/'\n"},
        (
            "sitegen.toml:1:1: error SG103: `permalinks.pages`: `pages` is no kind of page\n"
            "hint: kinds: home, page, section, taxonomy, term"
        ),
    ),
    (
        {"sitegen.toml": 'contentDir = "texts"\n'},
        (
            "sitegen.toml:1:14: error SG105: the folder `texts` that `contentDir` names does not exist\n"
            "hint: make the folder, or name another"
        ),
    ),
    (
        {"sitegen.toml": 'baseURL = "/a/"\nbase_url = "/b/"\n'},
        "sitegen.toml:2:12: error SG103: `base_url` is set twice in one file\nhint: keep one of the two",
    ),
    (
        {"sitegen.toml": 'title = "a"\nx =\n'},
        (
            "sitegen.toml:2:4: error SG101: the configuration cannot be read: invalid value\n"
            "hint: mend the TOML there; text stands in quotes"
        ),
    ),
    (
        {"sitegen.toml": 'title = "a'},
        (
            "sitegen.toml:1:11: error SG101: the configuration cannot be read: unterminated string\n"
            "hint: mend the TOML there; text stands in quotes"
        ),
    ),
    (
        {"hugo.yaml": "title: [a\nb: c\n"},
        (
            "hugo.yaml:2:2: error SG101: the configuration cannot be read: did not find expected ',' or ']'\n"
            "hint: mend the YAML there; indent with spaces"
        ),
    ),
    (
        {"hugo.yaml": "title: a\nmenus:\n  main:\n  - name: x\n    weight: y\n"},
        (
            "hugo.yaml:5:13: error SG103: `menus.main[0].weight` must be a whole number\n"
            "hint: write it as in `10`"
        ),
    ),
    (
        {"sitegen.yaml": "title: a\ntitle: b\n"},
        "sitegen.yaml:2:1: error SG103: `title` is set twice in one file\nhint: keep one of the two",
    ),
    (
        {"sitegen.yaml": "- a\n"},
        (
            "sitegen.yaml:1:1: error SG103: the file is not a table of settings\n"
            "hint: write one setting a line, such as `title = ...`"
        ),
    ),
    (
        {"sitegen.json": '{\n\t"title": 1\n}'},
        "sitegen.json:2:11: error SG103: `title` must be text\nhint: put it in quotes",
    ),
    (
        {"hugo.toml": "pygmentsOptions = {a = 1}\n"},
        (
            "hugo.toml:1:19: error SG103: `pygmentsOptions` must be text\n"
            'hint: write it as in `"linenos=table,tabwidth=2"`'
        ),
    ),
    (
        {"hugo.toml": "languages = {en = 1}\n"},
        (
            "hugo.toml:1:19: error SG103: `languages.en` must be a table\n"
            "hint: write `[languages.en]` and its settings below it"
        ),
    ),
    (
        {"hugo.yaml": "defaultContentLanguage: de\nlanguages:\n  en: {title: x}\n  fr: {}\n"},
        (
            "hugo.yaml:1:25: error SG103: `defaultContentLanguage` names `de`, which is no key below `languages`\n"
            "hint: known: `en`, `fr`"
        ),
    ),
    (
        {"sitegen.json": '{"title" 1}'},
        (
            "sitegen.json:1:10: error SG101: the configuration cannot be read: expecting ':' delimiter\n"
            "hint: mend the JSON there"
        ),
    ),
]


@pytest.mark.parametrize(("files", "expected"), WRONG)
def test_what_is_wrong_is_said_with_its_place(load: Load, files: dict[str, str], expected: str) -> None:
    """File, line, column, what is wrong and what to do; all that is wrong at once."""
    with pytest.raises(ConfigError) as caught:
        load(files)

    assert _message(caught.value) == expected


def test_wrong_environment_variable_is_named(load: Load) -> None:
    """A variable has no line, so the message has its name."""
    with pytest.raises(ConfigError) as caught:
        load("", environ={"SITEGEN_PAGINATE": "many"})

    assert str(caught.value) == "error SG103: environment variable `SITEGEN_PAGINATE` must be a whole number"


def test_wrong_source_date_epoch_is_said(tmp_path: Path) -> None:
    """A build time that is no number is an error, not the clock's time."""
    (tmp_path / "content").mkdir()

    with pytest.raises(ConfigError, match="`SOURCE_DATE_EPOCH` is `today`"):
        load_config(tmp_path, environ={"SOURCE_DATE_EPOCH": "today"})


def test_file_that_is_not_utf8(tmp_path: Path) -> None:
    """The line of the first wrong byte is named."""
    (tmp_path / "sitegen.toml").write_bytes(b'# one\ntitle = "\xe9"\n')

    with pytest.raises(ConfigError, match=r"sitegen\.toml:2:1: error SG101: .* not UTF-8 text"):
        load_config(tmp_path, environ={})


def test_hugo_settings_without_effect_are_listed_once(load: Load) -> None:
    """Of hugo.toml, what is not honoured is a warning with its line; what needs no honouring is not."""
    config = load(
        {
            "hugo.toml": 'theme = "x"\nwat = 1\ntimeout = "30s"\n[security]\nallowContent = [".*"]\n'
            "[markup.goldmark.renderer]\nunsafe = true\n[markup.goldmark.parser]\nautoDefinitionTermID = true\n"
            "[params]\nanything = true\n[[menus.main]]\nfoo = 1\n[services.disqus]\nshortname = 'x'\n"
        }
    )

    assert _warnings(config) == [
        "hugo.toml:1:1 SG104 sitegen does not honour Hugo's setting `theme`",
        "hugo.toml:2:1 SG104 unknown configuration key `wat`",
        "hugo.toml:9:1 SG104 sitegen does not honour Hugo's setting `markup.goldmark.parser.autoDefinitionTermID`",
        "hugo.toml:14:1 SG104 sitegen does not honour Hugo's setting `services.disqus`",
        "hugo.toml:13:1 SG104 unknown key `foo` in `menus`",
    ]


def _warnings(config: Config) -> list[str]:
    return [f"{found.location} {found.code} {found.message}" for found in config.diagnostics]


@pytest.mark.shared
@pytest.mark.parametrize("corpus", ["digitalgov", "etcd", "kubeflow"])
def test_configuration_of_real_sites(shared_dir: Path, corpus: str) -> None:
    """The corpora's hugo.toml loads without a word."""
    config = load_config(shared_dir / "corpora" / corpus, environ={}, now=NOW)

    assert config.build_drafts
    assert config.diagnostics == ()


@pytest.mark.parametrize(
    ("written", "folder", "url"),
    [
        ("kept", "kept", ""),
        ("s3://bucket/prefix/", "results", "s3://bucket/prefix"),
        ("memory://x", "results", "memory://x"),
    ],
)
def test_results_are_in_a_folder_or_at_a_url(tmp_path: Path, written: str, folder: str, url: str) -> None:
    """`resultsDir` names either; with a URL the folder beside holds what could not be sent."""
    (tmp_path / "sitegen.toml").write_text(f'resultsDir = "{written}"\n', encoding="utf-8")
    config = load_config(tmp_path, environ={})
    assert (config.results_dir, config.results_url) == (tmp_path / folder, url)


def test_results_at_a_file_url_are_in_a_folder(tmp_path: Path) -> None:
    """`file://` is another way to write a path; a variable wins over the file."""
    (tmp_path / "sitegen.toml").write_text('resultsDir = "s3://bucket"\n', encoding="utf-8")
    config = load_config(tmp_path, environ={"SITEGEN_RESULTSDIR": f"file://{tmp_path}/else where"})
    assert (config.results_dir, config.results_url) == (tmp_path / "else where", "")
