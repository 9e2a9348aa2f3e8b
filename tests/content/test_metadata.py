"""Front-matter fields: lenient where the meaning is plain, an error with its line where it is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest

from sitegen.config import Config, load_config
from sitegen.content.frontmatter import split
from sitegen.content.metadata import BuildOptions, DateOrigin, PageMeta, read_meta, resolve_dates
from sitegen.errors import Diagnostic

PAGE = PurePosixPath("content/page.md")
Read = Callable[..., tuple[PageMeta, tuple[Diagnostic, ...]]]


@pytest.fixture
def config(load_site: Callable[..., Config]) -> Config:
    """The defaults."""
    return load_site({})


@pytest.fixture
def read(config: Config) -> Read:
    """Reads YAML front matter, dates resolved."""

    def read(yaml: str, name: str = "page") -> tuple[PageMeta, tuple[Diagnostic, ...]]:
        front = split(f"---\n{yaml}\n---\n".encode(), PAGE)
        meta, diagnostics = read_meta(
            front.fields, path=PAGE, lines=front.lines, nested=front.nested, config=config
        )
        return resolve_dates(meta, DateOrigin(name=name), config), front.diagnostics + diagnostics

    return read


def test_link_title_falls_back_to_title(read: Read) -> None:
    """A short title is for menus; without one the title is."""
    assert read("title: Long")[0].link_title == "Long"
    assert read("title: Long\nlinkTitle: L")[0].link_title == "L"


def test_scalars_are_text_where_text_is_wanted(read: Read) -> None:
    """A title that is a number is that number as written."""
    meta, diagnostics = read("title: 2024\ndescription: true\ntags: [2023, x]")
    assert (meta.title, meta.description, meta.terms["tags"]) == ("2024", "true", ("2023", "x"))
    assert diagnostics == ()


def test_one_tag_without_a_list(read: Read) -> None:
    """A bare text stands for a list of one."""
    assert read("tags: solo")[0].terms["tags"] == ("solo",)


def test_terms_that_are_tables_count_by_their_names(load_site: Callable[..., Config]) -> None:
    """Authors with an affiliation are terms as others are, and kept; a table without a name is told, and left out."""
    config = load_site({"sitegen.toml": '[taxonomies]\nauthor = "authors"\n'})

    def read(yaml: str) -> tuple[PageMeta, tuple[Diagnostic, ...]]:
        front = split(f"---\n{yaml}\n---\n".encode(), PAGE)
        return read_meta(front.fields, path=PAGE, lines=front.lines, nested=front.nested, config=config)

    meta, diagnostics = read("authors: [{name: Ada, affiliation: Engines}, Eve]")
    assert (meta.terms["authors"], diagnostics) == (("Ada", "Eve"), ())
    assert meta.params["authors"] == ({"name": "Ada", "affiliation": "Engines"}, "Eve")
    assert [each.code for each in read("authors: [{url: x}]")[1]] == ["SG111"]
    assert "authors" not in read("authors: [Ada]")[0].params


@pytest.mark.parametrize(
    ("yaml", "severity", "key", "place"),
    [
        ("title: [a, b]", "warning", "title", (2, 1)),
        ("title: x\nweight: heavy", "warning", "weight", (3, 1)),
        ("draft: maybe", "warning", "draft", (2, 1)),
        ("tags: [[a]]", "warning", "tags", (2, 1)),
        ("build: {list: sometimes}", "warning", "list", (2, 9)),
        ("build:\n  render: never\n  list: [x]", "error", "list", (4, 3)),
        ("params: text", "error", "params", (2, 1)),
        ("cascade: text", "error", "cascade", (2, 1)),
        ("menus:\n  main: 5", "error", "main", (3, 3)),
        ("menus: [{main: {}}]", "error", "menus", (2, 1)),
        ("x: 1\nexecute: [1]", "error", "execute", (3, 1)),
    ],
)
def test_wrong_type_is_told_at_its_key(
    read: Read, yaml: str, severity: str, key: str, place: tuple[int, int]
) -> None:
    """An error where Hugo refuses the page, a warning where it goes on; at the key's line and column."""
    _, diagnostics = read(yaml)
    assert [(found.code, found.severity) for found in diagnostics] == [("SG111", severity)]
    location = diagnostics[0].location
    assert location is not None
    assert (f"`{key}`" in diagnostics[0].message, (location.line, location.column)) == (True, place)


@pytest.mark.parametrize("key", ["title", "slug", "url", "weight", "draft", "tags", "description", "layout"])
def test_empty_list_says_nothing(read: Read, key: str) -> None:
    """`slug: []`, as blogdown writes it, is no slug, and nobody is told."""
    meta, diagnostics = read(f"{key}: []")
    assert diagnostics == ()
    assert (meta.slug, meta.weight, meta.draft, meta.url) == ("", 0, False, "")


def test_bad_date_names_the_accepted_forms(read: Read) -> None:
    """A date that cannot be read says what can."""
    meta, diagnostics = read("title: x\ndate: May 6, 2024")
    assert (meta.date, [found.code for found in diagnostics]) == (None, ["SG112"])
    assert "`2024-07-01`" in str(diagnostics[0].hint)


def test_dates_fall_back_as_in_hugo(read: Read) -> None:
    """`date` is taken from the date of publication, and the other way round."""
    meta, _ = read("pubdate: 2024-01-02\nmodified: 2024-03-04\nunpublishdate: 2030-01-01")
    assert meta.date == meta.publish_date
    assert [str(moment)[:10] for moment in (meta.date, meta.lastmod, meta.expiry_date)] == [
        "2024-01-02",
        "2024-03-04",
        "2030-01-01",
    ]


def test_lastmod_alone_is_the_date(read: Read) -> None:
    """A page with only a date of change has that date."""
    meta, _ = read("lastmod: 2024-03-04")
    assert meta.date == meta.lastmod is not None
    assert meta.publish_date == meta.date


def test_empty_date_is_none(read: Read) -> None:
    """A key without a value says nothing."""
    meta, diagnostics = read('date:\nlastmod: ""')
    assert (meta.date, diagnostics) == (None, ())


def test_published_is_the_opposite_of_draft(read: Read) -> None:
    """A boolean `published` is no date."""
    assert read("published: false")[0].draft
    assert not read("published: true")[0].draft
    assert read("published: true\ndraft: true")[0].draft


def test_unknown_keys_are_parameters(read: Read) -> None:
    """`params` lies over keys of the same name."""
    meta, _ = read("title: x\nMath: true\ncolour: red\nparams: {colour: blue, Deep: {A: 1}}")
    assert meta.params == {"math": True, "colour": "blue", "deep": {"a": 1}}


@pytest.mark.parametrize(
    ("yaml", "expected"),
    [
        ("menus: main", {"main": {}}),
        ("menu: [main, footer]", {"main": {}, "footer": {}}),
        ("menus: {main: {weight: 3}, footer: }", {"main": {"weight": 3}, "footer": {}}),
    ],
)
def test_menus(read: Read, yaml: str, expected: dict[str, object]) -> None:
    """A name, several, or entries."""
    assert read(yaml)[0].menus == expected


@pytest.mark.parametrize(
    ("yaml", "expected"),
    [
        ("build: {list: never, render: link}", BuildOptions(list="never", render="link")),
        ("build: {list: false, render: true}", BuildOptions(list="never")),
        ("_build: {publishResources: false}", BuildOptions(publish_resources=False)),
        ("headless: true", BuildOptions(list="never", render="never")),
        ("title: x", BuildOptions()),
    ],
)
def test_build_options(read: Read, yaml: str, expected: BuildOptions) -> None:
    """`build`, once `_build`, with Hugo's words and booleans; `headless` is short for both."""
    assert read(yaml)[0].build == expected


def test_execute_is_kept_as_written(read: Read) -> None:
    """Its keys have hyphens; the author's own names keep their case."""
    meta, _ = read("execute: {fig_width: 6, parameters: {Learning_Rate: 0.1}}")
    assert meta.execute == {"fig-width": 6, "parameters": {"Learning_Rate": 0.1}}
    assert read("execute: true")[0].execute is True
    assert read("title: x")[0].execute is None


def test_weights_in_taxonomies(read: Read) -> None:
    """`tags_weight` orders a page within its tags."""
    assert read("tags: [a]\ntags_weight: 7")[0].term_weights == {"tags": 7}


def test_slug_has_no_hyphens_at_its_ends(read: Read) -> None:
    """As in Hugo."""
    assert read("slug: -a-b-")[0].slug == "a-b"


def test_date_and_slug_of_a_file_name(tmp_path: Path) -> None:
    """With `:filename` first, the name gives the date and, behind it, the slug."""
    (tmp_path / "sitegen.toml").write_text('[frontmatter]\ndate = [":filename", ":default"]\n')
    config = load_config(tmp_path, environ={})
    meta = resolve_dates(PageMeta(), DateOrigin(name="2024-07-04-Some Post"), config)
    assert (str(meta.date)[:10], meta.slug) == ("2024-07-04", "Some Post")
    assert resolve_dates(PageMeta(slug="own"), DateOrigin(name="2024-07-04-x"), config).slug == "own"


def test_date_from_a_parameter(tmp_path: Path) -> None:
    """`[frontmatter]` may name any key."""
    (tmp_path / "sitegen.toml").write_text('[frontmatter]\ndate = ["written", ":default"]\n')
    config = load_config(tmp_path, environ={})
    front = split(b"---\nwritten: 2020-02-02\ndate: 2024-01-01\n---\n", PAGE)
    meta, _ = read_meta(front.fields, path=PAGE, lines=front.lines, config=config)
    assert str(resolve_dates(meta, DateOrigin(), config).date)[:10] == "2020-02-02"
