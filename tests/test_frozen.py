"""The mapping inside values: immutable, hashable, picklable."""

from __future__ import annotations

import pickle

import pytest

from sitegen.frozen import FrozenDict, freeze, thaw


def test_equals_any_mapping_with_the_same_pairs() -> None:
    """Order does not count for equality and hash; it is kept for iteration."""
    one, other = FrozenDict({"a": 1, "b": 2}), FrozenDict([("b", 2), ("a", 1)])

    assert one == other == {"a": 1, "b": 2}
    assert hash(one) == hash(other)
    assert (list(one), list(other)) == (["a", "b"], ["b", "a"])


def test_cannot_be_changed() -> None:
    """There is no way to set or delete a key."""
    with pytest.raises(TypeError):
        FrozenDict({"a": 1})["a"] = 2  # type: ignore[index]


def test_is_not_equal_to_other_things() -> None:
    """A mapping is no list of pairs."""
    assert FrozenDict({"a": 1}) != [("a", 1)]
    assert FrozenDict({"a": 1}) != FrozenDict({"a": 2})


def test_has_what_a_mapping_has() -> None:
    """Look-up, default, length, membership and a readable form."""
    mapping = FrozenDict({"a": 1})

    assert (mapping["a"], mapping.get("b", 0), len(mapping), "a" in mapping) == (1, 0, 1, True)
    assert repr(mapping) == "FrozenDict({'a': 1})"
    assert FrozenDict() == {}


def test_survives_pickling() -> None:
    """It crosses process borders, nested too."""
    mapping = freeze({"a": [{"b": 1}]})

    assert pickle.loads(pickle.dumps(mapping)) == mapping


def test_freeze_and_thaw_are_each_others_inverse() -> None:
    """Plain data becomes hashable at every depth, and plain again."""
    plain = {"a": [1, {"b": [True, None, "x"]}], "c": {}}

    frozen = freeze(plain)

    assert isinstance(hash(frozen), int)
    assert thaw(frozen) == plain


def test_unhashable_value_is_no_key() -> None:
    """A value that was not frozen is found out when the mapping is hashed."""
    with pytest.raises(TypeError, match="unhashable"):
        hash(FrozenDict({"a": [1]}))
