"""What a reader of a page runs into, and the near misses that are no fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitegen.checking.elements import scan_html

if TYPE_CHECKING:
    from tests.checking.conftest import CheckSite


def test_ids_given_twice(check_site: CheckSite) -> None:
    """An id by hand that a heading has too; headings of one name get different ids by themselves."""
    files = {
        "content/a.md": '# A\n\n## Loss\n\ntext\n\n<div id="loss">x</div>\n',
        "content/b.md": "# B\n\n## Loss\n\n## Loss\n",
    }
    found = check_site(files)
    assert found.places("SG708") == ["content/a.md:7:6"]
    assert found.said("SG708") == ["the id `loss` stands twice on the page: links lead to the first"]


def test_ids_that_a_template_gives_twice_are_one_finding(check_site: CheckSite) -> None:
    """They are told once, with the number of pages."""
    template = "<html><body><p id=x></p><p id=x></p>{{ page.content }}</body></html>"
    files = {"content/a.md": "# A\n", "content/b.md": "# B\n", "templates/page.html": template}
    (said,) = check_site(files).said("SG708")
    assert said == ("the id `x` stands twice on the page: links lead to the first, on 2 pages, first `/a`")


def test_pictures_without_words(check_site: CheckSite) -> None:
    """Without `alt` a warning; a caption beside an empty one a note; decoration is fine."""
    files = {
        "static/p.png": "",
        "content/a.md": (
            '# A\n\n<img src="/p.png">\n\n![words](/p.png)\n\n<img src="/p.png" alt>\n\n'
            '<img src="/p.png" role="presentation">\n\n'
            '<figure><img src="/p.png" alt=""><figcaption>Seen</figcaption></figure>\n'
        ),
    }
    found = check_site(files).of("SG709")
    assert [(each.severity, each.message[:12]) for each in found] == [
        ("warning", "the image `/"),
        ("info", "the figure `"),
    ]
    assert found[0].location is not None
    assert (found[0].location.line, found[0].location.column) == (3, 11)


def test_pictures_whose_brackets_are_empty(check_site: CheckSite) -> None:
    """`![](x.png)` is a note at its place; an empty `alt` that is written out is meant."""
    files = {
        "content/b/index.md": '# B\n\ntext ![](p.png "t") and <img src="p.png" alt=""> `![](p.png)`\n',
        "content/b/p.png": "",
    }
    found = check_site(files).of("SG709")
    assert [(str(each.location), each.severity) for each in found] == [("content/b/index.md:3:6", "info")]


def test_headings_that_skip_a_level(check_site: CheckSite) -> None:
    """Told once a page, at the first; steps of one and steps back are fine."""
    files = {
        "content/a.md": "# A\n\n## One\n\n#### Three\n\n## One\n\n#### Again\n",
        "content/b.md": "# B\n\n## One\n\n### Two\n\n## One\n",
    }
    assert check_site(files).places("SG710") == ["content/a.md:5:1"]


def test_links_and_buttons_without_a_name(check_site: CheckSite) -> None:
    """Text, a picture's `alt` and `aria-label` are names; a link around nothing has none."""
    files = {
        "static/p.png": "",
        "content/a.md": (
            '# A\n\n<a href="/a/"></a> <a href="/a/"><img src="/p.png" alt=""></a> <a href="/a/" aria-label="x"></a>\n'
            '<a href="/a/"><img src="/p.png" alt="x"></a> <a id="anchor"></a> <a href="/a/">x</a>\n'
            '<button></button> <button>Go</button> <a href="#" hidden></a>\n'
        ),
    }
    assert [each[:27] for each in check_site(files).said("SG711")] == [
        "the link or button `/a/` ha",
        "the link or button `button`",
    ]


def test_pages_without_a_title_are_told_themselves(check_site: CheckSite) -> None:
    """A list that links to them has no words for it: one finding a folder, at its first page."""
    files = {f"content/people/{name}.md": f"+++\nname = '{name}'\n+++\n" for name in "abc"}
    files["content/people/d.md"] = "# D\n"
    files["templates/list.html"] = (
        "<html><body>{% for p in page.pages %}<a href='{{ p.url }}'>{{ p.title }}</a>{% endfor %}</body></html>"
    )
    found = check_site(files)
    assert found.places("SG711") == ["content/people/a.md"]
    assert found.said("SG711") == [
        "the page has no title, as have 2 more in `content/people/`: links to it in lists have no words"
    ]


def test_scripts_templates_and_comments_hold_nothing() -> None:
    """What is no element of the page is not looked at; text with many `<` is read in one pass."""
    html = (
        "<template><a href='/x'></a><p id=a></p></template><script>'<img src=/y>'</script><!-- <img src=/z> -->"
        "<p id=a></p>" + "<" * 100_000
    )
    found = scan_html(html)
    assert (found.references, found.repeated_ids, found.flaws) == ((), (), ())


def test_picture_of_the_front_matter_and_the_body(check_site: CheckSite) -> None:
    """A picture without words is found where the body shows it, not where the front matter names it too."""
    files = {
        "content/p/index.md": '---\ntitle: P\ncover:\n  image: "a.png"\n---\nText.\n\n<img src="a.png">\n',
        "content/p/a.png": "",
    }
    found = check_site(files)

    assert found.places("SG709") == ["content/p/index.md:8:11"]
