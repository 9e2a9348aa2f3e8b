"""A small rich site, and everything that somebody may do to it between two builds.

An edit is a function of the site and of two numbers that choose what it is done to, so that a sequence of edits is a list of
names and numbers, which hypothesis can shorten. An edit that has no object (the page is gone already) does nothing.
"""

from __future__ import annotations

import base64
import io
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from PIL import Image

from .page_type_edits import PAGE_TYPES

START: Final = datetime(2030, 3, 1, 12, tzinfo=UTC)
PIXEL: Final = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
"""A picture of one pixel."""

CONFIG: Final = """\
baseURL = "https://example.org/blog/"
title = "Edited"
description = "A site that is edited."
rssLimit = 5
[diagrams]
mermaid = "browser"
[pagination]
pagerSize = 2
[taxonomies]
tag = "tags"
category = "categories"
series = "series"
[params]
colour = "red"
[[menus.main]]
name = "Posts"
pageRef = "/posts"
weight = 10
[[menus.main]]
name = "About"
pageRef = "/about"
weight = 20
"""
POST: Final = """\
+++
title = "{title}"
date = {date}
tags = [{tags}]
+++

First paragraph of {title}, with a [link](b.md) and a [page](/about).

<!--more-->

## A heading

{{{{< note "hello" >}}}}text{{{{< /note >}}}} and {{{{% shout %}}}}.

```python
for step in range(10):
    print(step, "{title}")
```
"""
FILES: Final[dict[str, str | bytes]] = {
    "sitegen.toml": CONFIG,
    "content/_index.md": "+++\ntitle = 'Home'\n+++\n\nWelcome, see {{< ref \"posts/a\" >}}.\n",
    "content/about.md": "+++\ntitle = 'About'\naliases = ['/me/']\n+++\n\nWho I am. ![a picture](/pixel.png)\n",
    "content/posts/_index.md": "+++\ntitle = 'Posts'\n[cascade]\nparams = {kind = 'post'}\n+++\n\nAll of them.\n",
    "content/posts/a.md": POST.format(title="Alpha", date="2030-01-01", tags="'x', 'y'"),
    "content/posts/b.md": POST.format(title="Beta", date="2030-01-02", tags="'y'"),
    "content/posts/c.md": POST.format(title="Gamma", date="2030-01-03", tags="'x'"),
    "content/posts/d.md": POST.format(title="Delta", date="2030-01-04", tags="'z'"),
    "content/posts/later.md": POST.format(title="Later", date="2030-03-03", tags="'z'"),
    "content/posts/bundle/index.md": POST.format(title="Bundle", date="2030-02-01", tags="'x'").replace(
        "b.md", "../b.md"
    )
    + '\n![figure](figure.png)\n\n{{< figure src="figure.png" caption="A figure" >}}\n',
    "content/posts/bundle/figure.png": PIXEL,
    "content/posts/bundle/data.txt": "data",
    "content/docs/_index.md": "+++\ntitle = 'Documents'\n+++\n",
    "content/docs/one.md": "+++\ntitle = 'One'\nweight = 2\n+++\n\nOne. {{< people >}}\n",
    "content/docs/two.md": '---\ntitle: Two\nweight: 1\n---\n\nTwo, $x^2$, see [one]({{< relref "one" >}}).\n',
    "content/docs/deep/three.md": "+++\ntitle = 'Three'\ndraft = true\n+++\n\nThree.\n",
    "data/people.toml": "[[all]]\nname = 'Ada'\n",
    "static/pixel.png": PIXEL,
    "static/css/x.css": "a { color: red }\n",
    "templates/assets/mine.css": "b { color: blue }\n",
    "templates/docs/page.html": "{% extends 'page.html' %}\n{% block head_extra %}"
    "<link rel='stylesheet' href='{{ asset('mine.css') }}'>{% endblock %}\n"
    "{% block kicker %}{{ config.params.colour }} {{ site.pages | length }}{% include 'partials/mine.html' %}{% endblock %}\n",
    "templates/partials/mine.html": "<i>{{ page.next.title if page.next }}</i>\n",
    "templates/shortcodes/note.html": "<aside class='{{ get(0) }}'>{{ inner }}</aside>\n",
    "templates/shortcodes/shout.html": "**LOUD**\n",
    "templates/shortcodes/people.html": "{% for each in site.data.people.all %}<b>{{ each.name }}</b>{% endfor %}\n",
}
"""By path below the site's folder."""


@dataclass(slots=True)
class EditedSite:
    """The site as it is now: on disk, on the clock, and in the options of its build."""

    root: Path
    output: Path
    """Of the incremental builds."""
    now: datetime = START
    keep_going: bool = True
    count: int = 0
    """Of edits: in the texts, so that an edit is one."""
    overrides: dict[str, object] = field(default_factory=dict)

    @classmethod
    def new(cls, folder: Path) -> EditedSite:
        """The site as written."""
        site = cls(root=folder / "site", output=folder / "public")
        for path, content in FILES.items():
            site.write(path, content)
        return site

    def write(self, path: str, content: str | bytes) -> None:
        """A file of the site."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)

    def read(self, path: str) -> str | None:
        """A text of the site; None where it is gone."""
        file = self.root / path
        return file.read_text("utf-8") if file.is_file() else None

    def change(self, path: str, old: str, new: str) -> None:
        """Put a text in the place of another, where both file and text are there."""
        text = self.read(path)
        if text is not None and old in text:
            self.write(path, text.replace(old, new, 1))

    def pages(self) -> list[str]:
        """The pages' files, by path."""
        return sorted(
            file.relative_to(self.root).as_posix() for file in (self.root / "content").rglob("*.md")
        )

    def published(self) -> list[Path]:
        """The files of the output folder, by path."""
        return sorted(file for file in self.output.rglob("*") if file.is_file())

    def edit(self, name: str, first: int, second: int) -> None:
        """One edit."""
        self.count += 1
        EDITS[name](self, first, second)


Edit = Callable[[EditedSite, int, int], None]


def _page(site: EditedSite, number: int) -> str:
    pages = site.pages()
    return pages[number % len(pages)] if pages else "content/none.md"


def _front(site: EditedSite, number: int, key: str, value: str) -> None:
    """Set a key of a page's front matter, in its format; one that is there is replaced."""
    path = _page(site, number)
    text = site.read(path)
    if text is None or text[:3] not in ("+++", "---"):
        return
    fence, sign = text[:3], " = " if text[:3] == "+++" else ": "
    head, _, body = text[4:].partition(f"\n{fence}\n")
    tables = head.partition("\n[")
    lines = [line for line in tables[0].split("\n") if not line.startswith((f"{key} ", f"{key}:"))]
    head = "\n".join([*lines, f"{key}{sign}{value}"]) + tables[1] + tables[2]
    site.write(path, f"{fence}\n{head}\n{fence}\n{body}")


def _body(site: EditedSite, first: int, second: int) -> None:
    path = _page(site, first)
    text = site.read(path) or ""
    extra = ("A new paragraph.", "## New heading", "A [link](/posts/a/).", "`code` and *more*", "$y = x$")
    site.write(path, f"{text}\n{extra[second % len(extra)]} {site.count}\n")


def _summary(site: EditedSite, first: int, second: int) -> None:
    del second
    site.change(_page(site, first), "First paragraph", f"First {site.count} paragraph")


def _broken(site: EditedSite, first: int, second: int) -> None:
    path = _page(site, first)
    wrong = (
        "[x](no-such-page.md)",
        "{{< no_such_shortcode >}}",
        '{{< ref "no/such" >}}',
        "{{< note >}}",
        "{{< people",
    )
    site.write(path, f"{site.read(path) or ''}\n{wrong[second % len(wrong)]}\n")


def _mended(site: EditedSite, first: int, second: int) -> None:
    del first, second
    for path in site.pages():
        text = site.read(path) or ""
        lines = [
            line
            for line in text.split("\n")
            if not line.startswith(
                ("[x](no-such", "{{< no_such", '{{< ref "no/such', "{{< note >}}", "{{< people")
            )
            or line.endswith("{{< people >}}")
        ]
        if "\n".join(lines) != text:
            site.write(path, "\n".join(lines))
    for path in ("templates/partials/mine.html", "templates/shortcodes/note.html", "sitegen.toml"):
        if path not in FILES or site.read(path) is None or "{% if" in (site.read(path) or ""):
            site.write(path, FILES[path])


def _new_page(site: EditedSite, first: int, second: int) -> None:
    folder = ("posts", "docs", "docs/deep", "fresh", "posts/bundle2")[first % 5]
    name = "index" if folder.endswith("bundle2") else f"new{second % 3}"
    day = 1 + second % 9
    site.write(
        f"content/{folder}/{name}.md",
        POST.format(title=f"New {site.count}", date=f"2030-01-0{day}", tags=f"'{'xyzw'[second % 4]}'"),
    )


def _delete_page(site: EditedSite, first: int, second: int) -> None:
    del second
    (site.root / _page(site, first)).unlink(missing_ok=True)


def _move_page(site: EditedSite, first: int, second: int) -> None:
    path = site.root / _page(site, first)
    target = site.root / "content" / ("docs", "posts", "other")[second % 3] / path.name
    if path.is_file() and not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(target)


def _move_section(site: EditedSite, first: int, second: int) -> None:
    del second
    old, new = (("docs", "papers"), ("papers", "docs"), ("posts/bundle", "posts/moved"))[first % 3]
    source, target = site.root / "content" / old, site.root / "content" / new
    if source.is_dir() and not target.exists():
        source.rename(target)


def _section_index(site: EditedSite, first: int, second: int) -> None:
    """Come, go or change: the section's own page."""
    path = ("content/posts/_index.md", "content/docs/_index.md", "content/docs/deep/_index.md")[first % 3]
    if second % 3 == 0:
        (site.root / path).unlink(missing_ok=True)
    else:
        site.write(
            path,
            f"+++\ntitle = 'Section {site.count}'\n[cascade]\nparams = {{kind = '{second}'}}\n+++\n\nText.\n",
        )


def _cascade(site: EditedSite, first: int, second: int) -> None:
    values = ("draft = true", "params = {kind = 'new'}", "tags = ['y']", "[cascade.params]\ntoc = false")
    site.write(
        ("content/posts/_index.md", "content/docs/_index.md", "content/_index.md")[first % 3],
        f"+++\ntitle = 'Cascading {site.count}'\n"
        + (f"[cascade]\n{values[second % 4]}\n" if second % 4 < 3 else f"{values[3]}\n")
        + "+++\n",
    )


def _resource(site: EditedSite, first: int, second: int) -> None:
    path = ("figure.png", "data.txt", "more.txt")[first % 3]
    file = site.root / "content/posts/bundle" / path
    if second % 3 == 0:
        file.unlink(missing_ok=True)
    elif file.parent.is_dir():
        site.write(f"content/posts/bundle/{path}", PIXEL + str(site.count).encode())


def _picture(site: EditedSite, first: int, second: int) -> None:
    """A photograph that is large enough for forms of its own: another one, another size, on its side, damaged."""
    if not (site.root / "content/posts/bundle").is_dir():
        return
    exif = Image.Exif()
    exif[0x0112] = (1, 6)[second % 2]
    out = io.BytesIO()
    picture = Image.linear_gradient("L").resize((240 + 40 * (first % 3), 200)).rotate(30 * (first % 4))
    Image.merge("RGB", (picture, Image.radial_gradient("L").resize(picture.size), picture)).save(
        out, "JPEG", quality=98, exif=exif
    )
    content = out.getvalue()
    site.write("content/posts/bundle/figure.png", content[:5000] if second % 5 == 4 else content)


def _template(site: EditedSite, first: int, second: int) -> None:
    """A page's template: changed, come, gone."""
    path, text = (
        ("templates/docs/page.html", str(FILES["templates/docs/page.html"])),
        (
            "templates/posts/page.html",
            "{% extends 'page.html' %}{% block title %}<h1>{{ page.title }}!</h1>{% endblock %}",
        ),
        (
            "templates/list.html",
            "{% extends 'base.html' %}{% block main %}{% for p in page.pages %}{{ p.title }},{% endfor %}{% endblock %}",
        ),
        (
            "templates/home.html",
            "{% extends 'base.html' %}{% block main %}{{ site.regular_pages | length }}{% endblock %}",
        ),
    )[first % 4]
    if second % 3 == 0:
        (site.root / path).unlink(missing_ok=True)
    else:
        site.write(
            path,
            f"{text}\n{{# {site.count} #}}\n"
            if second % 3 == 1
            else f"{text}{{% block body_class %}}c{site.count}{{% endblock %}}",
        )


def _partial(site: EditedSite, first: int, second: int) -> None:
    path = ("templates/partials/mine.html", "templates/partials/footer.html", "templates/partials/card.html")[
        first % 3
    ]
    if second % 3 == 0 and "mine" not in path:
        (site.root / path).unlink(missing_ok=True)
    else:
        site.write(path, f"<i>{site.count} {{{{ page.title }}}}</i>\n")


def _wrong_template(site: EditedSite, first: int, second: int) -> None:
    del second
    path = ("templates/partials/mine.html", "templates/shortcodes/note.html")[first % 2]
    site.write(path, "{% if %}\n")


def _shortcode(site: EditedSite, first: int, second: int) -> None:
    name = ("note", "shout", "people", "ref")[first % 4]
    path = f"templates/shortcodes/{name}.html"
    if second % 4 == 0:
        (site.root / path).unlink(missing_ok=True)
    else:
        text = ("<p>{{ page.title }}</p>", "<p>{{ site.regular_pages | length }}</p>", "<p>{{ inner }}</p>")[
            second % 3
        ]
        site.write(path, f"{text}{site.count}\n")


def _data(site: EditedSite, first: int, second: int) -> None:
    path = ("data/people.toml", "data/other.json")[first % 2]
    if second % 3 == 0:
        (site.root / path).unlink(missing_ok=True)
    elif first % 2:
        site.write(path, f"[{site.count}]")
    else:
        site.write(path, f"[[all]]\nname = 'Bea {site.count}'\n")


def _static(site: EditedSite, first: int, second: int) -> None:
    path = ("static/pixel.png", "static/css/x.css", "static/about/more.txt", "static/new.txt")[first % 4]
    if second % 3 == 0:
        (site.root / path).unlink(missing_ok=True)
    else:
        site.write(path, f"{site.count}")


def _asset(site: EditedSite, first: int, second: int) -> None:
    path = ("templates/assets/mine.css", "templates/assets/site.css")[first % 2]
    if second % 3 == 0 and first % 2:
        (site.root / path).unlink(missing_ok=True)
    else:
        site.write(path, f"b {{ margin: {site.count}px }}\n")


def _setting(site: EditedSite, first: int, second: int) -> None:
    """A key of the configuration: the whole file is written anew."""
    top = (
        f'title = "Edited {site.count}"',
        f'copyright = "{site.count}"',
        "pluralizeListTitles = false",
        "uglyURLs = true",
        'locale = "de"',
        "enableEmoji = true",
        "summaryLength = 3",
        "disableKinds = ['taxonomy']",
        "mainSections = ['docs']",
        "titleCaseStyle = 'none'",
        "relativeURLs = true",
        "timeZone = 'Europe/Berlin'",
    )[first % 12]
    tables = (
        "",
        f"[params]\ncolour = '{site.count}'\n",
        "[permalinks]\nposts = '/:year/:slug/'\n",
        "[pagination]\npagerSize = 3\n",
        "[[menus.main]]\nname = 'Docs'\npageRef = '/docs'\n",
        "[markup.highlight]\nlineNos = true\n",
        "[taxonomies]\ntag = 'tags'\n",
        "[author]\nname = 'Ada'\n",
        "[frontmatter]\ndate = ['lastmod', 'date']\n",
        "[params]\nsocial_cards = true\n",
    )[second % 10]
    base = 'baseURL = "https://example.org/blog/"\n' + (
        "" if top.startswith("title =") else 'title = "Edited"\n'
    )
    site.write("sitegen.toml", f"{base}{top}\n{tables}")


def _strings(site: EditedSite, first: int, second: int) -> None:
    """Words of the site's own, in one of two languages, come, go or change."""
    path = f"templates/strings/{('en', 'de')[first % 2]}.toml"
    if second % 4 == 3:
        (site.root / path).unlink(missing_ok=True)
        return
    site.write(path, f"[page]\nolder = 'Before {site.count}'\n[text]\nnote = 'N{second}'\n")


def _site_as_it_was(site: EditedSite, first: int, second: int) -> None:
    del first, second
    site.write("sitegen.toml", CONFIG)


def _menu(site: EditedSite, first: int, second: int) -> None:
    _front(site, first, "menus", ("'main'", "[]", "['main', 'footer']")[second % 3])


def _later(site: EditedSite, first: int, second: int) -> None:
    del second
    site.now += timedelta(days=first % 4, hours=1)


def _earlier(site: EditedSite, first: int, second: int) -> None:
    del second
    site.now -= timedelta(days=first % 4)


def _output_touched(site: EditedSite, first: int, second: int) -> None:
    """Somebody writes into the output folder, or removes something of it."""
    files = site.published()
    if not files:
        return
    file = files[first % len(files)]
    if second % 3 == 0:
        file.unlink()
    elif second % 3 == 1:
        file.write_bytes(b"somebody else was here")
    else:
        shutil.rmtree(file.parent if file.parent != site.output else site.output)


def _touch(site: EditedSite, first: int, second: int) -> None:
    """A file is written with what it holds."""
    del second
    files = sorted(file for file in site.root.rglob("*") if file.is_file())
    file = files[first % len(files)]
    file.write_bytes(file.read_bytes())


def _going_on(site: EditedSite, first: int, second: int) -> None:
    del first, second
    site.keep_going = not site.keep_going


def _flags(site: EditedSite, first: int, second: int) -> None:
    flag = ("build_drafts", "build_future", "build_expired", "relative_urls")[first % 4]
    site.overrides[flag] = second % 2 == 0


ENTRY: Final = """\
@article{{{key},
  author = {{Lovelace, Ada and {other}}},
  title = {{{title}}},
  year = {{{year}}},
  keywords = {{{topic}}},
  preview = {{/pixel.png}},
  selected = {{{selected}}},
  abstract = {{{abstract}}}
}}
"""
LIBRARY: Final = ("content/publications/refs.bib", "refs.bib", "data/refs.bib")


def _papers(site: EditedSite, first: int, second: int) -> None:
    """A section of papers: its page, its bibliography in one of three places, a page that names a paper, a paper's text."""
    file = site.root / LIBRARY[first % 3]
    name = "" if first % 3 == 0 else "bibliography = 'refs.bib'"
    entries = [
        ENTRY.format(
            key=f"paper{number}",
            other=("Other, Anne", "Else, Bob")[second % 2],
            title=f"Paper {number} {site.count if number == second % 4 else ''}",
            year=2000 + (second if number == 1 else number),
            topic=("logic", "logic, engines", "")[(number + second) % 3],
            selected=("true", "false")[(number + second) % 2],
            abstract=("", "What it says.")[(number + second // 2) % 2],
        )
        for number in range(1 + second % 4)
    ]
    site.write("content/publications/_index.md", f"+++\ntitle = 'Papers'\n{name}\n+++\n\nAll.\n")
    if second % 5 == 4:
        file.unlink(missing_ok=True)
    else:
        site.write(
            LIBRARY[first % 3],
            "\n".join(entries) + ("@article{broken, title = {\n" if second % 7 == 6 else ""),
        )
    if second % 3 == 0:
        site.write("content/publications/paper1.md", f"+++\naward = 'Best {site.count}'\n+++\n\nMore.\n")
    else:
        (site.root / "content/publications/paper1.md").unlink(missing_ok=True)
    _front(site, first, "paper", f"'paper{second % 3}'")


_LINKS: Final = (
    *(
        "a",
        "a.md",
        "a/",
        "../a",
        "/a",
        "/posts/a/",
        "posts/a.md",
        "./a/index.md",
        "A.md",
        "a#part",
        "a.en.md",
    ),
    *(
        ".",
        "..",
        "/",
        "index.md",
        "_index.md",
        "../docs/_index.md",
        "/blog/",
        "/blog/a/",
        "blog",
        "/blog/posts/a",
    ),
    *(
        "one",
        "docs/one.md",
        "two.md#x",
        "pixel.png",
        "../pixel.png",
        "figure.png",
        "a%20b.md",
        "/a b/",
        "old",
    ),
)
"""Links that can lead to one thing and then to another; some to nothing."""
_RIVALS: Final = (
    *("content/a.md", "content/posts/a/index.md", "content/posts/a/_index.md", "content/docs/a.md"),
    *(
        "content/posts/a.en.md",
        "content/posts/A.markdown",
        "content/blog.md",
        "content/blog/a.md",
        "content/a b.md",
    ),
    *(
        "content/docs/one/index.md",
        "content/one.md",
        "content/docs/index.md",
        "content/old.md",
        "static/a.md",
    ),
    *("static/posts/a", "static/posts/pixel.png", "static/docs/figure.png", "content/posts/figure.png"),
)
"""Files that such a link can mean instead."""


def _links(site: EditedSite, first: int, second: int) -> None:
    path = _page(site, first)
    text = site.read(path) or ""
    some = _LINKS[second % 3 :: 3]
    written = "\n".join(f"[{number}]({target})" for number, target in enumerate(some))
    named = f'{{{{< relref "{some[first % len(some)]}" >}}}}' if second % 2 else ""
    if written not in text:
        site.write(path, f"{text}\n{written}\n{named}\n")


def _rival(site: EditedSite, first: int, second: int) -> None:
    """A file comes or goes that links can mean instead of another."""
    path = _RIVALS[(first * 12 + second) % len(_RIVALS)]
    if (site.root / path).exists():
        (site.root / path).unlink()
    elif not any(parent.is_file() for parent in (site.root / path).parents):
        front = ("", "slug = 'other'", "url = '/at/0/'", "draft = true", "aliases = ['/a/']")[second % 5]
        site.write(path, f"+++\ntitle = 'Rival'\n{front}\n+++\n\nText.\n")


def _told_references(site: EditedSite, first: int, second: int) -> None:
    """References to nothing are warnings, which name what is near."""
    del second
    text = (site.read("sitegen.toml") or "").replace('refLinksErrorLevel = "WARNING"\n', "")
    if first % 2:
        text = f'refLinksErrorLevel = "WARNING"\n{text}'
    site.write("sitegen.toml", text)


_WEIGHTS: Final = (
    "budget = true\n",
    "budget = {css = 9, thirdParty = 0}\n",
    "minify = true\n",
    "sri = true\n",
)


def _weights(site: EditedSite, first: int, second: int) -> None:
    """What a page may weigh, and how it is written: all of the site is made again; a page's own limits make that page again."""
    text = site.read("sitegen.toml") or ""
    for line in _WEIGHTS:
        text = text.replace(line, "")
    site.write("sitegen.toml", _WEIGHTS[first % 4] * (second % 3 > 0) + text)
    site.write(
        "content/heavy.md",
        f"+++\ntitle = 'Heavy'\nbudget = {'false' if second % 2 else '{js = 5}'}\n+++\n\n"
        '<script src="/blog/own.js"></script><img src="https://i.example/a.png" alt="">\n',
    )
    site.write("static/own.js", f"say({'1' * (second * 7 + 1)})\n")


WORKS: Final = "works.bib"
STYLE: Final = """\
<style xmlns="http://purl.org/net/xbiblio/csl" class="in-text" version="1.0"><info><title>S</title><id>s</id></info>
<citation><layout prefix="{sign}"><names variable="author"/></layout></citation>
<bibliography><layout><text variable="title"/></layout></bibliography></style>
"""


def _search(site: EditedSite, first: int, second: int) -> None:
    """A search page comes or goes, or a page that is to be found no more."""
    path = "content/search.md"
    if not (site.root / path).exists() or second % 3 == 1:
        site.write(path, f"+++\ntitle = 'Search {site.count}'\nlayout = 'search'\n+++\n")
    elif second % 3 == 0:
        (site.root / path).unlink()
    else:
        _front(site, first, "search", ("true", "false")[first % 2])


def _cites(site: EditedSite, first: int, second: int) -> None:
    """A page that cites from a bibliography of its own: other words, keys that come and go, a style, notes at the end."""
    entry = f"@misc{{work{{}}, title={{{{Work {second} {site.count}}}}}, author={{{{A, B}}}}, year=20{10 + second % 9}}}"
    keys = ("one", "two") if second % 4 else ("one",)
    site.write(
        WORKS,
        "".join(entry.replace("work{}", f"work-{key}").replace("{{", "{").replace("}}", "}") for key in keys),
    )
    site.write("own.csl", STYLE.format(sign="[" if second % 3 else "("))
    style = ("", "csl = 'own.csl'\n", "citations = 'numeric'\n", "footnotes = 'end'\n", "nocite = ['*']\n")[
        first % 5
    ]
    site.write(
        "content/cites.md",
        f"+++\ntitle = 'Cites'\nbibliography = '{WORKS}'\n{style}+++\n\nSee @work-one and @work-two.^[A note, {second % 3}.]\n",
    )


def _diagram(site: EditedSite, a: int, b: int) -> None:
    """One more in a page, with a label that it may share."""
    path = _page(site, a)
    text = site.read(path)
    if text is not None:
        label = f"%%| label: fig-{b}\n" if b % 3 else ""
        site.write(path, f"{text}\n```mermaid\n{label}flowchart LR\n  A{site.count} --> B\n```\n")


def _diagram_library(site: EditedSite, _: int, b: int) -> None:
    """Comes, changes, or goes."""
    file = site.root / "node_modules/mermaid/dist/mermaid.min.js"
    if b % 3 or not file.exists():
        site.write("node_modules/mermaid/dist/mermaid.min.js", f"mermaid = {site.count}")
    else:
        file.unlink()


EDITS: Final[dict[str, Edit]] = {
    "cites": _cites,
    "weights": _weights,
    "search": _search,
    **PAGE_TYPES,
    "papers": _papers,
    "body": _body,
    "summary": _summary,
    "title": lambda site, a, b: _front(site, a, "title", f"'Title {b} {site.count}'"),
    "date": lambda site, a, b: _front(site, a, "date", f"2030-0{1 + b % 3}-0{1 + a % 9}"),
    "publish date": lambda site, a, b: _front(site, a, "publishDate", f"2030-03-0{1 + b % 5}"),
    "expiry date": lambda site, a, b: _front(site, a, "expiryDate", f"2030-03-0{1 + b % 5}"),
    "lastmod": lambda site, a, b: _front(site, a, "lastmod", f"2030-02-0{1 + b % 9}"),
    "tags": lambda site, a, b: _front(site, a, "tags", ("[]", "['x']", "['y', 'z']", "['new tag']")[b % 4]),
    "categories": lambda site, a, b: _front(site, a, "categories", ("[]", "['k']", "['k', 'l']")[b % 3]),
    "weight": lambda site, a, b: _front(site, a, "weight", str(b % 4)),
    "draft": lambda site, a, b: _front(site, a, "draft", ("true", "false")[b % 2]),
    "aliases": lambda site, a, b: _front(
        site, a, "aliases", ("[]", "['/old/']", "['older', '/x/y/']")[b % 3]
    ),
    "slug": lambda site, a, b: _front(site, a, "slug", f"'slug-{b % 3}'"),
    "url": lambda site, a, b: _front(site, a, "url", f"'/at/{b % 3}/'"),
    "description": lambda site, a, b: _front(site, a, "description", f"'Words {b} {site.count}'"),
    "own summary": lambda site, a, b: _front(site, a, "summary", f"'Shortly {b} {site.count}'"),
    "link title": lambda site, a, b: _front(site, a, "linkTitle", f"'Short {b}'"),
    "layout": lambda site, a, b: _front(site, a, "layout", ("'archives'", "'none'", "'page'")[b % 3]),
    "parameter": lambda site, a, b: _front(site, a, "toc", ("true", "false")[b % 2]),
    "menu": _menu,
    "broken": _broken,
    "mended": _mended,
    "new page": _new_page,
    "deleted page": _delete_page,
    "moved page": _move_page,
    "moved section": _move_section,
    "section's page": _section_index,
    "cascade": _cascade,
    "resource": _resource,
    "picture": _picture,
    "template": _template,
    "partial": _partial,
    "wrong template": _wrong_template,
    "shortcode": _shortcode,
    "data": _data,
    "static file": _static,
    "asset": _asset,
    "setting": _setting,
    "strings": _strings,
    "settings as they were": _site_as_it_was,
    "later": _later,
    "earlier": _earlier,
    "output touched": _output_touched,
    "touched": _touch,
    "going on": _going_on,
    "flags": _flags,
    "links": _links,
    "rival": _rival,
    "diagram": _diagram,
    "diagram's library": _diagram_library,
    "told references": _told_references,
    "nothing": lambda *_: None,
}
"""By the names that a failing example prints."""
