"""Which links can lead elsewhere than in the last build, told by the last parts of names.

Whatever a link means (`links.py`, `content/resolve.py`), the last part of what it finds is the last part of what is
written. So of the links of a site only those are looked at again that end in the name of something that came, went or
moved: of 23,000 links of 10,000 posts a handful, for 0.05 s in place of 2 s (CPU, measured). Where that cannot be told
from the text, such as of `..`, a link may always lead elsewhere.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Final
from urllib.parse import unquote

from sitegen.config import Config
from sitegen.content.document import PageKey
from sitegen.content.index import SiteIndex
from sitegen.content.resolve import PAGE_FILE
from sitegen.content.sources import Source
from sitegen.content.tree import key_of
from sitegen.values import dataclass

_TAIL: Final = re.compile(r"[?#]")
_OF_FOLDER: Final = frozenset({"", ".", "index", "_index"})
"""What stands for the folder that it lies in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedNames:
    """The last parts of the names of what came, went or moved, as keys of pages spell them; of home the empty one."""

    names: frozenset[str]
    base_path: str

    def may_lead_elsewhere(self, target: str) -> bool:
        """Whether a link, as it is written, can mean something else; False is certain."""
        if target.startswith("#"):
            return False
        found = _names_of(target, self.base_path)
        return found is None or not self.names.isdisjoint(found)


def changed_names(
    before: SiteIndex,
    now: SiteIndex,
    config: Config,
    *,
    places: Iterable[PageKey],
    files: tuple[Mapping[str, str] | None, Mapping[str, str] | None],
    unlisted: tuple[Iterable[Source], Iterable[Source]],
) -> ChangedNames | None:
    """What a link must end in to lead elsewhere; None where any link may.

    Args:
        before: the last build's.
        now: this build's.
        config: of both.
        places: pages whose place differs, new ones and those that are gone.
        files: `links.published_files` of both, where they are known.
        unlisted: sources of files that are no page, of both: hints name them.
    """
    files_before, files_now = files
    if files_before is None or files_now is None:
        return None
    if config.ref_links_error_level == "warning":  # its hint names the nearest page of all
        return None
    found = {key.rpartition("/")[2] for key in places}
    found.update(
        name
        for name in before.by_name.keys() | now.by_name.keys()
        if before.by_name.get(name) != now.by_name.get(name)
    )
    if files_before is not files_now:
        found.update(
            _spelt(posixpath.basename(path)) for path, _ in set(files_before.items()) ^ set(files_now.items())
        )
    left_before, left_now = ({_left_out(source) for source in sources} for sources in unlisted)
    found.update(name for name, *_ in left_before ^ left_now)
    return ChangedNames(names=frozenset(found), base_path=config.base_path)


def _left_out(source: Source) -> tuple[str, object, object]:
    """A source as `content.resolve.left_out` tells of it: its name first."""
    place = source.content_path
    name = place.parent.name if source.bundle in ("leaf", "branch") else place.stem
    return _spelt(name), source.path, source.meta.build.render


def _names_of(target: str, base_path: str) -> Collection[str] | None:
    """The last parts of all that a target can name; None where any name can be."""
    texts = [target, _TAIL.split(target, 1)[0]]
    if "%" in target:  # a part of what resolves links takes them encoded, a part decoded
        texts += [unquote(text) for text in texts]
        texts += [unquote(text) for text in texts]
        texts += [_TAIL.split(text, 1)[0] for text in texts]
    found: set[str] = set()
    for text in dict.fromkeys(texts):
        path = text.strip()
        if base_path != "/" and path.startswith(base_path):
            found |= {"", posixpath.basename(base_path.rstrip("/").lower())}
        parts = [part for part in path.split("/") if part not in ("", ".")]
        name = ""
        while name.lower() in _OF_FOLDER:
            if not parts:
                return None
            last = parts.pop()
            name = PAGE_FILE.sub("", last)
            if ".." in (last, name):
                return None
            found |= {_spelt(last), _spelt(name)}
    return found


def _spelt(name: str) -> str:
    """As the last part of a key."""
    return key_of(name)[1:]
