"""A mapping that can be hashed, pickled and shared: the only mapping inside a value; and small pickles of values."""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from dataclasses import MISSING, Field, fields
from operator import attrgetter
from typing import Any, Final, TypeVar, overload

K = TypeVar("K")
V = TypeVar("V", covariant=True)
T = TypeVar("T")


class FrozenDict(Mapping[K, V]):
    """An immutable mapping that keeps insertion order.

    `types.MappingProxyType` is neither hashable nor picklable on Python 3.11; values are cached
    and sent to worker processes, so they need both. Equality is that of `dict`; the hash
    is taken over the pairs without their order and needs hashable values. All empty ones are one object: a
    page has half a dozen.
    """

    __slots__ = ("_hash", "_items")

    _items: dict[K, V]
    _hash: int | None

    def __new__(cls, items: Mapping[K, V] | Iterable[tuple[K, V]] = ()) -> FrozenDict[K, V]:
        """A copy of `items`, which one that cannot be changed is itself; without any, the one that is empty."""
        if items.__class__ is FrozenDict:
            return items
        copied = dict(items) if items else None  # an iterator without an item is true
        return _adopted(copied) if copied else _EMPTY

    def __getitem__(self, key: K) -> V:
        return self._items[key]

    # `Mapping` has these five in Python, by way of `__getitem__`; the views of a `dict` can change nothing
    @overload
    def get(self, key: K, /) -> V | None: ...
    @overload
    def get(self, key: K, /, default: V | T) -> V | T: ...
    def get(self, key: K, /, default: Any = None) -> Any:
        """The value of a key, or `default`."""
        return self._items.get(key, default)

    def __contains__(self, key: object) -> bool:
        return key in self._items

    def keys(self) -> KeysView[K]:
        """A view of the keys."""
        return self._items.keys()

    def values(self) -> ValuesView[V]:
        """A view of the values."""
        return self._items.values()

    def items(self) -> ItemsView[K, V]:
        """A view of the pairs."""
        return self._items.items()

    def __iter__(self) -> Iterator[K]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(frozenset(self._items.items()))
        return self._hash

    def __eq__(self, other: object) -> bool:
        if isinstance(other, FrozenDict):
            return self is other or self._items == other._items
        if isinstance(other, Mapping):
            return self._items == dict(other)
        return NotImplemented

    def __repr__(self) -> str:
        return f"FrozenDict({self._items!r})"

    def __reduce__(self) -> str | tuple[object, ...]:
        return (_adopted, (self._items,)) if self._items else "_EMPTY"


def _adopted(items: dict[K, V]) -> FrozenDict[K, V]:
    """A mapping around a dictionary that nobody else has."""
    made = object.__new__(FrozenDict)
    made._items = items
    made._hash = None
    return made


_EMPTY: Final[FrozenDict[Any, Any]] = _adopted({})


def freeze(value: Any) -> Any:
    """The same data with mappings as `FrozenDict` and lists as tuples, at every depth."""
    if isinstance(value, Mapping):
        return FrozenDict({key: freeze(item) for key, item in value.items()})
    if isinstance(value, (list, tuple)):
        return tuple(freeze(item) for item in value)
    return value


def thaw(value: Any) -> Any:
    """Plain `dict` and `list` again, for JSON, YAML and templates' filters."""
    if isinstance(value, Mapping):
        return {key: thaw(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [thaw(item) for item in value]
    return value


# --- small pickles of values ----------------------------------------------------------------------

_Setter = Callable[[Any, Any], None]
_REQUIRED: Final = object()


def compact(cls: type[T]) -> type[T]:
    """Lets a frozen dataclass with slots pickle as its values, without those that are its defaults.

    What `dataclass` itself gives asks `fields` for the names at each value, and stores all of them: a page's
    front matter, of whose 32 fields few have a value, is 3 times as long and takes 4 times as long to read. The pickle
    knows fields by their number: only the same version of the code can read it.
    """
    form = _form_of(cls)

    def reduced(self: T) -> tuple[object, ...]:
        given, left = 0, []
        for bit, value, default in zip(form.bits, form.values(self), form.defaults):  # noqa: B905 - one form
            if value is not default:
                given |= bit
                left.append(value)
        return (_restored, (cls, given, *left))

    cls.__reduce__ = reduced  # type: ignore[assignment]
    return cls


def with_fields(value: T, **changes: object) -> T:
    """What `dataclasses.replace` gives for a frozen dataclass with slots and without `__post_init__`, 5 times as fast.

    Raises:
        KeyError: the class has no such field.
    """
    form = _form_of(type(value))
    made: T = object.__new__(type(value))
    for set_field, same in zip(form.setters, form.values(value)):  # noqa: B905
        set_field(made, same)
    for name, changed in changes.items():
        form.setter_of[name](made, changed)
    return made


class _Form:
    """The fields of a class, in their order."""

    __slots__ = ("bits", "defaults", "setter_of", "setters", "values")

    def __init__(self, cls: type) -> None:
        known = fields(cls)
        names = [each.name for each in known]
        get = attrgetter(*names)
        self.values: Callable[[Any], tuple[Any, ...]] = get if len(names) > 1 else lambda value: (get(value),)
        self.bits = tuple(1 << number for number in range(len(names)))
        self.defaults = tuple(map(_default, known))
        # the descriptors of the slots, which a frozen class's `__setattr__` does not stand before
        self.setters: tuple[_Setter, ...] = tuple(getattr(cls, name).__set__ for name in names)
        self.setter_of = dict(zip(names, self.setters, strict=True))


_FORMS: Final[dict[type, _Form]] = {}


def _form_of(cls: type) -> _Form:
    if cls not in _FORMS:
        _FORMS[cls] = _Form(cls)
    return _FORMS[cls]


def _default(known: Field[Any]) -> Any:
    """The value that a field has unless it is given one; made once, as all values of values are immutable."""
    if known.default is not MISSING:
        return known.default
    return _REQUIRED if known.default_factory is MISSING else known.default_factory()


_Plan = tuple[tuple[_Setter, ...], tuple[tuple[_Setter, Any], ...]]
"""The setters of the fields that a pickle has, and of the others with their defaults."""
_PLANS: Final[dict[tuple[type, int], _Plan]] = {}


def _plan(cls: type, given: int) -> _Plan:
    form = _form_of(cls)
    every = tuple(zip(form.bits, form.setters, form.defaults, strict=True))
    return (
        tuple(set_field for bit, set_field, _ in every if given & bit),
        tuple((set_field, default) for bit, set_field, default in every if not given & bit),
    )


def _restored(cls: type[T], given: int, *values: object) -> T:
    """The value that `__reduce__` of a compact class has taken apart."""
    plan = _PLANS.get((cls, given))
    if plan is None:
        plan = _PLANS[cls, given] = _plan(cls, given)
    setters, others = plan
    made: T = object.__new__(cls)
    for set_field, value in zip(setters, values):  # noqa: B905
        set_field(made, value)
    for set_field, default in others:
        set_field(made, default)
    return made
