"""Files of a configuration in its folders: what lies over what, and where messages point."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from sitegen.config import Config
from sitegen.errors import ConfigError

LoadSite = Callable[..., Config]
Warnings = Callable[[Mapping[str, str]], list[str]]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("params.yaml", "a: [\n", "config/_default/params.yaml:2:1: error SG101: the configuration cannot be read"),
        ("pagination.toml", "\npagerSize = 'x'\n", "config/_default/pagination.toml:2:13: error SG103: `pagination.pagerSize` must be a whole number"),
        ("menus.en.toml", "[[main]]\nname = 'x'\nweight = 'heavy'\n", "config/_default/menus.en.toml:3:10: error SG103: `languages.en.menus.main[0].weight` must be a whole number"),
        ("sub/markup.json", '{"goldmark": {"renderer": {\n"unsafe": "maybe"}}}', "config/_default/sub/markup.json:2:11: error SG103: `markup.goldmark.renderer.unsafe` must be `true` or `false`"),
        ("hugo.toml", "title = [1]\n", "config/_default/hugo.toml:1:9: error SG103: `title` must be text"),
    ],
)  # fmt: skip
def test_message_names_the_file_in_the_folder(
    load_site: LoadSite, name: str, text: str, expected: str
) -> None:
    """File, line and column are those of the file that has the value, wherever it lies."""
    with pytest.raises(ConfigError) as caught:
        load_site({"hugo.toml": "title = 'x'\n[pagination]\nextra = 1\n", f"config/_default/{name}": text})

    assert str(caught.value).startswith(expected)


def test_value_is_located_in_the_file_that_wins(warnings_of: Warnings) -> None:
    """Of a table that several files have, each key has its own file; a key that two have is told once."""
    found = warnings_of(
        {
            "hugo.toml": 'title = "x"\nwat = 1\n[outputs]\nhome = ["HTML", "AMP"]\npage = ["JSON"]\n',
            "config/_default/outputs.toml": '# more\nhome = ["HTML", "PDF"]\n',
            "config/production/hugo.toml": "wat = 2\n",
        }
    )

    assert found == [
        "config/production/hugo.toml:1:1 SG104 unknown configuration key `wat`",
        "config/_default/outputs.toml:2:17 SG104 sitegen has no output format `PDF`",
        "hugo.toml:5:9 SG104 sitegen has no output format `JSON`",
    ]


def test_file_that_no_setting_is_called_after_is_not_read(warnings_of: Warnings) -> None:
    """A warning names it; what is no configuration file at all is left alone."""
    found = warnings_of(
        {
            "config/_default/jest.config.json": "{ // a comment\n",
            "config/_default/notes.md": "#",
            "config/webpack.json": "{",
            "config/_default/Params.TOML": "a = 1\n",
        }
    )

    assert found == [
        "config/_default/jest.config.json SG104 no setting is called `jest.config`, so this file is not read"
    ]


def test_own_file_lies_over_every_folder(load_site: LoadSite) -> None:
    """`sitegen.toml` wins over `config/`, over the default language too, key by key."""
    config = load_site(
        {
            "config/_default/hugo.yaml": "title: d\ncopyright: d\nlanguages:\n  en:\n    title: e\n    params: {a: 1}\n",
            "config/production/params.yaml": "a: 2\nb: 2\n",
            "sitegen.toml": 'title = "own"\n[params]\nb = 3\n',
        }
    )

    assert (config.title, config.copyright) == ("own", "d")
    assert config.params == {"a": 1, "b": 3}


@pytest.mark.parametrize("environment", ["../..", "", "a/b", "_default"])
def test_environment_is_no_path(load_site: LoadSite, environment: str) -> None:
    """A name that leads elsewhere finds no folder."""
    config = load_site({"hugo.toml": "title = 'r'\n", "params.toml": "a = 1\n"}, environment=environment)

    assert config.title == "r"
    assert config.params == {}


def test_key_twice_is_a_warning_in_hugos_files(load_site: LoadSite, warnings_of: Warnings) -> None:
    """The last one counts, as in front matter."""
    files = {"hugo.yaml": "title: a\nparams:\n  x: 1\n  x: 2\ntitle: b\nbase-url: /b/\nbaseURL: /c/\n"}

    assert warnings_of(files) == [
        "hugo.yaml:4:3 SG103 `x` is set twice in one file",
        "hugo.yaml:5:1 SG103 `title` is set twice in one file",
        "hugo.yaml:7:10 SG103 `baseURL` is set twice in one file",
    ]
    config = load_site(files)
    assert (config.title, config.base_url) == ("b", "/c/")
    assert config.params == {"x": 2}


def test_byte_order_mark_and_windows_line_ends(load_site: LoadSite) -> None:
    """Files of Windows' editors are read, and lines are counted right."""
    with pytest.raises(ConfigError, match=r"config/_default/params\.toml:2:5: error SG101"):
        load_site(
            {
                "hugo.toml": '\ufefftitle = "x"\r\n[params]\r\na = """\r\n1"""\r\n',
                "config/_default/params.toml": "\ufeffa = 1\r\nb = \r\n",
            }
        )
