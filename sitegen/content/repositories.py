"""Addresses of repositories: which of them name one, and how each is called once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

HUB_KINDS: Final = frozenset({"datasets", "spaces"})
"""First parts of paths of Hugging Face; models have none."""


def repository_of(address: object) -> str:
    """The address without what may be left out: `https://github.com/owner/name`; empty for what is none of a known host."""
    if not isinstance(address, str):
        return ""
    try:
        parts = urlsplit(address.strip())
    except ValueError:  # `https://[`
        return ""
    host, path = (parts.hostname or "").removeprefix("www."), parts.path.strip("/").removesuffix(".git")
    is_path = _HOSTS.get(host)
    if parts.scheme not in ("http", "https") or is_path is None or not is_path(path.split("/")):
        return ""
    return f"https://{host}/{path}"


def _is_owner_and_name(parts: Sequence[str]) -> bool:
    return len(parts) == 2 and all(parts)


def _is_in_groups(parts: Sequence[str]) -> bool:
    """GitLab's groups may lie in groups; `-` begins what is in a repository."""
    return len(parts) > 1 and all(parts) and "-" not in parts


def _is_of_hub(parts: Sequence[str]) -> bool:
    return _is_owner_and_name(parts[1:] if parts[0] in HUB_KINDS else parts)


_HOSTS: Final[Mapping[str, Callable[[Sequence[str]], bool]]] = {
    "github.com": _is_owner_and_name,
    "gitlab.com": _is_in_groups,
    "codeberg.org": _is_owner_and_name,
    "huggingface.co": _is_of_hub,
}
"""Host to whether the parts of a path name a repository there."""
