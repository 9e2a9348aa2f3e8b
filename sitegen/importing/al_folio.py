"""What jekyll-scholar and al-folio add to Jekyll: lists of papers, citations, Distill's tags, a CV, a home page."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any, Final

from sitegen.importing.pages import table

RESUME: Final = PurePosixPath("assets/json/resume.json")
"""Where al-folio's layout `cv` has JSON Resume."""
_LIST: Final = re.compile(r"^[ \t]*\{%-?\s*bibliography\b(.*?)-?%\}[ \t]*$", re.MULTILINE)
_AROUND_LIST: Final = re.compile(
    r"""^[ \t]*(?:\{%-?\s*(?:for|endfor|if|endif|bibliography|include\s+bib_search)\b.*?%\}"""
    r"""|<h2\s+class=["'](?:year|bibliography)["']>.*</h2>)[ \t]*\n?""",
    re.MULTILINE,
)
_BOX: Final = re.compile(r"""[ \t]*<div\b([^>]*)>[ \t]*\n?|[ \t]*</div\s*>[ \t]*\n?""")
_OF_LIST: Final = re.compile(r"""\bclass=["']publications["']""")
_FILE: Final = re.compile(r"(?:-f|--file)[ =]*([\w./-]+)")
_KEY: Final = re.compile(r"\w[\w:./+-]*")
_CITE: Final = re.compile(r"""<d-cite\s+(?:bibtex-)?key=["']([^"'<>]+)["']\s*>\s*</d-cite>""")
_NOTE: Final = re.compile(r"<d-footnote>(.*?)</d-footnote>", re.DOTALL)
_MATH: Final = re.compile(r"<d-math(\s+block)?(?:=\"\")?>(.*?)</d-math>", re.DOTALL)
_TAG: Final = re.compile(r"<[^>]*>")
_FILES: Final = (
    (
        PurePosixPath("assets/pdf"),
        re.compile(r"""(?im)^([ \t]*(?:pdf|supp|poster|slides)\s*=\s*[{"])([^{}"/:\n]+)(?=[}"])"""),
    ),
    (
        PurePosixPath("assets/img/publication_preview"),
        re.compile(r"""(?im)^([ \t]*preview\s*=\s*[{"])([^{}"/:\n]+)(?=[}"])"""),
    ),
)
"""The folders in which al-folio looks for what these fields name."""
SOCIAL: Final[Mapping[str, tuple[str, str]]] = {
    "github_username": ("GitHub", "https://github.com/{}"),
    "gitlab_username": ("GitLab", "https://gitlab.com/{}"),
    "twitter_username": ("Twitter", "https://twitter.com/{}"),
    "x_username": ("X", "https://x.com/{}"),
    "linkedin_username": ("LinkedIn", "https://www.linkedin.com/in/{}"),
    "scholar_userid": ("Google Scholar", "https://scholar.google.com/citations?user={}"),
    "orcid_id": ("ORCID", "https://orcid.org/{}"),
}
"""Settings of al-folio, minima and other themes that are accounts elsewhere."""


def papers_file(body: str, settings: Mapping[str, Any]) -> str | None:
    """The `.bib` whose entries a page lists; None where the tag `bibliography` stands on no line of its own.

    Args:
        body: of the page.
        settings: `_config.yml`; without a name there, and in the tag, jekyll-scholar's default counts.
    """
    found = _LIST.search(body)
    if found is None:
        return None
    named = _FILE.search(found[1])
    return bibliography_name(named[1] if named else table(settings.get("scholar")).get("bibliography"))


def bibliography_name(written: object) -> str:
    """The file's name, with its ending."""
    name = PurePosixPath(str(written or "references.bib")).name
    return name if name.endswith(".bib") else f"{name}.bib"


def bibliography_text(text: str, is_there: Callable[[PurePosixPath], bool]) -> str:
    """A `.bib` whose files have their whole addresses, without the two lines that let Jekyll read it.

    Args:
        text: of the file.
        is_there: whether the source has a file.
    """
    text = re.sub(r"\A---\s*\n---\s*\n", "", text)
    for folder, fields in _FILES:

        def addressed(found: re.Match[str], folder: PurePosixPath = folder) -> str:
            path = folder / found[2].strip()
            return f"{found[1]}/{path}" if is_there(path) else found[0]

        text = fields.sub(addressed, text)
    return text


def without_list(body: str) -> str:
    """The text of a page of papers without the loops, tags and boxes of the list: the list is the theme's."""
    return _AROUND_LIST.sub("", _without_boxes(body)).strip("\n") + "\n"


def _without_boxes(body: str) -> str:
    """The text without the `<div>` that the list stands in, and without what closes it."""
    kept: list[str] = []
    around: list[bool] = []
    start = 0
    for tag in _BOX.finditer(body):
        opening = tag[1]
        if opening is not None:
            around.append(_OF_LIST.search(opening) is not None)
            is_of_list = around[-1]
        else:
            is_of_list = around.pop() if around else False
        if is_of_list:
            kept.append(body[start : tag.start()])
            start = tag.end()
    return "".join((*kept, body[start:]))


def citation(markup: str) -> str | None:
    """`{% cite a b %}` as ours; None where it has options, or is none."""
    keys = markup.split()
    if not keys or not all(_KEY.fullmatch(key) for key in keys):
        return None
    return f"[{'; '.join(f'@{key}' for key in keys)}]"


def without_distill(text: str) -> str:
    """Distill's elements as what our Markdown has: citations, notes, formulas. A browser knows none of them."""
    text = _CITE.sub(lambda found: citation(found[1].replace(",", " ")) or found[0], text)
    text = _NOTE.sub(lambda found: f"^[{' '.join(found[1].split())}]", text)
    return _MATH.sub(
        lambda found: f"\n\n$$\n{found[2].strip()}\n$$\n\n" if found[1] else f"${found[2].strip()}$", text
    )


def home_fields(fields: Mapping[str, Any], title: str) -> dict[str, Any]:
    """What the layout `about` shows, as our home page's front matter: the name, a line under it, and blocks in its order.

    Args:
        fields: the page's front matter.
        title: the site's.
    """
    image = table(fields.get("profile")).get("image")
    subtitle = " ".join(_TAG.sub("", str(fields.get("subtitle") or "")).split())
    news = table(fields.get("announcements")).get("enabled", fields.get("news"))
    posts = table(fields.get("latest_posts")).get("enabled", fields.get("latest_posts"))
    shown = {"news": news, "posts": posts, "papers": fields.get("selected_papers"), "projects": False}
    made: dict[str, Any] = {"headline": title, "description": subtitle}
    if isinstance(image, str) and image:
        made["image"] = f"/assets/img/{image}"
    if any(shown.values()):
        made["blocks"] = ["hero", *(name for name, is_shown in shown.items() if is_shown), "ledger"]
    return {key: value for key, value in made.items() if value}


def accounts(settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The author's accounts as entries of the footer's menu; YAML makes a number of a name in digits."""
    named = (
        (name, pattern, str(settings[key]).strip("@/ "))
        for key, (name, pattern) in SOCIAL.items()
        if isinstance(settings.get(key), str | int) and not isinstance(settings[key], bool)
    )
    found = [
        (name, account if "://" in account else pattern.format(account))
        for name, pattern, account in named
        if account
    ]
    return [{"name": name, "url": url, "weight": weight} for weight, (name, url) in enumerate(found, 1)]
