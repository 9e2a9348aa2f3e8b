"""Who wrote a page, by its front matter and where `authors` is a taxonomy."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from sitegen.rendering.authors import PageAuthor, people_of


def page(**fields: Any) -> Any:
    """As much of a page as is asked for."""
    return cast("Any", SimpleNamespace(**{"params": {}, "terms": {}, **fields}))


def test_a_term_keeps_what_the_front_matter_says_of_its_author() -> None:
    """Affiliation and ORCID stay where `authors` is a taxonomy; the address is the author's own, else the term's."""
    said = (
        {"name": "Ada", "affiliation": "Engines", "orcid": "0000-0001"},
        {"name": "Eve", "url": "https://eve.example/"},
        "Bob",
    )
    terms = [SimpleNamespace(title=name, url=f"/authors/{name.lower()}/") for name in ("Ada", "Eve", "Bob")]
    assert people_of(page(params={"authors": said}, terms={"authors": terms})) == (
        PageAuthor("Ada", "/authors/ada/", "Engines", "0000-0001"),
        PageAuthor("Eve", "https://eve.example/"),
        PageAuthor("Bob", "/authors/bob/"),
    )


def test_an_orcid_is_its_digits() -> None:
    """However its address is written."""
    said = [{"name": "A", "orcid": f"{start}0000-0001"} for start in ("", "https://orcid.org/", "orcid.org/")]
    assert {person.orcid for person in people_of(page(params={"authors": said}))} == {"0000-0001"}
