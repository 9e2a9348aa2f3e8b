"""The report of an import."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from sitegen.errors import SourceLocation
from sitegen.importing.report import report_text, summary_text
from sitegen.importing.values import Imported, ImportedFile, Note


def _note(kind: str, topic: str, line: int, hint: str | None = None) -> Note:
    location = SourceLocation(path=PurePosixPath("_posts/a.md"), line=line)
    return Note(kind=kind, topic=topic, message=f"{topic} stays", location=location, hint=hint)  # type: ignore[arg-type]


IMPORTED = Imported(
    files=(
        ImportedFile(path=PurePosixPath("content/a.md"), content=b""),
        ImportedFile(path=PurePosixPath("static/a.png"), content=b""),
    ),
    notes=(
        _note("converted", "highlight", 1),
        _note("look", "{% for %}", 9, "write it in a template"),
        _note("look", "{% cite %}", 3),
        _note("look", "{% cite %}", 4),
    ),
)


def test_report_groups_by_kind_and_topic_with_places() -> None:
    """What a person must do comes first, the most frequent of it before the rest; places stand by their message."""
    text = report_text(IMPORTED, generator="Jekyll", source=Path("/sites/blog"))

    assert "1 page and 1 other file." in text
    assert "/home" not in text
    assert text.index("## To look at") < text.index("### {% cite %} (2 places)") < text.index("### {% for %}")
    assert text.index("### {% for %}") < text.index("## Converted")
    assert "- {% cite %} stays: `_posts/a.md:3`, `_posts/a.md:4`" in text
    assert "Write it in a template." in text


def test_summary_counts_and_names_places() -> None:
    """The terminal gets counts, and places only of what is to be looked at."""
    text = summary_text(IMPORTED, target=Path("/new"), written=True)

    assert text.splitlines() == [
        "wrote 1 page and 1 other file to /new",
        "to look at: 3",
        "  {% cite %} (2 places)",
        "    _posts/a.md:3: {% cite %} stays",
        "    _posts/a.md:4: {% cite %} stays",
        "  {% for %} (1 place)",
        "    _posts/a.md:9: {% for %} stays",
        "converted: 1",
    ]
