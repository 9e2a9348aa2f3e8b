"""What GitHub, GitLab, Codeberg and Hugging Face say of a repository, in one form.

Sources: docs.github.com/rest/repos, docs.gitlab.com/api/projects, codeberg.org/api/swagger, huggingface.co/docs/hub/api.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlsplit

from sitegen.content.repositories import HUB_KINDS

_DATE_LENGTH: Final = len("2026-01-01")
_NO_LICENSES: Final = frozenset({"", "NOASSERTION", "other", "unknown"})

Facts = dict[str, str | int | bool]
"""`name`, `description`, `stars` or `likes`, `downloads` (of the last 30 days), `language`, `license` (SPDX), `updated`
(a day), `archived`; what a host does not say is left out."""


class Question(NamedTuple):
    """How a repository's facts are asked for."""

    url: str
    """Answers with JSON."""
    token_variable: str
    """Names the variable of the environment that may hold a token."""
    read: Callable[[Any], Facts]


def question(repository: str) -> Question:
    """What to ask, of an address that `content.repositories.repository_of` has given."""
    parts = urlsplit(repository)
    return _HOSTS[parts.netloc](parts.path.strip("/"))


def token(asked: Question) -> str:
    """The token for a host, from the environment; empty where there is none: hosts answer a few questions without."""
    return os.environ.get(asked.token_variable, "").strip()


def _github(path: str) -> Question:
    return Question(f"https://api.github.com/repos/{quote(path)}", "GITHUB_TOKEN", _read_github)


def _read_github(said: Any) -> Facts:
    return _facts(
        name=said.get("full_name"),
        description=said.get("description"),
        stars=said.get("stargazers_count"),
        language=said.get("language"),
        license=(said.get("license") or {}).get("spdx_id"),
        updated=said.get("pushed_at"),
        archived=said.get("archived"),
    )


def _gitlab(path: str) -> Question:
    url = f"https://gitlab.com/api/v4/projects/{quote(path, safe='')}?license=true"
    return Question(url, "GITLAB_TOKEN", _read_gitlab)


def _read_gitlab(said: Any) -> Facts:
    return _facts(
        name=said.get("path_with_namespace"),
        description=said.get("description"),
        stars=said.get("star_count"),
        license=(said.get("license") or {}).get("nickname") or (said.get("license") or {}).get("name"),
        updated=said.get("last_activity_at"),
        archived=said.get("archived"),
    )


def _codeberg(path: str) -> Question:
    return Question(f"https://codeberg.org/api/v1/repos/{quote(path)}", "CODEBERG_TOKEN", _read_codeberg)


def _read_codeberg(said: Any) -> Facts:
    return _facts(
        name=said.get("full_name"),
        description=said.get("description"),
        stars=said.get("stars_count"),
        language=said.get("language"),
        license=next(iter(said.get("licenses") or ()), None),
        updated=said.get("updated_at"),
        archived=said.get("archived"),
    )


def _hugging_face(path: str) -> Question:
    kind, _, rest = path.partition("/")
    path = f"{kind}/{rest}" if kind in HUB_KINDS else f"models/{path}"
    return Question(f"https://huggingface.co/api/{quote(path)}", "HF_TOKEN", _read_hugging_face)


def _read_hugging_face(said: Any) -> Facts:
    tags = [tag for tag in said.get("tags") or () if isinstance(tag, str)]
    licenses = [tag.removeprefix("license:") for tag in tags if tag.startswith("license:")]
    return _facts(
        name=said.get("id"),
        likes=said.get("likes"),
        downloads=said.get("downloads"),
        license=licenses[0] if licenses else None,
        updated=said.get("lastModified"),
    )


def _facts(**said: Any) -> Facts:
    """What was said, by type: a host that changes its answers loses a fact, and breaks no page."""
    facts: Facts = {}
    for name, value in said.items():
        is_count = isinstance(value, int) and not isinstance(value, bool) and value >= 0
        if name in ("stars", "likes", "downloads"):
            if is_count:
                facts[name] = value
        elif name == "archived":
            if value is True:
                facts[name] = True
        elif isinstance(value, str) and value.strip() and not (name == "license" and value in _NO_LICENSES):
            facts[name] = value[:_DATE_LENGTH] if name == "updated" else value.strip()
    return facts


_HOSTS: Final[Mapping[str, Callable[[str], Question]]] = {
    "github.com": _github,
    "gitlab.com": _gitlab,
    "codeberg.org": _codeberg,
    "huggingface.co": _hugging_face,
}
