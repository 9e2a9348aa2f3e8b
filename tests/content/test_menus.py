"""Menus from the configuration, front matter and sections."""

from __future__ import annotations

from collections.abc import Callable

from sitegen.content.site import MenuEntry, SiteIndex

Index = Callable[..., SiteIndex]


def shown(entries: tuple[MenuEntry, ...]) -> list[object]:
    """Names and URLs; children nested."""
    return [
        (entry.name, entry.url, *([shown(entry.children)] if entry.children else [])) for entry in entries
    ]


def test_configured_menu(index_site: Index) -> None:
    """By weight, then by name; a `pageRef` takes URL and name from its page."""
    index = index_site(
        {"content/posts/_index.md": "---\ntitle: All posts\nlinkTitle: Posts\n---\n"},
        "[[menus.main]]\nname = 'Zebra'\nurl = 'https://example.org/'\n"
        "[[menus.main]]\npageRef = '/posts'\nweight = 10\n"
        "[[menus.main]]\nname = 'About'\nurl = 'about/'\n",
    )
    assert shown(index.menus["main"]) == [
        ("Posts", "/posts/"),
        ("About", "/about/"),
        ("Zebra", "https://example.org/"),
    ]


def test_front_matter_menu(index_site: Index) -> None:
    """A page names its menus; fields of the entry lie over the page's."""
    index = index_site(
        {
            "content/a.md": "---\ntitle: A\nweight: 2\nmenus: [main, footer]\n---\n",
            "content/b.md": "---\ntitle: B\nmenu: {main: {name: Bee, weight: 1, params: {icon: x}}}\n---\n",
        }
    )
    assert shown(index.menus["main"]) == [("Bee", "/b/"), ("A", "/a/")]
    assert index.menus["main"][0].params == {"icon": "x"}
    assert shown(index.menus["footer"]) == [("A", "/a/")]


def test_nested_entries(index_site: Index) -> None:
    """`parent` is an identifier or a name; an unknown one leaves the entry at the top."""
    index = index_site(
        {
            "content/a.md": "---\ntitle: A\nmenus: {main: {parent: docs}}\n---\n",
            "content/b.md": "---\ntitle: B\nmenus: {main: {parent: nowhere}}\n---\n",
        },
        "[[menus.main]]\nname = 'Docs'\nidentifier = 'docs'\nurl = '/docs/'\n",
    )
    assert shown(index.menus["main"]) == [("B", "/b/"), ("Docs", "/docs/", [("A", "/a/")])]


def test_entries_that_are_each_others_parents_end(index_site: Index) -> None:
    """A circle is no endless menu: its entries stand at the top."""
    index = index_site(
        {},
        "[[menus.main]]\nname = 'A'\nparent = 'B'\nurl = '/'\n[[menus.main]]\nname = 'B'\nparent = 'A'\nurl = '/'\n",
    )
    assert shown(index.menus["main"]) == [("A", "/"), ("B", "/")]
    assert [problem.code for problem in index.diagnostics] == ["SG126", "SG126"]


def test_a_menu_is_not_as_deep_as_it_is_long(index_site: Index) -> None:
    """Entries below a thousand others stand at the top, and say so: no page could show them, and no value hold them."""
    entries = "".join(
        f"[[menus.main]]\nname = 'm{number}'\nparent = 'm{number - 1}'\nurl = '/'\n" for number in range(1000)
    )
    index = index_site({}, entries.replace("parent = 'm-1'\n", ""))
    assert len(index.menus["main"]) == 971
    assert {problem.code for problem in index.diagnostics} == {"SG126"}
    assert hash(index.menus) is not None


def test_an_entry_without_a_name_holds_nothing(index_site: Index) -> None:
    """A section without a title is named by its identifier alone: entries without a parent are not below it."""
    index = index_site(
        {
            "content/posts/_index.md": "---\nweight: 1\n---\n",
            "content/docs/_index.md": "---\ntitle: Docs\n---\n",
        },
        "sectionPagesMenu = 'main'\n",
    )

    assert shown(index.menus["main"]) == [("", "/posts/"), ("Docs", "/docs/")]


def test_an_entry_without_a_name_may_have_a_parent(index_site: Index) -> None:
    """It is no way back to the top: it and the other entries stay where they belong."""
    index = index_site(
        {"content/posts/_index.md": "---\nweight: 1\n---\n", "content/a.md": "---\ntitle: A\n---\n"},
        "[[menus.main]]\nname = 'P'\nurl = '/p/'\n[[menus.main]]\npageRef = '/posts'\nparent = 'P'\n"
        "[[menus.main]]\npageRef = '/a'\nparent = 'P'\n",
    )

    assert shown(index.menus["main"]) == [("P", "/p/", [("", "/posts/"), ("A", "/a/")])]


def test_menu_of_sections(index_site: Index) -> None:
    """`sectionPagesMenu` adds the top-level sections that the menu does not have."""
    index = index_site(
        {
            "content/posts/a.md": "---\n---\n",
            "content/docs/_index.md": "---\ntitle: Docs\nmenus: main\n---\n",
            "content/docs/sub/_index.md": "---\ntitle: Sub\n---\n",
        },
        'sectionPagesMenu = "main"\n',
    )
    assert shown(index.menus["main"]) == [("Docs", "/docs/"), ("Posts", "/posts/")]


def test_page_reference_to_nothing(index_site: Index) -> None:
    """A warning; the entry stays with the reference as its URL."""
    index = index_site({}, "[[menus.main]]\nname = 'X'\npageRef = '/gone'\n")
    assert [(found.code, found.severity) for found in index.diagnostics] == [("SG204", "warning")]
    assert shown(index.menus["main"]) == [("X", "/gone")]


def test_part_of_the_home_page(index_site: Index) -> None:
    """`#about` leads to the home page from wherever it is clicked, as themes write it for Hugo (`relLangURL`)."""
    index = index_site({}, config="[[menus.main]]\nname = 'About'\nurl = '#about'\n")

    assert [entry.url for entry in index.menus["main"]] == ["/#about"]


def test_parent_that_is_none_is_told_at_its_place(index_site: Index) -> None:
    """At the key itself, with the entry that was meant."""
    front = "---\ntitle: A\nmenu:\n  main:\n    weight: 2\n    parent: abuot\n---\n"
    index = index_site(
        {"content/a.md": front}, config="[[menus.main]]\nname = 'About'\nidentifier = 'about'\nurl = '/'\n"
    )

    (found,) = index.diagnostics

    assert str(found.location) == "content/a.md:6:5"
    assert found.hint == "give the `identifier` of an entry of that menu; the nearest is `about`"
