"""Where a setting is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from sitegen.config import load_config
from sitegen.content.front_places import place_in_settings


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("sitegen.yml", "title: A\nbibliography: refs.bib\n", "sitegen.yml:2:15"),
        ("hugo.json", '{\n  "bibliography": ["refs.bib"]\n}\n', "hugo.json:2:21"),
        ("config.yml", "csl: other\n", "config.yml"),
    ],
)
def test_a_setting_has_a_place_in_every_file_of_settings(
    tmp_path: Path, name: str, text: str, place: str
) -> None:
    """Whatever its form; one that is in none, as from the environment, has that of the file that there is."""
    (tmp_path / name).write_text(text, "utf-8")

    found = place_in_settings(load_config(tmp_path, environ={}), "bibliography", "refs.bib")

    assert str(found) == place
