"""JSON Resume: what is read of it, and where the message about a wrong value points."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import PurePosixPath

import pytest

from sitegen.content.index import SiteIndex
from sitegen.content.json_places import Places
from sitegen.content.resumes import read_resume
from sitegen.errors import ContentError, Diagnostic

PATH = PurePosixPath("data/resume.json")


def test_sections_keep_the_order_of_the_file() -> None:
    """The author's order; empty sections and keys that the schema does not have are left out."""
    resume = read_resume(
        '{"skills": [{"name": "A", "keywords": ["b"]}], "work": [{"position": "C", "x": 1}], "awards": [], "more": 1}',
        PATH,
    )
    assert [name for name, _ in resume.sections] == ["skills", "work"]
    assert dict(resume.sections)["skills"][0] == {"name": "A", "keywords": ("b",)}
    assert dict(resume.sections)["work"][0] == {"position": "C"}


WRONG = [
    ('{\n "work": {"name": "A"}\n}', 2, 10, "`work` is not a list of entries"),
    ('{"work": [\n {"name": "A"},\n {"name": "\\"B\\"",\n  "startDate": "2020-13"}]}', 4, 16, "`work.1.startDate`"),
    ('{"awards": [{"title": "A", "date": "2021-02-29"}]}', 1, 36, "`awards.0.date` is not a date"),
    ('{"basics": {"name": ["A"]}}', 1, 21, "`basics.name` is not a text"),
    ('{"basics": {"profiles": [3]}}', 1, 26, "`basics.profiles.0` is not a table of fields"),
    ('{"basics": {"location": "Here"}}', 1, 25, "`basics.location` is not a table of fields"),
    ('{"skills": [{"keywords": "a"}]}', 1, 26, "`skills.0.keywords` is not a list of texts"),
    ("[]", 1, 1, "`the whole` is not a table"),
]  # fmt: skip


def _places(found: tuple[Diagnostic, ...]) -> list[tuple[str, int | None, int | None]]:
    return [(each.severity, each.location.line, each.location.column) for each in found if each.location]


def test_a_text_that_is_not_json_is_told_where_it_breaks() -> None:
    """There is nothing else to read in it."""
    with pytest.raises(ContentError) as raised:
        read_resume('{"basics": {"name": "A",}}', PATH)

    assert "not JSON" in raised.value.diagnostic.message
    assert _places((raised.value.diagnostic,)) == [("error", 1, 25)]


@pytest.mark.parametrize(("text", "line", "column", "said"), WRONG)
def test_wrong_value_is_told_with_its_place(text: str, line: int, column: int, said: str) -> None:
    """File, line and column of the value itself."""
    (told,) = read_resume(text, PATH).diagnostics

    assert (told.code, told.location and told.location.path) == ("SG128", PATH)
    assert _places((told,)) == [("error", line, column)]
    assert said in told.message


def test_every_wrong_value_is_told_and_the_others_are_there() -> None:
    """One slip hides no other, and no part of the CV."""
    resume = read_resume('{"basics": {"name": "A", "email": 5}, "work": [3, {"name": "B", "url": []}]}', PATH)

    assert [each.message.split("`")[1] for each in resume.diagnostics] == [
        "basics.email",
        "work.0",
        "work.1.url",
    ]
    assert dict(resume.basics) == {"name": "A"}
    assert [dict(entry) for entry in dict(resume.sections)["work"]] == [{"name": "B"}]


@pytest.mark.parametrize(
    ("text", "column", "hint"),
    [
        ('{"wrok": []}', 2, "did you mean `work`?"),
        ('{"basics": {"labl": "x"}}', 13, "did you mean `label`?"),
        ('{"basics": {"location": {"town": "x"}}}', 26, "begins with `x-`"),
        ('{"basics": {"profiles": [{"netwrok": "x"}]}}', 27, "did you mean `network`?"),
        ('{"work": [{"psition": "x"}]}', 12, "did you mean `position`?"),
        ('{"work": [], "work": []}', 14, "remove the other one"),
    ],
)
def test_key_that_the_schema_does_not_have_is_told(text: str, column: int, hint: str) -> None:
    """A warning at the key: what stands below it is shown nowhere."""
    (told,) = read_resume(text, PATH).diagnostics

    assert _places((told,)) == [("warning", 1, column)]
    assert hint in (told.hint or "")


def test_keys_of_ones_own_are_free() -> None:
    """`meta` and `$schema` are the schema's for programs; `x-...` is what nobody else reads."""
    text = '{"$schema": "s", "meta": {"theme": "x"}, "x-a": 1, "work": [{"name": "A", "x-b": {"c": 1}}]}'

    assert read_resume(text, PATH).diagnostics == ()


def test_places_are_read_once() -> None:
    """A file of four times the mistakes is read through once, too: the work is that of its length."""

    def values(count: int) -> int:
        places = Places(json.dumps({"work": [{"startDate": "soon"}] * count}))
        return len(places._values)

    assert [values(10), values(40)] == [2 + 2 * 10, 2 + 2 * 40]


def test_a_cv_is_told_with_the_index(index_site: Callable[..., SiteIndex]) -> None:
    """Once, though its file is data of the site too; where it is missing at the key that names it."""
    cv = "+++\ntype = 'cv'\n+++\n"
    broken = index_site({"content/cv.md": cv, "data/resume.json": '{"work": [}'})
    other = index_site(
        {"content/cv.md": "+++\ntype = 'cv'\nresume = 'mine.json'\n+++\n", "data/resume.json": "{}"}
    )

    assert [each.code for each in broken.diagnostics] == ["SG128"]
    assert [(str(each.location), each.message) for each in other.diagnostics] == [
        ("content/cv.md:3:11", "there is no CV `mine.json`")
    ]
