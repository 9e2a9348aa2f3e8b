"""A page's file in the site's repository: where its history is, where it is edited, where a problem is reported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit

from sitegen.values import dataclass

if TYPE_CHECKING:
    from sitegen.rendering.views.page_view import PageView

_FORMS: Final[Mapping[str, tuple[str, str, str]]] = {
    "github": ("commits/{branch}/{path}", "edit/{branch}/{path}", "issues/new?title={title}"),
    "gitlab": ("-/commits/{branch}/{path}", "-/edit/{branch}/{path}", "-/issues/new?issue[title]={title}"),
    "codeberg": ("commits/branch/{branch}/{path}", "_edit/{branch}/{path}", "issues/new?title={title}"),
    "bitbucket": ("history-node/{branch}/{path}", "src/{branch}/{path}?mode=edit", ""),
}
"""History, edit and report, below the repository's address, as each host forms them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLinks:
    """Addresses; one that a host does not have is empty."""

    history: str
    edit: str
    report: str


def source_links(page: PageView, params: Mapping[str, object]) -> SourceLinks | None:
    """The links of a page's file; None where the site names no repository, or the page has no file.

    Args:
        page: the one being rendered.
        params: of the configuration: `repository`, `branch` (`main` where there is none) and `edit`, a pattern for the
            edit address with `{path}` and `{branch}`, for a site in a folder of its repository.
    """
    found = params.get("repository")
    if not isinstance(found, str) or not found.startswith(("https://", "http://")) or not page.source_path:
        return None
    branch, pattern = params.get("branch"), params.get("edit")
    repository = found.rstrip("/").removesuffix(".git")
    host = urlsplit(repository).hostname or ""
    form = _FORMS[next((name for name in _FORMS if name in host), "github")]
    values = {
        "branch": quote(branch if isinstance(branch, str) and branch else "main"),
        "path": quote(page.source_path),
        "title": quote(page.label, safe=""),
    }
    history, edit, report = (f"{repository}/{_filled(each, values)}" if each else "" for each in form)
    if isinstance(pattern, str) and pattern:
        edit = _filled(pattern, values)
    return SourceLinks(history=history, edit=edit, report=report)


def _filled(pattern: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        pattern = pattern.replace(f"{{{name}}}", value)
    return pattern
