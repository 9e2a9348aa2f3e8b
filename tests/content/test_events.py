"""The next moment at which the site changes by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sitegen.config import Config
from sitegen.content.site import SiteIndex, build_index
from sitegen.content.sources import discover

NOW = datetime(2025, 6, 1, tzinfo=timezone.utc)  # noqa: UP017
TICK = timedelta(microseconds=1)


def _day(day: int) -> datetime:
    return NOW + timedelta(days=day)


def _post(**keys: object) -> str:
    return "---\n" + "".join(f"{key}: {value}\n" for key, value in keys.items()) + "---\n"


def _next(files: dict[str, str], load_site: Callable[..., Config], **changes: Any) -> datetime | None:
    config = replace(load_site(files), **changes)
    return build_index(discover(config), config).next_event


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"date": "2025-06-03"}, _day(2)),
        ({"date": "2025-05-01", "expiryDate": "2025-06-05"}, _day(4)),
        ({"date": "2025-06-03", "publishDate": "2025-06-02"}, _day(1)),
        ({"date": "2025-06-03", "draft": "true"}, None),
        ({"date": "2025-05-01"}, None),
        ({"date": "2025-05-01", "expiryDate": "2025-05-02"}, None),
        ({"publishDate": "2025-06-05", "expiryDate": "2025-06-03"}, _day(4)),
    ],
)
def test_next_date_of_a_page(
    load_site: Callable[..., Config], keys: dict[str, object], expected: datetime | None
) -> None:
    """Publishing and expiry that are still to come; drafts and what is past change nothing."""
    assert _next({"content/a.md": _post(**keys)}, load_site) == expected


def test_date_of_a_cascade(load_site: Callable[..., Config]) -> None:
    """A section's expiry is its pages'."""
    files = {
        "content/s/_index.md": "---\ncascade: {expiryDate: 2025-06-04}\n---\n",
        "content/s/a.md": _post(title="A"),
    }

    assert _next(files, load_site) == _day(3)


def test_what_is_built_anyway_is_no_event(load_site: Callable[..., Config]) -> None:
    """With flags for future and expired pages; the day counts for its list a moment later."""
    files = {"content/a.md": _post(date="2025-06-03", expiryDate="2025-06-05")}

    assert _next(files, load_site, build_future=True) == _day(2) + TICK
    assert _next(files, load_site, build_future=True, build_expired=True) == _day(2) + TICK
    assert _next(
        {"content/a.md": _post(draft="true", date="2025-06-03")}, load_site, build_drafts=True
    ) == _day(2)


def _without_time(index: SiteIndex) -> SiteIndex:
    return replace(index, next_event=None)


days = st.none() | st.integers(-2, 4).map(
    lambda day: f"2025-06-{1 + day:02}" if day >= 0 else f"2025-05-{32 + day}"
)
posts = st.lists(
    st.fixed_dictionaries(
        {"date": days, "publishDate": days, "expiryDate": days, "draft": st.sampled_from([None, "true"])}
    ),
    max_size=3,
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(found=posts, future=st.booleans(), expired=st.booleans(), start=st.integers(-1, 3))
def test_index_changes_then_and_not_before(
    load_site: Callable[..., Config],
    found: list[dict[str, str | None]],
    future: bool,
    expired: bool,
    start: int,
) -> None:
    """Until the event every build gives the same index; at it, another one, unless it is only the day of a list."""
    files = {
        f"content/s/{number}.md": _post(**{key: value for key, value in keys.items() if value})
        for number, keys in enumerate(found)
    }
    loaded = load_site(files)
    for stale in (loaded.content_dir / "s").glob("*.md"):
        if f"content/s/{stale.name}" not in files:
            stale.unlink()
    config = replace(loaded, build_future=future, build_expired=expired, now=_day(start))
    sources = discover(config)
    index = build_index(sources, config)

    event = index.next_event
    until = event - TICK if event is not None else _day(40)
    halves = (config.now + (until - config.now) / 2, until)

    assert event is None or event > config.now
    for moment in halves:
        assert _without_time(build_index(sources, replace(config, now=moment))) == _without_time(index)
    if event is not None and event.microsecond == 0:
        assert _without_time(build_index(sources, replace(config, now=event))) != _without_time(index)
