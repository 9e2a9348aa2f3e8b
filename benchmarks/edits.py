"""What an author changes between two builds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

from benchmarks import posts, vocabulary
from benchmarks.blogs import PAGER_SIZE, Blog
from benchmarks.measuring import Failed

_MARK: Final = "Edited-by-the-benchmark"
_LINE: Final = f"<p hidden>{_MARK}</p>\n"
"""No comment: Go's templates leave those out."""

Seen = tuple[str, str]
"""A pattern of files of the built site, and the text that is in at least one of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One change, and where it must be seen once the site is built."""

    name: str
    apply: Callable[[Blog], tuple[Seen, ...]]
    """Changes the blog's files; says what must then be found in the site."""


def check(blog: Blog, seen: Iterable[Seen]) -> None:
    """See that an edit has reached the site.

    Raises:
        Failed: it has not.
    """
    for pattern, text in seen:
        if not any(text in file.read_text("utf-8") for file in blog.output.glob(pattern)):
            raise Failed(f"{blog.generator.name}: `{text}` is not in {pattern}")


def undo(blog: Blog) -> None:
    """Bring all files back that an edit changes."""
    for number in (_middle(blog), _titled(blog), _tagged(blog), blog.count):
        blog.put(blog.post(number))
    blog.drop(blog.count + 1)
    text = blog.base_template.read_text("utf-8")
    blog.base_template.write_text(text.replace(_LINE, ""), "utf-8")


def _middle(blog: Blog) -> int:
    return max(1, blog.count // 2)


def _titled(blog: Blog) -> int:
    return max(1, blog.count // 3)


def _tagged(blog: Blog) -> int:
    return max(1, 2 * blog.count // 3)


def _edit_body(blog: Blog, number: int) -> tuple[Seen, ...]:
    post = blog.post(number)
    head, end, tail = post.body.partition("\n\n## ")
    blog.put(replace(post, body=f"{head} {_MARK}.{end}{tail}"))
    return ((f"posts/{post.name}/index.html", _MARK),)


def _edit_title(blog: Blog) -> tuple[Seen, ...]:
    number = _titled(blog)
    blog.put(replace(blog.post(number), title=_MARK))
    pager = (blog.count - number) // PAGER_SIZE + 1
    listed = "posts/index.html" if pager == 1 else f"posts/page/{pager}/index.html"
    return (f"posts/{posts.post_name(number)}/index.html", _MARK), (listed, _MARK)


def _edit_tag(blog: Blog) -> tuple[Seen, ...]:
    post = blog.post(_tagged(blog))
    other = next(tag for tag in vocabulary.of(blog.variant).tags if tag not in post.tags)
    blog.put(replace(post, tags=(*post.tags[1:], other)))
    place = f"/posts/{post.name}/"
    return (f"posts/{post.name}/index.html", f"/tags/{other}/"), (f"tags/{other}/**/index.html", place)


def _add_post(blog: Blog) -> tuple[Seen, ...]:
    number = blog.count + 1
    post = replace(blog.post(number), title=_MARK)
    blog.put(post)
    return ((f"posts/{post.name}/index.html", _MARK), ("index.html", _MARK), ("index.xml", _MARK))


def _edit_base(blog: Blog) -> tuple[Seen, ...]:
    text = blog.base_template.read_text("utf-8")
    blog.base_template.write_text(text.replace("</body>", f"{_LINE}</body>"), "utf-8")
    pages = (posts.post_name(number) for number in (1, blog.count))
    return ("index.html", _MARK), *((f"posts/{name}/index.html", _MARK) for name in pages)


BODY: Final = Edit(name="one body edited", apply=lambda blog: _edit_body(blog, _middle(blog)))
NEWEST: Final = Edit(name="the newest post's body edited", apply=lambda blog: _edit_body(blog, blog.count))
TITLE: Final = Edit(name="one title edited", apply=_edit_title)
TAG: Final = Edit(name="a tag of one post changed", apply=_edit_tag)
NEW: Final = Edit(name="a new post", apply=_add_post)
BASE: Final = Edit(name="the base template edited", apply=_edit_base)
EDITS: Final = (BODY, NEWEST, TITLE, TAG, NEW, BASE)
