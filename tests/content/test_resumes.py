"""JSON Resume: what is read of it, and where the message about a wrong value points."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from sitegen.content.resumes import read_resume
from sitegen.errors import ContentError

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


@pytest.mark.parametrize(
    ("text", "line", "column", "said"),
    [
        ('{"basics": {"name": "A",}}', 1, 25, "not JSON"),
        ('{\n "work": {"name": "A"}\n}', 2, 10, "`work` is not a list of entries"),
        ('{"work": [\n {"name": "A"},\n {"name": "\\"B\\"",\n  "startDate": "2020-13"}]}', 4, 16, "`work.1.startDate`"),
        ('{"basics": {"name": ["A"]}}', 1, 21, "`basics.name` is not a text"),
        ('{"basics": {"profiles": [3]}}', 1, 26, "`basics.profiles.0` is not a table of fields"),
        ('{"skills": [{"keywords": "a"}]}', 1, 26, "`skills.0.keywords` is not a list of texts"),
        ("[]", 1, 1, "`the whole` is not a table"),
    ],
)  # fmt: skip
def test_wrong_value_is_told_with_its_place(text: str, line: int, column: int, said: str) -> None:
    """File, line and column of the value itself."""
    with pytest.raises(ContentError) as raised:
        read_resume(text, PATH)
    diagnostic = raised.value.diagnostic
    assert diagnostic.code == "SG128"
    assert said in diagnostic.message
    assert diagnostic.location is not None
    assert (diagnostic.location.path, diagnostic.location.line, diagnostic.location.column) == (
        PATH,
        line,
        column,
    )
