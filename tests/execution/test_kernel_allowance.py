"""What of a cell's outputs may still be sent, counted without a kernel."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from sitegen.execution.kernel_side import allowance

STDOUT = SimpleNamespace(name="stdout")


def _cell(text: int = 10, displays: int = 2) -> Any:
    return allowance.Cell("request", text, displays)


def _display(name: str | None = None, *, update: bool = False) -> dict[str, Any]:
    return {"transient": {"display_id": name}, "update": update}


@pytest.mark.parametrize(
    ("pieces", "length"),
    [
        (["abc\n", "de"], 6),
        (["50%", "\r100%"], 4),
        (["abc\r\n", "d"], 5),
        (["abc\r"], 3),
        (["a: 1\nb: 22", "\r\x1b[1A", "a: 3\nb: 4"], 9),
        (["x" * 5 + "\n"] * 200, 1200),
    ],
)
def test_only_what_is_left_counts(pieces: list[str], length: int) -> None:
    """Lines that are drawn again give back what was there; line ends of Windows do not."""
    written = allowance.Written()
    assert sum(written.add(piece) for piece in pieces) == length


def test_text_is_kept_up_to_the_limit() -> None:
    """The piece that passes the limit is kept in part, later ones are only counted."""
    cell = _cell()
    kept = [cell.take_text(STDOUT, text) for text in ("12345678", "90ab", "cd")]
    assert kept == ["12345678", "90", ""]
    assert cell.cuts["text"]["count"] == 4


def test_clearing_beyond_the_limit_waits() -> None:
    """What comes after it waits for the cell's end, with all of the limit, and nothing counts as lost."""
    cell = _cell()
    cell.take_text(STDOUT, "x" * 100)
    is_sent = cell.clear()
    assert not is_sent
    assert cell.take_text(STDOUT, "last") == ""
    assert (cell.waiting, cell.cuts) == ([(STDOUT, "last")], {})


def test_updates_beyond_the_limit_wait_and_displays_are_counted() -> None:
    """The last update of each display is kept; a new display is left out."""
    cell = _cell()
    sent = [cell.take_display(1, (number,), _display("a", update=number > 0)) for number in range(4)]
    sent.append(cell.take_display(1, ("new",), _display("b")))
    assert sent == [True, True, False, False, False]
    assert list(cell.updates.values()) == [((3,), _display("a", update=True))]
    assert cell.cuts["displays"]["count"] == 1


def test_size_is_about_that_of_its_json() -> None:
    """Texts count by their length, lists of numbers without being gone through."""
    assert allowance.size({"a": "x" * 10, "b": [1.5] * 1000}) == 8012
