"""A template that extends another says nothing that nobody sees, and names that are not there have a near one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sitegen.config import Config
from sitegen.content.index import IndexedPage
from sitegen.errors import Diagnostic, TemplateError
from sitegen.rendering.assets import theme_folder
from sitegen.rendering.templating.overriding import OVERRIDES, Overrides
from sitegen.rendering.templating.templates import Templates

MakePlace = Callable[..., IndexedPage]
WriteTemplate = Callable[[str, str], None]

PARENT = "{% block head %}{% endblock %}{% block content %}{{ page }}{% endblock %}"


@pytest.fixture
def told(
    config: Config, make_place: MakePlace, write_template: WriteTemplate
) -> Callable[[str], Diagnostic | str]:
    """What `page.html` with this text gives: the page, or what its author is told."""

    def give(text: str) -> Diagnostic | str:
        write_template("base.html", PARENT)
        write_template("middle.html", '{% extends "base.html" %}{% block head %}{% endblock %}')
        write_template("partials/part.html", "part")
        write_template("page.html", text)
        try:
            return Templates(config).text(("page.html",), {"page": "P", "site": "S"}, make_place("/a"))
        except TemplateError as error:
            return error.diagnostic

    return give


@pytest.mark.parametrize(
    ("text", "place", "message", "hint"),
    [
        (
            '{% extends "base.html" %}\n\n{% block contnet %}x{% endblock %}',
            "3:10",
            "TemplateSyntaxError: `base.html` has no block `contnet`",
            "did you mean `content`?",
        ),
        (
            '{% extends "middle.html" %}\n{% if page %}{% block haed %}{% endblock %}{% endif %}',
            "2:23",
            "TemplateSyntaxError: `middle.html` has no block `haed`",
            "did you mean `head`?",
        ),
        (
            '{% extends "base.html" %}\n\n\n  lost words\n{% block head %}{% endblock %}',
            "4:3",
            "TemplateSyntaxError: text outside of all blocks is not shown: `lost words`",
            "mend the template there or above",
        ),
        (
            '{% extends "middle.html" %}{% block aside %}{% endblock %}',
            "1:37",
            "TemplateSyntaxError: `middle.html` has no block `aside`",
            "known: `content`, `head`",
        ),
        ("\n{{ pgae }}", "2:4", "UndefinedError: 'pgae' is undefined", "did you mean `page`?"),
        (
            "{% set wanted = 1 %}{{ wnated }}",
            "1:24",
            "UndefinedError: 'wnated' is undefined",
            "did you mean `wanted`?",
        ),
        (
            "{{ asste('site.css') }}",
            "1:4",
            "UndefinedError: 'asste' is undefined",
            "did you mean `asset`?",
        ),
        (
            "{{ page | markdwnify }}",
            "1:11",
            "TemplateAssertionError: there is no filter `markdwnify`",
            "did you mean `markdownify`?",
        ),
        (
            "{{ page is definde }}",
            "1:12",
            "TemplateAssertionError: there is no test `definde`",
            "did you mean `defined`?",
        ),
        (
            '{% include "partials/prat.html" %}',
            "1:13",
            "template `partials/prat.html` does not exist",
            "did you mean `partials/part.html`?",
        ),
        (
            '{% extends "theme/bsae.html" %}',
            "1:13",
            "template `theme/bsae.html` does not exist",
            "did you mean `theme/base.html`?",
        ),
    ],
)
def test_wrong_name_in_a_template_is_told(
    told: Callable[[str], Diagnostic | str], text: str, place: str, message: str, hint: str
) -> None:
    """The template, its line and column, and the near name."""
    found = told(text)

    assert isinstance(found, Diagnostic)
    assert (found.code, str(found.location)) == ("SG401", f"templates/page.html:{place}")
    assert (found.message, found.hint) == (message, hint)


@pytest.mark.parametrize(
    "text",
    [
        '{% extends "base.html" %}{% block content %}{% block mine %}P{% endblock %}{% endblock %}',
        '{% extends "middle.html" %}{# why #}\n<!-- nothing -->\n{% block content %}P{% endblock %}',
        '{% extends "base.html" %}{% block content %}{{ self.mine() }}{% endblock %}{% block mine %}P{% endblock %}',
        '{% set parent = "base.html" %}{% extends parent %}{% block other %}{% endblock %}',
        '{% extends "base.html" %}{% macro p() %}P{% endmacro %}{% block content %}{{ p() }}{% endblock %}',
    ],
)
def test_what_is_seen_is_not_told(told: Callable[[str], Diagnostic | str], text: str) -> None:
    """A block inside a block, one that the template calls, a parent that only a run knows, comments and macros."""
    assert told(text) == "P"


def test_kept_code_of_a_template_goes_by_its_parent_of_today(
    told: Callable[[str], Diagnostic | str], config: Config, make_place: MakePlace
) -> None:
    """The parent has lost a block since the template was compiled."""
    assert told('{% extends "base.html" %}{% block head %}P{% endblock %}') == "PP"
    (config.templates_dir / "base.html").write_text("{% block content %}{% endblock %}", encoding="utf-8")

    with pytest.raises(TemplateError, match=r"`base\.html` has no block `head`"):
        Templates(config).text(("page.html",), {"page": "P"}, make_place("/a"))


def test_theme_overrides_what_is_there(config: Config) -> None:
    """Every template of the theme that extends another changes blocks that it has; the check itself looks at a site's only."""
    environment = Templates(config).environment
    folder = theme_folder() / "templates"
    lost: list[str] = []
    for file in sorted(Path(folder).rglob("*.*")):
        template = environment.get_template(file.relative_to(folder).as_posix())
        found = vars(template)[OVERRIDES]
        if found is None:
            continue
        overrides = Overrides(*found)
        assert overrides.parent
        known: set[str] = set()
        name = overrides.parent
        while name:
            parent = environment.get_template(name)
            known |= parent.blocks.keys()
            above = vars(parent)[OVERRIDES]
            name = Overrides(*above).parent if above else ""
        lost += [f"{template.name}: {block}" for block, _ in overrides.blocks if block not in known]
        assert overrides.lost is None, template.name
    assert lost == []
