"""What a page takes from files beside other pages is right after edits: pictures, a CV, bibliographies that come and go."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest
from PIL import Image

from .edits import EditedSite
from .test_incremental import Twins

_ALL = "{% for item in page.regular_pages_recursive %}{% include 'partials/whole.html' %}{% endfor %}"
_LIST = "{% extends 'base.html' %}{% block main %}" + _ALL + "{% endblock %}"


def _picture(kind: str) -> bytes:
    """A photograph, one that is cut off, or one that moves."""
    out = io.BytesIO()
    frames = [Image.linear_gradient("L").resize((400, 300)).rotate(25 * number) for number in range(3)]
    if kind == "moving":
        frames[0].convert("P").save(out, "GIF", save_all=True, append_images=frames[1:], duration=100)
    else:
        Image.merge("RGB", frames).save(out, "JPEG", quality=98)
    return out.getvalue()[:9000] if kind == "cut off" else out.getvalue()


def _twins(folder: Path, files: dict[str, str | bytes]) -> Twins:
    """A site of these files, built once."""
    twins = Twins(folder)
    shutil.rmtree(twins.site.root)
    base = {"sitegen.toml": "baseURL = 'https://example.org/'\ntitle = 'T'\n[pagination]\npagerSize = 1\n"}
    for path, content in {**base, **files}.items():
        twins.site.write(path, content)
    twins.check()
    return twins


def _told(site: EditedSite, code: str, folder: Path) -> bool:
    from .test_incremental import _build

    return any(code in each for each in _build(site, site.output, folder / "state")[1])


@pytest.mark.parametrize("kind", ["cut off", "moving"])
def test_a_picture_of_a_partial_that_two_pages_include_stays_with_each(tmp_path: Path, kind: str) -> None:
    """Its message, and the film that is made of it, do not go with the first page that had them."""
    twins = _twins(
        tmp_path,
        {
            "content/_index.md": "+++\ntitle = 'Home'\n+++\n",
            "content/posts/_index.md": "+++\ntitle = 'Posts'\n+++\n",
            "content/posts/a/index.md": "+++\ntitle = 'A'\ndate = 2030-01-01\n+++\n\n![x](p.gif)\n",
            "content/posts/a/p.gif": _picture(kind),
            "templates/posts/page.html": "{{ page.title }}",
            "templates/home.html": _LIST,
            "templates/list.html": _LIST,
            "templates/partials/whole.html": "<div>{{ item.body }}</div>",
        },
    )
    for template in ("templates/home.html", "templates/list.html"):
        twins.site.write(template, "{{ page.title }}")
        twins.check()
        assert _told(twins.site, "SG407", tmp_path) == (kind == "cut off")
        assert any(twins.site.output.glob("images/*.png")) == (kind == "moving")
        twins.site.write(template, _LIST)
        twins.check()


def test_a_damaged_picture_is_told_where_it_is_shown_on_whatever_pager(tmp_path: Path) -> None:
    """Not with the page that happens to be rendered next; and by the line on which its page names it."""
    post = "+++\ntitle = '{0}'\ndate = 2030-01-0{0}\n{1}image = 'p.jpg'\n+++\n\n{2}\n"
    twins = _twins(
        tmp_path,
        {
            "content/posts/_index.md": "+++\ntitle = 'Posts'\n+++\n",
            **{f"content/posts/{number}/index.md": post.format(number, "", "") for number in (1, 2)},
            "content/posts/1/p.jpg": _picture("cut off"),
            "content/posts/2/p.jpg": _picture("whole"),
            "content/z.md": "+++\ntitle = 'Z'\n+++\n",
            "templates/posts/page.html": "{{ page.title }}",
            "templates/list.html": "{% extends 'base.html' %}{% block main %}"
            "{% for item in page.paginator().pages %}{{ cover(item, 'x') }}{% endfor %}{% endblock %}",
        },
    )
    for path, text in (
        ("content/posts/1/index.md", post.format(1, "", "Edited.")),
        ("content/z.md", "+++\ntitle = 'Other'\n+++\n"),
        ("content/posts/1/index.md", post.format(1, "# a line more\n", "Edited.")),
    ):
        twins.site.write(path, text)
        twins.check()
        assert _told(twins.site, "SG407", tmp_path)
    twins.site.write("content/posts/1/p.jpg", _picture("whole"))
    twins.check()
    assert not _told(twins.site, "SG407", tmp_path)


def test_the_cv_that_another_page_shows_can_come_to_lie_beside_its_page(tmp_path: Path) -> None:
    """The file was looked for there in vain before."""
    twins = _twins(
        tmp_path,
        {
            "content/_index.md": "+++\ntitle = 'Home'\nblocks = ['cv']\n+++\n",
            "content/cv/_index.md": "+++\ntitle = 'CV'\ntype = 'cv'\n+++\n",
            "data/resume.json": '{"basics": {"name": "Ada"}}',
            "templates/partials/blocks/cv.html": "<b>{{ (site.get_page('/cv') | resume).name }}</b>\n",
        },
    )
    twins.site.write("content/cv/resume.json", '{"basics": {"name": "Bea"}}')
    twins.check()
    assert "<b>Bea</b>" in (twins.site.output / "index.html").read_text("utf-8")


def test_pages_are_read_again_where_a_bibliography_comes_or_goes(tmp_path: Path) -> None:
    """Without one, `@key` is text."""
    entry = "@misc{one, author = {Lovelace, Ada}, title = {One}, year = 2001}\n"
    twins = _twins(
        tmp_path,
        {
            "sitegen.toml": "baseURL = 'https://example.org/'\ntitle = 'T'\nbibliography = 'refs.bib'\n",
            "content/a.md": "+++\ntitle = 'A'\n+++\n\nSee @one.\n",
        },
    )
    for content, shown in ((entry, "Lovelace"), (None, "@one"), (entry, "Lovelace")):
        if content is None:
            (twins.site.root / "refs.bib").unlink()
        else:
            twins.site.write("refs.bib", content)
        twins.check()
        assert shown in (twins.site.output / "a/index.html").read_text("utf-8")


def test_a_page_can_be_edited_and_a_file_of_its_bundle_removed_at_once(tmp_path: Path) -> None:
    """The page is not read again with the files that it had."""
    text = "+++\ntitle = 'A'\n+++\n\n![x](p.jpg)\n"
    twins = _twins(tmp_path, {"content/a/index.md": text, "content/a/p.jpg": _picture("whole")})
    (twins.site.root / "content/a/p.jpg").unlink()
    twins.site.write("content/a/index.md", text + "\nEdited.\n")
    twins.check()
    assert not (twins.site.output / "a/p.jpg").exists()
