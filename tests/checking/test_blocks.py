"""Blocks of templates that show nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sitegen.checking.blocks import check_blocks
from sitegen.config import load_config

WriteSite = Callable[[dict[str, str]], Path]


def test_a_block_that_the_theme_does_not_have_is_told(write_site: WriteSite) -> None:
    """At its name, with the nearest one; those that are there, and those within them, are not."""
    base = (
        '{% extends "theme/base.html" %}\n{% block footer %}{% block mine %}x{% endblock %}{% endblock %}\n'
        "  {%- block foter %}{% block other %}x{% endblock %}{% endblock %}\n"
    )
    root = write_site({"sitegen.toml": "title = 'T'\n", "templates/base.html": base})

    (told,) = check_blocks(load_config(root))

    assert (told.code, told.severity, str(told.location)) == ("SG721", "warning", "templates/base.html:3:13")
    assert told.message.startswith("the block `foter` is shown nowhere")
    assert told.hint == "did you mean `footer`?"


def test_blocks_of_every_template_above_are_known(write_site: WriteSite) -> None:
    """Of the site's own ones, too, which stand in for the theme's."""
    files = {
        "sitegen.toml": "title = 'T'\n",
        "templates/base.html": '{% extends "theme/base.html" %}{% block footer %}{% block mine %}{% endblock %}{% endblock %}',
        "templates/page.html": '{% extends "theme/page.html" %}{% block mine %}a{% endblock %}{% block toc %}{% endblock %}',
        "templates/partials/footer.html": "{% block any %}{% endblock %}",
    }

    assert list(check_blocks(load_config(write_site(files)))) == []


@pytest.mark.parametrize(
    "text",
    [
        '{% extends "theme/base.html" %}{% block a %}',
        '{% extends "nowhere.html" %}{% block a %}{% endblock %}',
        '{% extends page.layout ~ ".html" %}{% block a %}{% endblock %}',
        '{% extends "page.html" %}{% block a %}{% endblock %}',
    ],
)
def test_what_the_build_tells_is_not_told_again(write_site: WriteSite, text: str) -> None:
    """A mistake of syntax, a parent that is not there or is not known, one that extends itself."""
    root = write_site({"sitegen.toml": "title = 'T'\n", "templates/page.html": text})

    assert list(check_blocks(load_config(root))) == []


def test_a_site_without_templates_has_none(write_site: WriteSite) -> None:
    """Nothing is read."""
    assert list(check_blocks(load_config(write_site({"sitegen.toml": "title = 'T'\n"})))) == []
