"""`[check]` of the configuration."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sitegen.checking.settings import read_settings
from sitegen.config import Config


def test_settings_are_read(site_config: Callable[..., Config]) -> None:
    """Each key with its unit."""
    config = site_config({}, {"accept": (403, 999), "timeout-s": 3, "max_age_days": 2, "ignore": "SG710"})
    settings, problems = read_settings(config)
    assert problems == ()
    assert (settings.accept, settings.timeout_s, settings.max_age_s) == (
        frozenset({403, 999}),
        3.0,
        172_800.0,
    )
    assert settings.ignore == {"SG710"}


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("ignore-url", "x", "unknown key `ignore-url` in `[check]`"),
        ("accept", "403", "`accept` in `[check]` is not a list of status codes, such as `[403, 429]`"),
        ("timeout-s", 0, "`timeout-s` in `[check]` is not a number above 0"),
        ("per-host", True, "`per-host` in `[check]` is not a whole number from 0 on"),
        ("ignore-urls", "(", "`ignore-urls` in `[check]` is not a list of regular expressions: `(`"),
        ("ignore", ("SG999",), "`ignore` in `[check]` is not a list of codes: there is no `SG999`"),
        ("private", "yes", "`private` in `[check]` is not `true` or `false`"),
        ("schemas", "x.json", "`schemas` in `[check]` is not a table of sections with their schemas"),
    ],
)
def test_what_cannot_be_used_is_told_at_its_line(
    site_config: Callable[..., Config], key: str, value: object, says: str
) -> None:
    """The default holds meanwhile."""
    written = f"title = 'T'\n[check]\nother = 1\n{key} = 'x'\n"
    config = site_config({"sitegen.toml": "title = 'T'\n"}, {key: value})
    (config.root / "sitegen.toml").write_text(written, encoding="utf-8")
    settings, (problem,) = read_settings(config)
    assert problem.message.startswith(says)
    assert (problem.severity, str(problem.location)) == ("error", "sitegen.toml:4:1")
    assert settings.timeout_s == 15.0
