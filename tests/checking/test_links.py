"""Addresses of the site: which lead nowhere, where they are written, and what is no fault."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.checking.conftest import CheckSite

PAGES = {
    "content/posts/_index.md": "# Posts\n",
    "content/posts/ppo.md": "+++\ntitle = 'PPO'\naliases = ['/old/ppo/']\n+++\n## The loss\n\nText.\n",
    "static/files/Data.csv": "a,b\n",
    "static/pic.png": "",
}


def test_links_that_lead_somewhere_are_no_findings(check_site: CheckSite) -> None:
    """Pages by file, URL and reference, parts, static files, percent-encoding, queries, other schemes."""
    body = """
[a](posts/ppo.md) [b](/posts/ppo/) [c](/posts/ppo/?x=1#the-loss) [d](posts/ppo.md#the-loss) [e](#here)
[f](/files/Data.csv) ![g](/pic.png "title") <https://site.example.org/posts/ppo/#the-loss>
[h](mailto:you@example.org) [i](tel:+1) [top](#top) [j](/posts/%70po/) [k](javascript:void(0))
<a href='/posts/ppo/'>l</a> <img src="/pic.png" alt="m" srcset="/pic.png 1x, /pic.png 2x">
`[code](/nowhere/)` <!-- [comment](/nowhere/) -->

## Here
"""
    found = check_site({**PAGES, "content/a.md": f"+++\ntitle = 'A'\n+++\n{body}"})
    assert found.said("SG701", "SG702", "SG703", "SG704", "SG204") == []


@pytest.mark.parametrize(
    ("body", "place", "says"),
    [
        ("x\n\na [b](/posts/pop/) c", "6:7", "the link `/posts/pop/` leads nowhere"),
        ("[b](posts/pop.md)", "4:5", "the link `posts/pop.md` leads nowhere"),
        ("[b][r]\n\n[r]: /posts/pop/", "6:6", "the link `/posts/pop/` leads nowhere"),
        ("![p](/pik.png)", "4:6", "the image `/pik.png` is not there"),
        ('<img alt="" src="/pik.png">', "4:18", "the image `/pik.png` is not there"),
        (
            '<img alt="" src="/pic.png" srcset="/pic.png 1x, /pik.png 2x">',
            "4:49",
            "the image `/pik.png` is not there",
        ),
        (
            '<video src="/a.mp4" poster="/pic.png"></video>',
            "4:13",
            "the video `/a.mp4` is not there",
        ),
        (
            '<audio><source src="/a.mp3"></audio>',
            "4:21",
            "the media file `/a.mp3` is not there",
        ),
        (
            '<iframe title="x" src="/demo/"></iframe>',
            "4:24",
            "the frame `/demo/` is not there",
        ),
        ('<script src="/a.js"></script>', "4:14", "the script `/a.js` is not there"),
        ('{{< figure src="/pik.png" alt="x" >}}', "4:17", "the image `/pik.png` is not there"),
        (
            "[d](https://site.example.org/gone/)",
            "4:5",
            "the link `https://site.example.org/gone/` leads nowhere",
        ),
        ("[d](/files/data.csv)", "4:5", "the link `/files/data.csv` differs in case from `/files/Data.csv`"),
        ("[d](/posts/PPO/)", None, None),
        ("[e](#there)", "4:5", "the link `#there` names a part that `/a/` does not have"),
        (
            "[e](posts/ppo.md#the-los)",
            "4:5",
            "the link `#the-los` names a part that `/posts/ppo/` does not have",
        ),
        ("[e](/pi%2563.png)", "4:5", "the link `/pi%2563.png` leads nowhere"),
        ('<p style="background:url(/bg.png)">x</p>', "4:26", "the file in a style `/bg.png` is not there"),
    ],
)
def test_a_broken_address_is_told_where_it_is_written(
    check_site: CheckSite, body: str, place: str | None, says: str | None
) -> None:
    """Markdown, references, raw HTML, shortcodes: file, line and column of the address itself."""
    found = check_site({**PAGES, "content/a.md": f"+++\ntitle = 'A'\n+++\n{body}\n"})
    broken = found.of("SG701", "SG702", "SG204")
    assert [str(each.location) for each in broken] == ([f"content/a.md:{place}"] if place else [])
    assert [each.message.startswith(says or "") for each in broken] == ([True] if says else [])
    assert [each.severity for each in broken] == (["error"] if says else [])


def test_hints_name_what_is_near(check_site: CheckSite) -> None:
    """A misspelt page, a file of the same name elsewhere, an id, an address encoded twice, one without `.html`."""
    body = "[a](/posts/pop/) [b](/Data.csv) [c](posts/ppo.md#the-los) [d](/pi%2563.png) [e](/plain)"
    files = {**PAGES, "static/plain.html": "<p>x</p>", "content/a.md": f"# A\n\n{body}\n"}
    hints = {re.split("`", each.message)[1]: each.hint for each in check_site(files).of("SG701", "SG702")}
    assert hints == {
        "/posts/pop/": "did you mean `/posts/ppo/`?",
        "/Data.csv": "did you mean `/files/Data.csv`?",
        "#the-los": "did you mean `#the-loss`?",
        "/pi%2563.png": "it is percent-encoded twice: encode it once",
        "/plain": "write `/plain.html`: not every host adds `.html`",
    }


def test_addresses_of_others_without_a_scheme(check_site: CheckSite) -> None:
    """A host, a mail address, brackets: the hint is what was meant."""
    body = "[a](sec.gov) [b](www.example.org/x) [c](you@example.org) [d]((https://example.org/) 'x') [e](a.tar.gz)"
    hints = [each.hint for each in check_site({"content/a.md": f"# A\n\n{body}\n"}).of("SG701")]
    assert hints == [
        "write `https://sec.gov`",
        "write `https://www.example.org/x`",
        "write `mailto:you@example.org`",
        "the address stands in brackets: take them away",
        "mend the address, or make what it names",
    ]


def test_links_and_images_without_an_address(check_site: CheckSite) -> None:
    """A slip in Markdown is a warning where it stands; what scripts fill in has no `href` at all."""
    body = "[a]() [r]({{< relref \"gone.md\" >}}) ![b](/pic.png)\n\n`[c]()` <a id='here'>d</a> <button>e</button>\n"
    settings = "title = 'T'\nrefLinksErrorLevel = 'warning'\n"
    (found,) = check_site({**PAGES, "sitegen.toml": settings, "content/a.md": f"# A\n\n{body}"}).of("SG701")
    assert (str(found.location), found.severity) == ("content/a.md:3:3", "warning")
    assert found.message == "the link has no address"


def test_a_preview_picture_is_told_at_its_key(check_site: CheckSite) -> None:
    """Though the same word stands in another key of the page."""
    files = {
        "content/a.md": "---\ntitle: A\nguide: front-page\nimage: front-page\n---\nText.\n",
        "templates/page.html": "<meta property=og:image content='{{ page.params.image }}'>{{ page.content }}",
    }
    assert check_site(files).places("SG701") == ["content/a.md:4:8"]


def test_front_matter_menus_and_styles_are_read_too(check_site: CheckSite) -> None:
    """A preview picture, an entry of a menu, `url()` of a style: each at its own line."""
    files = {
        **PAGES,
        "sitegen.toml": "title = 'T'\nbaseURL = 'https://site.example.org/'\n[[menus.main]]\nname = 'M'\nurl = '/moved/'\n",
        "content/a.md": "+++\ntitle = 'A'\nimage = '/preview.png'\n+++\nText.\n",
        "static/own.css": "/* url(/not.png) */\nbody { background: url('/bg.png') }\n",
        "templates/page.html": (
            "<html><head><meta property='og:image' content='{{ page.params.image }}'>\n"
            "<link rel=stylesheet href=/own.css></head><body>{{ page.content }}\n"
            "{% for e in site.menus.main %}<a href='{{ e.url }}'>{{ e.name }}</a>{% endfor %}</body></html>"
        ),
    }
    found = check_site(files)
    assert "content/a.md:3:10" in found.places("SG701")
    assert "static/own.css:2:25" in found.places("SG701")
    assert "sitegen.toml:5:8" in found.places("SG701")
    assert not any("/not.png" in said for said in found.said("SG701"))


def test_a_template_link_on_many_pages_is_one_finding(check_site: CheckSite) -> None:
    """It stands at the template's line, with the number of pages."""
    posts = {f"content/p{number}.md": f"# P{number}\n" for number in range(30)}
    template = "<html><body>\n<a href='/imprint/'>Imprint</a>{{ page.content }}</body></html>"
    (found,) = check_site({**posts, "templates/page.html": template}).of("SG701")
    assert (str(found.location), found.message) == (
        "templates/page.html:2:10",
        "the link `/imprint/` leads nowhere, on 30 pages",
    )


def test_what_nobody_wrote_names_the_first_page(check_site: CheckSite) -> None:
    """An address that a template puts together is told with the first page and the number of pages."""
    template = "<html><body><a href='/x-{{ 1 + 1 }}/'>X</a>{{ page.content }}</body></html>"
    files = {"content/a.md": "# A\n", "content/b.md": "# B\n", "templates/page.html": template}
    (found,) = check_site(files).of("SG701")
    assert found.message == "the link `/x-2/` leads nowhere, on 2 pages, first `/a`"
    assert str(found.location) == "content/a.md"


def test_a_summary_on_a_list_is_told_at_its_page(check_site: CheckSite) -> None:
    """A broken link that a list page shows a second time is one finding."""
    files = {**PAGES, "content/posts/b.md": "+++\ntitle = 'B'\ndate = 2030-01-01\n+++\n[x](/gone/) text.\n"}
    found = check_site(files)
    assert found.places("SG701") == ["content/posts/b.md:5:5"]
    assert found.said("SG701") == ["the link `/gone/` leads nowhere"]


def test_parts_of_pages_in_one_folder_are_their_own(check_site: CheckSite) -> None:
    """With ugly URLs two pages lie in one folder: `#here` of one is not that of the other; a summary leads to its page."""
    files = {
        "sitegen.toml": "title = 'T'\nuglyURLs = true\n",
        "content/posts/a.md": "+++\ntitle = 'A'\n+++\n[x](#here) text.\n\n## Here\n",
        "content/posts/b.md": "+++\ntitle = 'B'\n+++\n[x](#here) text.\n",
        "templates/list.html": "{% for p in page.pages %}{{ p.summary }}{% endfor %}",
    }
    found = check_site(files)
    assert found.places("SG702") == ["content/posts/b.md:4:5"]


def test_links_to_what_is_left_out_say_so(check_site: CheckSite) -> None:
    """A draft, a page of the future and an expired one are named with their reason."""
    files = {
        "content/a.md": "# A\n\n[d](/d/) [f](/f/) [e](/e/) [m](d.md)\n",
        "content/d.md": "+++\ntitle = 'D'\ndraft = true\n+++\n",
        "content/f.md": "+++\ntitle = 'F'\ndate = 2030-06-11\n+++\n",
        "content/e.md": "+++\ntitle = 'E'\ndate = 2020-01-01\nexpiryDate = 2030-05-30\n+++\n",
    }
    said = {re.split("`", text)[1]: text.partition(": ")[2] for text in check_site(files).said("SG701")}
    assert said["/d/"] == "a draft"
    assert said["/f/"].startswith("of the future until 2030-06-11, 9 days from now")
    assert said["/e/"].startswith("expired on 2030-05-30, 2 days ago")


def test_redirects_are_notes_once_a_file(check_site: CheckSite) -> None:
    """Links to an alias and links without the last slash work; the first of a file is told, with where it leads."""
    body = "[a](/old/ppo/#the-loss) [b](../old/ppo/)"
    (found,) = check_site({**PAGES, "content/a.md": f"# A\n\n{body}\n"}).of("SG703")
    assert (found.severity, found.hint) == ("info", "write `/posts/ppo/#the-loss`")
    assert found.message == "the link `/old/ppo/#the-loss` leads to a redirect, and 1 more in this file"


def test_redirects_of_the_host_are_no_faults(check_site: CheckSite) -> None:
    """What `_redirects` answers is there: by its path, a pattern, a placeholder; no more than that."""
    files = {
        "static/_redirects": "# comment\n/gone/ /posts/ 301\n/old/* /posts/:splat\n/y/:year/x /posts/\n",
        "content/a.md": "# A\n\n[a](/gone) [b](/old/x/y/) [c](/y/2020/x) [d](/gone/x) [e](/y/2020/z)\n",
    }
    assert [text.split("`")[1] for text in check_site(files).said("SG701")] == ["/gone/x", "/y/2020/z"]


def test_a_base_path_is_part_of_every_address(check_site: CheckSite) -> None:
    """Markdown's paths get it; a template that leaves it out leads out of the site."""
    files = {
        **PAGES,
        "sitegen.toml": "title = 'T'\nbaseURL = 'https://example.org/blog/'\n",
        "content/a.md": "# A\n\n[a](/posts/ppo/) [b](/blog/posts/ppo/) [c](/gone/) [d](/blog/index.xml)\n",
        "templates/page.html": "<html><body><a href='/posts/ppo/'>x</a>{{ page.content }}</body></html>",
    }
    found = check_site(files)
    assert found.places("SG704") == ["templates/page.html:1:22"]
    assert found.of("SG704")[0].hint == (
        'write `/blog/posts/ppo/`, or in a template `{{ url("/posts/ppo/") }}`'
    )
    assert [text for text in found.said("SG701") if "/gone/" in text] != []
    assert not any("posts/ppo" in text or "index.xml" in text for text in found.said("SG701"))


def test_relative_urls_change_nothing(check_site: CheckSite) -> None:
    """A site whose links are written relative has the same faults."""
    settings = "title = 'T'\nbaseURL = 'https://example.org/'\nrelativeURLs = true\n"
    found = check_site(
        {**PAGES, "sitegen.toml": settings, "content/a.md": "# A\n\n[a](posts/ppo.md) [b](/gone/)\n"}
    )
    assert found.places("SG701") == ["content/a.md:3:23"]


def test_addresses_that_are_ignored_are_not_told(check_site: CheckSite) -> None:
    """`ignore-urls` holds for addresses of the site, `ignore` for codes."""
    files = {"content/a.md": "# A\n\n[a](/app/x) [b](/gone/) [c](#no)\n"}
    found = check_site(files, {"ignore-urls": ("^/app/",), "ignore": ("sg702",)})
    assert found.said("SG701", "SG702") == ["the link `/gone/` leads nowhere"]


def test_pages_name_what_is_wanted(check_site: CheckSite) -> None:
    """With PAGES only what is written in their files is told."""
    files = {"content/a.md": "# A\n\n[x](/gone/)\n", "content/b.md": "# B\n\n[x](/gone/)\n"}
    found = check_site(files, pages=frozenset({"/b"}))
    assert found.places("SG701") == ["content/b.md:3:5"]


def test_static_html_is_checked_where_it_stands(check_site: CheckSite) -> None:
    """A page of `static/` has links too, and parts that others name."""
    files = {
        "static/demo/index.html": "<p id='x'>x</p>\n<a href='../gone.html'>y</a>\n",
        "content/a.md": "# A\n\n[a](/demo/#x) [b](/demo/#y)\n",
    }
    found = check_site(files)
    assert found.places("SG701", "SG702") == ["content/a.md:3:19", "static/demo/index.html:2:10"]


def test_words_of_front_matter_are_no_links(check_site: CheckSite) -> None:
    """A menu's `archives` is written in the configuration, though a page has that word as its layout."""
    files = {
        "hugo.yaml": "menu:\n  main:\n    - name: Archive\n      url: archives\n",
        "content/archives.md": "---\ntitle: Archive\nlayout: archives\n---\nSee <a href=nowhere>them</a>.\n",
    }
    found = check_site(files)

    assert found.places("SG703") == ["hugo.yaml:4:12"]
    assert found.places("SG701") == ["content/archives.md:5:13"]


def test_addresses_with_a_failed_shortcode_are_told_once(check_site: CheckSite) -> None:
    """The shortcode is what is wrong: neither a broken image nor one without words is told beside it."""
    files = {
        "content/p/index.md": '---\ntitle: P\n---\n<img src="{{< stub >}}a.png">\n',
        "templates/shortcodes/stub.html": "{{ untranslated() }}",
    }
    found = check_site(files)

    assert [each.code for each in found.result.diagnostics] == ["SG206"]
