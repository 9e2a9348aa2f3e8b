"""Taxonomies and terms."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sitegen.content.document import PageKey
from sitegen.content.site import SiteIndex

Index = Callable[..., SiteIndex]


def page(**fields: object) -> str:
    """A page with these fields in its front matter."""
    return "---\n" + "".join(f"{name}: {value}\n" for name, value in fields.items()) + "---\n"


def test_spellings_of_one_term_are_merged(index_site: Index) -> None:
    """By path, case does not count; the first spelling in the order of paths names the term."""
    index = index_site(
        {"content/a.md": page(tags="[Machine Learning]"), "content/b.md": page(tags="[machine-learning]")}
    )
    term = index.pages[PageKey("/tags/machine-learning")]
    assert (term.title, term.url, term.kind, term.term) == (
        "Machine Learning",
        "/tags/machine-learning/",
        "term",
        "machine-learning",
    )
    assert index.children[term.key] == ("/a", "/b")


@pytest.mark.parametrize(
    ("tag", "key", "url"),
    [
        ("C++", "/tags/c++", "/tags/c++/"),
        ("a/b", "/tags/a/b", "/tags/a/b/"),
        ("R&D", "/tags/rd", "/tags/rd/"),
        ("C#", "/tags/c#", "/tags/c%23/"),
        ("日本語", "/tags/日本語", "/tags/%E6%97%A5%E6%9C%AC%E8%AA%9E/"),
        ("../../etc", "/tags/etc", "/tags/etc/"),
    ],
)
def test_paths_of_terms(index_site: Index, tag: str, key: str, url: str) -> None:
    """A term's path is sanitised and stays below its taxonomy."""
    index = index_site({"content/a.md": page(tags=f"['{tag}']")})
    assert index.page_terms[PageKey("/a")] == (key,)
    assert (index.pages[PageKey(key)].url, index.pages[PageKey(key)].parent) == (url, "/tags")


def test_term_without_letters_is_none(index_site: Index) -> None:
    """A tag that leaves no path is passed over."""
    assert index_site({"content/a.md": page(tags="['???', x]")}).page_terms[PageKey("/a")] == ("/tags/x",)


def test_terms_of_a_page_keep_its_order(index_site: Index) -> None:
    """Taxonomies in the order of the configuration, terms as the page names them, each once."""
    index = index_site({"content/a.md": page(tags="[z, a, Z]", categories="[c]")})
    assert index.page_terms[PageKey("/a")] == ("/categories/c", "/tags/z", "/tags/a")


def test_file_of_a_term(index_site: Index) -> None:
    """`content/tags/ml/_index.md` gives the term its title and lists the same pages."""
    index = index_site(
        {"content/tags/ML/_index.md": page(title="Learning"), "content/a.md": page(tags="[ml]")}
    )
    term = index.pages[PageKey("/tags/ml")]
    assert (term.title, term.source is not None, index.children[term.key]) == ("Learning", True, ("/a",))


def test_file_of_a_taxonomy(index_site: Index) -> None:
    """`content/tags/_index.md` is the taxonomy, not a section."""
    index = index_site({"content/tags/_index.md": page(title="Topics")})
    assert (index.pages[PageKey("/tags")].kind, index.pages[PageKey("/tags")].title) == ("taxonomy", "Topics")


def test_unused_taxonomies_have_a_page(index_site: Index) -> None:
    """As in Hugo, `/categories/` is there without a category."""
    index = index_site({"content/a.md": page()})
    assert index.children[PageKey("/categories")] == ()


def test_configured_taxonomies_replace_the_defaults(index_site: Index) -> None:
    """`[taxonomies]` says which keys are terms; `tags` is then a parameter."""
    index = index_site({"content/a.md": page(topics="[x]", tags="[y]")}, '[taxonomies]\ntopic = "topics"\n')
    assert index.page_terms[PageKey("/a")] == ("/topics/x",)
    assert "/tags" not in index.pages
    assert index.pages[PageKey("/a")].meta.params["tags"] == ("y",)


def test_weights_in_a_term(index_site: Index) -> None:
    """Pages without a weight come first, in default order; then by weight."""
    index = index_site(
        {
            "content/a.md": page(tags="[t]", tags_weight=20),
            "content/b.md": page(tags="[t]", tags_weight=10),
            "content/c.md": page(tags="[t]", date="2020-01-01"),
            "content/d.md": page(tags="[t]", date="2024-01-01"),
        }
    )
    assert index.children[PageKey("/tags/t")] == ("/d", "/c", "/b", "/a")


def test_titles_may_keep_their_spelling(index_site: Index) -> None:
    """Hugo's `capitalizeListTitles = false`."""
    index = index_site({"content/a.md": page(tags="[iOS]")}, "capitalizeListTitles = false\n")
    assert index.pages[PageKey("/tags/ios")].title == "iOS"


def test_drafts_make_no_terms(index_site: Index) -> None:
    """A term that only a draft names has no page."""
    assert "/tags/t" not in index_site({"content/a.md": page(tags="[t]", draft="true")}).pages


def test_page_in_a_taxonomys_folder(index_site: Index) -> None:
    """`content/tags/note.md` is a page, and not among the terms."""
    index = index_site({"content/tags/note.md": page(title="Note"), "content/a.md": page(tags="[t]")})
    assert index.pages[PageKey("/tags/note")].kind == "page"
    assert index.children[PageKey("/tags")] == ("/tags/t",)
