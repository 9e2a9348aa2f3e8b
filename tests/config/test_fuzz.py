"""Whatever a configuration holds, it is read or refused with a place; no other exception leaves."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sitegen.config import Config, load_config
from sitegen.config.known_keys import ALIASES, QUIET, SHORT_FORMS, UNHONOURED
from sitegen.config.settings import all_settings
from sitegen.errors import ConfigError

Load = Callable[[str, str], Config | None]

NAMES = sorted({*all_settings("production"), *ALIASES, *QUIET, *UNHONOURED, *SHORT_FORMS, "menu", "_merge"})
PARTS = sorted(
    {part for name in NAMES for part in name.split(".")} | {"main", "en", "fr", "posts", "name", "weight"}
)
FORMATS = {
    "hugo.toml": lambda tree: _toml(tree),
    "hugo.yaml": lambda tree: yaml.safe_dump(tree, sort_keys=False),
    "sitegen.yml": lambda tree: yaml.safe_dump(tree, sort_keys=False, default_flow_style=True),
    "hugo.json": lambda tree: json.dumps(tree, indent=1),
    "sitegen.toml": lambda tree: _toml(tree),
    "config/_default/params.en.yaml": lambda tree: yaml.safe_dump(tree),
    "config/_default/menu.toml": lambda tree: _toml(tree),
}

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-3, 200)
    | st.integers()
    | st.floats()
    | st.sampled_from(
        ["", "true", "page", "ERROR", "/:year/", "(", "en", "[a", "{}", "2020-01-01", "{/a/**,b}"]
    )
    | st.text(max_size=8)
)
keys = st.sampled_from(PARTS) | st.text(max_size=5)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)


def _nested(path: str, value: Any) -> dict[str, Any]:
    head, _, rest = path.partition(".")
    return {head: _nested(rest, value) if rest else value}


settings_at_their_place = st.lists(
    st.tuples(st.sampled_from(NAMES), values).map(lambda pair: _nested(*pair)), max_size=4
).map(lambda parts: {key: value for part in parts for key, value in part.items()})
trees = settings_at_their_place | st.dictionaries(keys, values, max_size=5)


def _toml(tree: dict[str, Any]) -> str:
    return "".join(f"{_quoted(key)} = {_value(item)}\n" for key, item in tree.items() if item is not None)


def _value(value: Any) -> str:
    if isinstance(value, dict):
        inner = (f"{_quoted(key)} = {_value(item)}" for key, item in value.items() if item is not None)
        return "{" + ", ".join(inner) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_value(item) for item in value if item is not None) + "]"
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf"
    return _quoted(value) if isinstance(value, str) else json.dumps(value)


def _quoted(text: str) -> str:
    return (
        json.dumps(text).replace("\x7f", "\\u007f")
        if text.isascii()
        else json.dumps(text, ensure_ascii=False)
    )


@pytest.fixture(scope="module")
def load_text(tmp_path_factory: pytest.TempPathFactory) -> Load:
    """Loads a site of one file; None where it is refused with a place."""
    root = tmp_path_factory.mktemp("site")
    (root / "content").mkdir()

    def load(name: str, text: str) -> Config | None:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", errors="surrogatepass")
        try:
            config = load_config(root, environ={})
        except ConfigError as error:
            refused: ConfigError | None = error
        else:
            refused = None
        finally:
            path.unlink()
        if refused is not None:
            place = refused.diagnostic.location
            assert place is not None, str(refused)
            assert str(place.path) == name
            return None
        hash(config)
        assert all(found.location is not None for found in config.diagnostics)
        return config

    return load


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(name=st.sampled_from(sorted(FORMATS)), tree=trees)
def test_trees_of_settings(load_text: Load, name: str, tree: dict[str, Any]) -> None:
    """Any value at any setting's place, in each format."""
    load_text(name, FORMATS[name](tree))


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(name=st.sampled_from(["hugo.toml", "hugo.yaml", "sitegen.json"]), data=st.data())
def test_damaged_texts(load_text: Load, name: str, data: st.DataObject) -> None:
    """A text with a piece cut out or put in somewhere."""
    text = FORMATS.get(name, json.dumps)(data.draw(trees))
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 6)))
    piece = data.draw(st.text("[]{}\"'#=:,.-&*!|>\n\t \r\\0eE+_\ufeff\x00é", max_size=5))

    load_text(name, text[:start] + piece + text[end:])


@given(
    variables=st.dictionaries(
        st.sampled_from([name.upper().replace(".", "_") for name in NAMES])
        | st.text("ABX_", min_size=1, max_size=6),
        st.text(max_size=8) | st.sampled_from(["[", "{a: [1]}", "true", "1e999", "[x, {y: 1}]", "&a [*a]"]),
        max_size=3,
    )
)
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
def test_variables(tmp_path_factory: pytest.TempPathFactory, variables: dict[str, str]) -> None:
    """Any text in any variable: read, or refused by the variable's name."""
    root = tmp_path_factory.getbasetemp() / "variables"
    (root / "content").mkdir(parents=True, exist_ok=True)
    environ = {f"HUGO_{name}": text for name, text in variables.items()}
    try:
        hash(load_config(root, environ=environ))
    except ConfigError as error:
        message = str(error)
    else:
        return
    assert any(name in message for name in environ) or "SG105" in message


HOSTILE = {
    "deep lists": ("hugo.json", '{"params": {"a": ' + "[" * 5_000 + "]" * 5_000 + "}}"),
    "deep tables of TOML": ("hugo.toml", "a = " + "{a = " * 900 + "1" + "}" * 900),
    "deep YAML": ("hugo.yaml", "a: " + "[" * 3_000 + "]" * 3_000),
    "an alias in itself": ("hugo.yaml", "params: &a\n  b: *a\n"),
    "aliases of aliases": (
        "hugo.yaml",
        "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [" + f"*a{n - 1}, " * 9 + "]\n" for n in range(1, 12)),
    ),
    "a long number": ("hugo.toml", "summaryLength = " + "9" * 5_000),
    "a long number in JSON": ("sitegen.json", '{"summaryLength": ' + "9" * 5_000 + "}"),
    "digits of nothing": ("hugo.yaml", "summaryLength: 0x_\n"),
    "a tag": ("hugo.yaml", "title: !unknown x\n"),
    "a control sign": ("hugo.yaml", "title: a\nx: \x00\n"),
    "a lone surrogate": ("hugo.json", '{"title": "\\ud800"}'),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_texts(load_text: Load, case: str) -> None:
    """Depth, size and strange signs end in a message with a place, or in a configuration."""
    load_text(*HOSTILE[case])
