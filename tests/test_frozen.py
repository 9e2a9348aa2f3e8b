"""The mapping inside values: immutable, hashable, picklable."""

from __future__ import annotations

import pickle
from dataclasses import dataclass, field, replace

import pytest

from sitegen.frozen import FrozenDict, compact, freeze, thaw, with_fields


@compact
@dataclass(frozen=True, slots=True, kw_only=True)
class _Value:
    """A compact class with every kind of default."""

    name: str
    number: int = 3
    table: FrozenDict[str, int] = field(default_factory=FrozenDict)
    inner: _Value | None = None


@compact
@dataclass(frozen=True, slots=True, kw_only=True)
class _Single:
    """A compact class of one field."""

    number: int = 0


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


def test_empty_mappings_are_one_object() -> None:
    """However it is made: from nothing, from an empty mapping, from an iterator without an item."""
    nothing: dict[str, int] = {}
    empty: FrozenDict[str, int] = FrozenDict()

    assert FrozenDict(nothing) is empty
    assert FrozenDict(iter(nothing.items())) is empty
    assert pickle.loads(pickle.dumps((empty, 1)))[0] is empty


def test_copy_is_its_own() -> None:
    """What the mapping was made of may change; the views of it cannot."""
    items = {"a": 1}
    mapping = FrozenDict(items)

    items["a"] = 2

    assert list(mapping.items()) == [("a", 1)]
    assert (list(mapping.keys()), list(mapping.values())) == (["a"], [1])
    with pytest.raises(TypeError):
        mapping.items().mapping["a"] = 2  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "value",
    [
        _Value(name="x"),
        _Value(name="", number=0, table=FrozenDict({"a": 1}), inner=_Value(name="y", number=True)),
        _Single(),
        _Single(number=7),
    ],
)
@pytest.mark.parametrize("protocol", [2, 5])
def test_compact_value_survives_pickling(value: object, protocol: int) -> None:
    """Every field has its value and type again, whether it was its default or not; the value stays frozen."""
    read = pickle.loads(pickle.dumps(value, protocol=protocol))

    assert (read, repr(read)) == (value, repr(value))
    assert hash(read) == hash(value)
    with pytest.raises(AttributeError):
        read.number = 1


def test_compact_pickle_leaves_defaults_out() -> None:
    """It is no longer for the fields that nobody gave."""
    assert b"number" not in pickle.dumps(_Value(name="x", number=9))
    assert len(pickle.dumps(_Value(name="x"))) < len(pickle.dumps(_Value(name="x", number=10**30)))


def test_with_fields_is_replace() -> None:
    """Others stay as they are, the first value too; a name that is no field is refused."""
    value = _Value(name="x", inner=_Value(name="y"))

    changed = with_fields(value, name="z", number=4)

    assert changed == replace(value, name="z", number=4)
    assert value.name == "x"
    with pytest.raises(KeyError):
        with_fields(value, nam="z")
