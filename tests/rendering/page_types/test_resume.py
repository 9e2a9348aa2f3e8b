"""What a CV shows of its file."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from sitegen.config import Config
from sitegen.content.resumes import read_resume
from sitegen.rendering.page_types.resume import _cv


def test_addresses_of_the_site_have_its_base_path() -> None:
    """Those of the person, of profiles and of entries; others are as they are written."""
    config = Config(root=Path("/site"), now=datetime(2026, 1, 1, tzinfo=UTC), base_url="https://e.org/lab/")
    resume = {
        "basics": {"url": "/about/", "profiles": [{"network": "N", "url": "//e.net/me"}]},
        "projects": [{"name": "A", "url": "/projects/a/"}, {"name": "B", "url": "https://e.com/"}],
    }

    cv = _cv(read_resume(json.dumps(resume), PurePosixPath("resume.json")), "", config)

    assert cv.url == "/lab/about/"
    assert [profile["url"] for profile in cv.profiles] == ["//e.net/me"]
    assert [entry.url for entry in cv.sections[0].entries] == ["/lab/projects/a/", "https://e.com/"]
