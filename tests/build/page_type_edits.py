"""Edits of pages that the theme has types for: talks, projects, series, news, a CV, slides, the blocks of home, languages."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .edits import EditedSite


def _talk(site: EditedSite, first: int, second: int) -> None:
    """A talk around the day of the build: it is to come, or was."""
    text = f"title = 'A talk {site.count}'\ndate = 2030-03-0{1 + second % 5}\npublishDate = 2030-01-01\nevent = 'E{site.count}'"
    kind = "type = 'slides'\n" if first % 2 else ""
    site.write(
        f"content/talks/t{first % 2}.md",
        f"+++\n{text}\n{kind}+++\n\n## One\n\nx {site.count}\n\n---\n\n::: {{.notes}}\ny\n:::\n",
    )


def _project(site: EditedSite, first: int, second: int) -> None:
    """A project comes, goes, or changes its category."""
    path = f"content/projects/p{first % 3}.md"
    if second % 4 == 0:
        (site.root / path).unlink(missing_ok=True)
        return
    category = ("", "category = 'NLP'", "category = 'Deep RL'")[second % 3]
    site.write(path, f"+++\ntitle = 'Project {site.count}'\n{category}\n+++\n\nWhat it is.\n")


def _about(site: EditedSite, first: int, second: int) -> None:
    """A post says which project it is about, and of which series it is a part."""
    path = ("content/posts/a.md", "content/posts/b.md")[first % 2]
    text = site.read(path)
    if text is not None and text.startswith("+++\n"):
        kept = [line for line in text.split("\n") if not line.startswith(("project =", "series =", "cite ="))]
        added = [f"project = 'p{second % 3}'", f"series = ['s{second % 2}']", "cite = true"][: second % 4]
        site.write(path, "\n".join([kept[0], *added, *kept[1:]]))


def _cv(site: EditedSite, first: int, second: int) -> None:
    """The CV's file in the data folder or beside the page; now and then it is wrong, or gone."""
    site.write("content/cv/_index.md", f"+++\ntitle = 'CV {first % 2}'\ntype = 'cv'\n+++\n")
    path = ("data/resume.json", "content/cv/resume.json")[first % 2]
    if second % 5 == 4:
        (site.root / path).unlink(missing_ok=True)
        return
    wrong = "," if second % 5 == 3 else ""
    more = ("", ', "wrok": []', ', "work": 5')[first % 3]
    site.write(
        path, f'{{"basics": {{"name": "N {site.count}"}}, "skills": [{{"name": "S{second}"}}{wrong}]{more}}}'
    )


def _news(site: EditedSite, first: int, second: int) -> None:
    site.write(
        f"content/news/n{first % 2}.md", f"+++\ndate = 2030-02-0{1 + second % 9}\n+++\n\nNew: {site.count}.\n"
    )


def _blocks(site: EditedSite, first: int, second: int) -> None:
    blocks = (
        "'hero', 'posts'",
        "'news', {block = 'posts', count = 1, title = 'T'}, 'talks'",
        "'projects', 'series', 'ledger', 'notebooks', 'text'",
    )[first % 3]
    written = f"blocks = [{blocks}]\n" if second % 3 else ""
    site.write("content/_index.md", f"+++\ntitle = 'Home'\n{written}+++\n\nWelcome {site.count}.\n")


def _language(site: EditedSite, first: int, second: int) -> None:
    """A page is said to be in another language, and names its translations, or ceases to."""
    path = ("content/posts/a.md", "content/posts/b.md", "content/about.md")[first % 3]
    text = site.read(path)
    if text is not None and text.startswith("+++\n"):
        kept = [line for line in text.split("\n") if not line.startswith(("lang =", "translations ="))]
        named = f"translations = {{ de = '/de/{site.count}/', 'x-default' = 'https://example.com/{second}' }}"
        added = [f"lang = '{('ar', 'fr')[second % 2]}'", named][: second % 3]
        site.write(path, "\n".join([kept[0], *added, *kept[1:]]))


def _names(site: EditedSite, first: int, second: int) -> None:
    """A page names a file, a project and a paper that come and go; now and then a key holds another thing, or is a slip."""
    lines = (
        f"slides = 's{first % 2}.pdf'",
        f"links = [{{ name = 'L', url = 's{second % 2}.pdf' }}]",
        f"project = 'p{second % 3}'",
        ("paper = 'a'", "toc = 'no'", "evnt = 'E'", "image = '/t.png'")[second % 4],
    )
    site.write(
        "content/talks/named/index.md",
        f"+++\ntitle = 'Named {site.count}'\ndate = 2020-01-01\n{chr(10).join(lines)}\n+++\n\nText.\n",
    )
    path = f"content/talks/named/s{second % 2}.pdf"
    if first % 3:
        site.write(path, f"{site.count}")
    else:
        (site.root / path).unlink(missing_ok=True)


PAGE_TYPES: Final[dict[str, Callable[[EditedSite, int, int], None]]] = {
    "talk": _talk,
    "project": _project,
    "about a project": _about,
    "cv": _cv,
    "names": _names,
    "news": _news,
    "blocks of home": _blocks,
    "language of a page": _language,
}
"""By name."""
