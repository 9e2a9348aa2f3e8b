"""What other sites have said, kept between checks: good answers for days, bad ones for hours."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sitegen.checking.requests import Answer
from sitegen.files import write_atomic

_VERSION: Final = 1
"""Raised when an entry changes: `checked` (seconds since 1970), `outcome`, `said`, `status`, `moved_to`, by address."""
_BAD_AGE_S: Final = 6 * 3600.0
"""For which a bad answer is believed: long enough for the next push, and not for the next day."""
_FLAKY_AGE_S: Final = 600.0
"""For which one is that says nothing of the link."""
_LONGEST_AGE_S: Final = 90 * 86_400.0
"""After which an entry goes: the address has left the site."""
_NAME: Final = "links.json"


class LinkCache:
    """The answers of earlier checks; `save` keeps those of this one."""

    def __init__(self, state_dir: Path, now: datetime, *, max_age_s: float) -> None:
        self._file = state_dir / "cache" / _NAME
        self._now = now.timestamp()
        self._max_age_s = max_age_s
        self._entries = self._read()

    def get(self, url: str) -> Answer | None:
        """The answer of an earlier check, where it is young enough."""
        entry = self._entries.get(url)
        if entry is None:
            return None
        try:
            answer = Answer(
                outcome=entry["outcome"],
                said=str(entry["said"]),
                status=int(entry["status"]),
                moved_to=str(entry["moved_to"]),
            )
            age_s = self._now - float(entry["checked"])
        except (KeyError, TypeError, ValueError):
            return None
        return answer if 0 <= age_s <= self._age(answer) else None

    def save(self, answers: Mapping[str, Answer]) -> None:
        """Keep these answers, and older ones that may still be asked for.

        Raises:
            OSError: the cache cannot be written.
        """
        for url, answer in answers.items():
            self._entries[url] = {
                "checked": int(self._now),
                "outcome": answer.outcome,
                "said": answer.said,
                "status": answer.status,
                "moved_to": answer.moved_to,
            }
        kept = {
            url: entry
            for url, entry in sorted(self._entries.items())
            if isinstance(entry, dict)
            and isinstance(entry.get("checked"), int | float)
            and self._now - entry["checked"] <= _LONGEST_AGE_S
        }
        content = json.dumps({"version": _VERSION, "links": kept}, indent=1, ensure_ascii=False)
        write_atomic(self._file, content.encode("utf-8", "replace"))

    def _age(self, answer: Answer) -> float:
        if answer.outcome == "ok":
            return self._max_age_s
        return min(self._max_age_s, _FLAKY_AGE_S if answer.outcome == "flaky" else _BAD_AGE_S)

    def _read(self) -> dict[str, Any]:
        try:
            content = json.loads(self._file.read_bytes())
        except (OSError, ValueError):  # a cache that is not there, or broken, is empty
            return {}
        if not isinstance(content, dict) or content.get("version") != _VERSION:
            return {}
        links = content.get("links")
        return links if isinstance(links, dict) else {}
