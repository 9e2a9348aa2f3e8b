"""Front matter against a JSON Schema: each error at its key."""

from __future__ import annotations

import builtins
import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.checking.conftest import CheckSite

SCHEMA = {
    "type": "object",
    "required": ["title", "date"],
    "properties": {
        "title": {"type": "string", "minLength": 3, "maxLength": 10},
        "linkTitle": {"type": "string"},
        "date": {"type": "string", "format": "date-time"},
        "draft": {"type": "boolean"},
        "tags": {"type": "array", "items": {"enum": ["rl", "llm"]}},
        "params": {"type": "object", "properties": {"depth": {"type": "integer"}}},
        "author": {"$ref": "author.json"},
    },
    "additionalProperties": False,
}
AUTHOR = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
FILES = {"schema.json": json.dumps(SCHEMA), "author.json": json.dumps(AUTHOR)}
GOOD = [
    "+++\ntitle = 'Fine'\ndate = 2030-01-01\n+++\n",
    "+++\nTitle = 'Fine'\ndate = '2030-01-01T10:00:00Z'\nlinktitle = 'x'\n+++\n",
    "---\ntitle: Fine\ndate: 2030-01-01\ntags: [rl]\nparams:\n  depth: 2\nauthor: {name: N}\n---\n",
    '{"title": "Fine", "date": "2030-01-01"}\n',
]
BAD = [
    ("+++\ntitle = 'Fine'\n+++\n", "1:1", "`date` is missing"),
    ("# No front matter\n", "1:1", "`title` is missing"),
    ("+++\ntitle = 'Fine'\ndate = 2030-01-01\ndraft = 'yes'\n+++\n", "4:1", '`draft`: `"yes"` is no boolean'),
    (
        "---\ntitle: Fine\ndate: 2030-01-01\ntags:\n- rl\n- ppo\n---\n",
        "4:1",
        '`tags[1]`: `"ppo"` is none of `"rl"`, `"llm"`',
    ),
    (
        "---\ntitle: Fine\ndate: 2030-01-01\nparams:\n  depth: deep\n---\n",
        "5:3",
        '`params.depth`: `"deep"` is no integer',
    ),
    (
        "+++\ntitle = 'Fine'\ndate = 2030-01-01\ntaggs = ['rl']\n+++\n",
        "4:1",
        "the schema does not know the key `taggs`",
    ),
    ("+++\ntitle = 'No'\ndate = 2030-01-01\n+++\n", "2:1", "`title`: it has 2 characters, shorter than 3"),
    ("---\ntitle: Fine\ndate: 2030-01-01\nauthor:\n  mail: x\n---\n", "4:1", "`author.name` is missing"),
    ('{\n  "title": "Fine",\n  "date": 1\n}\n', "3:3", "`date`: `1` is no string"),
    ("\n+++\ntitle = 'Fine'\ndate = 2030-01-01\ndraft = 1\n+++\n", "5:1", "`draft`: `1` is no boolean"),
]


def test_front_matter_that_fits(check_site: CheckSite) -> None:
    """Dates as dates and as texts, keys in any case, all three forms; list pages are held to nothing."""
    files = {f"content/{number}.md": text for number, text in enumerate(GOOD)}
    found = check_site(
        {**FILES, **files, "content/posts/_index.md": "+++\nx = 1\n+++\n"}, {"schema": "schema.json"}
    )
    assert found.said("SG715", "SG717", "SG718") == []


@pytest.mark.parametrize(("text", "place", "says"), BAD)
def test_front_matter_that_does_not_fit(check_site: CheckSite, text: str, place: str, says: str) -> None:
    """The line and column of the key, in words."""
    found = check_site({**FILES, "content/a.md": text}, {"schema": "schema.json"})
    assert (f"content/a.md:{place}", says) in list(
        zip(found.places("SG715"), found.said("SG715"), strict=True)
    )


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("+++\ntitle = 'F'\n[a]\n  [a.params]\n  depth = 'x'\n[params]\n  depth = 'deep'\n+++\n", "7:3"),
        ('{"title": "Fine", "date": "d",\n "params": {\n  "other": 1, "depth": "deep"}}\n', "3:15"),
    ],
)
def test_a_key_further_in_is_told_at_its_own_place(check_site: CheckSite, text: str, place: str) -> None:
    """Not at one of the same name elsewhere, nor at the beginning of its line."""
    found = check_site({**FILES, "content/a.md": text}, {"schema": "schema.json"})
    places = dict(zip(found.said("SG715"), found.places("SG715"), strict=True))
    assert places['`params.depth`: `"deep"` is no integer'] == f"content/a.md:{place}"


@pytest.mark.parametrize("aliases", ["self: &a [*a]\n", "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9) if n else 'x'}]\n" for n in range(30)
)])  # fmt: skip
def test_front_matter_that_cannot_be_read_is_held_to_no_schema(check_site: CheckSite, aliases: str) -> None:
    """Its error is the build's; aliases of aliases are never expanded."""
    found = check_site({**FILES, "content/a.md": f"---\n{aliases}---\n"}, {"schema": "schema.json"})
    assert found.said("SG715") == []
    assert found.places("SG110") == ["content/a.md:2"]


def test_an_unknown_key_has_the_near_one_as_its_hint(check_site: CheckSite) -> None:
    """As everywhere in sitegen."""
    text = "+++\ntitle = 'Fine'\ndate = 2030-01-01\ntaggs = ['rl']\n+++\n"
    (found,) = check_site({**FILES, "content/a.md": text}, {"schema": "schema.json"}).of("SG715")
    assert found.hint == "did you mean `tags`?"


def test_a_section_may_have_a_schema_of_its_own(check_site: CheckSite) -> None:
    """It stands in for the site's; `_index` is for list pages."""
    files = {
        "post.yaml": "required: [tags]\n",
        "list.toml": "required = ['description']\n",
        "content/a.md": "# A\n",
        "content/posts/b.md": "# B\n",
        "content/posts/_index.md": "# Posts\n",
    }
    settings = {"schemas": {"posts": "post.yaml", "_index": "list.toml"}}
    found = check_site(files, settings)
    assert found.places("SG715") == [
        "content/_index.md:1:1",
        "content/posts/_index.md:1:1",
        "content/posts/b.md:1:1",
    ]


@pytest.mark.parametrize(
    ("schema", "says"),
    [
        ("{", "cannot be read"),
        ('{"type": "nonsense"}', "no JSON Schema"),
        ('{"$ref": "https://example.org/schema.json"}', "no file of the site"),
        ('{"$ref": "../outside.json"}', "no file of the site"),
        (None, "cannot be used"),
    ],
)
def test_a_schema_that_cannot_be_used_is_one_error(
    check_site: CheckSite, schema: str | None, says: str
) -> None:
    """Told once or at each page that needs it, never a traceback; nothing is fetched."""
    files = {"content/a.md": "# A\n", **({"s.json": schema} if schema is not None else {})}
    found = check_site(files, {"schema": "s.json"})
    assert len(found.said("SG717")) == 1
    assert says in found.said("SG717")[0]


def test_without_the_extra_the_check_says_how_to_install_it(
    check_site: CheckSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A schema that is asked for and cannot be read is an error, not silence."""
    real = builtins.__import__

    def without(name: str, *arguments: Any, **named: Any) -> Any:
        if name.partition(".")[0] == "jsonschema":
            raise ImportError(name)
        return real(name, *arguments, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    (found,) = check_site({**FILES, "content/a.md": "# A\n"}, {"schema": "schema.json"}).of("SG718")
    assert found.hint == 'pip install "sitegen-ml[check]"'
