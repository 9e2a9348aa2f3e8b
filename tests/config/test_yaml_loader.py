"""The reader of YAML: its direct way gives what PyYAML's own way gives."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from sitegen.config.yaml_loader import YamlLoader

_SCALARS = (
    *(
        "a",
        "title",
        "1",
        "1.5",
        "0x1f",
        "017",
        "1_000",
        "-1",
        ".inf",
        "1e3",
        "true",
        "FALSE",
        "yes",
        "null",
        "~",
        "",
    ),
    *(
        "2024-01-01",
        "12:30",
        "'q'",
        '"q\\u00e9"',
        '"\\ud83d\\ude80"',
        "!!str 1",
        "!!int x",
        "!!bool yes",
        "!!bool maybe",
    ),
    *("!!seq x", "!!timestamp x", "!foo 1", "&x a", "*x", "<<", "? x"),
)
_values = st.recursive(
    st.sampled_from(_SCALARS),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.lists(st.tuples(st.sampled_from(_SCALARS), inner), max_size=3).map(
            lambda pairs: "{" + ", ".join(f"{key}: {value}" for key, value in pairs) + "}"
        )
    ),
    max_leaves=6,
)
_lines = st.lists(
    st.tuples(st.sampled_from(_SCALARS), st.sampled_from([" ", "\n  - ", "\n  b: "]), _values), max_size=4
)


class _Slow(YamlLoader):
    """Takes the direct way never."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._may_share = True


def _read(loader: type[YamlLoader], text: str) -> tuple[Any, ...]:
    reader = loader(text)
    try:
        node = reader.get_single_node()
        value = None if node is None else reader.construct_document(node)
    except (yaml.YAMLError, ValueError) as error:
        return type(error), str(error)
    finally:
        reader.dispose()
    return repr(value), reader.repeated


@settings(max_examples=400, deadline=None)
@given(lines=_lines)
def test_direct_way_is_the_other_way(lines: list[tuple[str, str, str]]) -> None:
    """Values with their types and order, keys given twice, and what is wrong."""
    text = "".join(f"{key}:{between}{value}\n" for key, between, value in lines)

    assert _read(YamlLoader, text) == _read(_Slow, text)


@pytest.mark.parametrize("text", ["a: [1, {b: true}]\nc: 'x'\n", "- 1\n- b: ~\n", "text"])
def test_plain_document_takes_the_direct_way(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of it needs PyYAML's constructor, which is what makes it fast."""
    monkeypatch.setattr(YamlLoader, "construct_object", lambda *_: pytest.fail("PyYAML's way was taken"))

    assert _read(YamlLoader, text)[1] == []


@pytest.mark.parametrize(
    ("text", "message"),
    [("a: !!bool maybe", "`maybe` is neither true nor false"), ("a: !!bool [x]", "expected a scalar node")],
)
def test_tag_that_does_not_fit_is_an_error_with_a_place(text: str, message: str) -> None:
    """It is the author's error, not a bug."""
    with pytest.raises(yaml.MarkedYAMLError, match=message) as caught:
        yaml.load(text, Loader=YamlLoader)

    assert caught.value.problem_mark is not None
