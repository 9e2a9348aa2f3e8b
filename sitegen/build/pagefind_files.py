"""A search index with the same bytes for the same texts.

Pagefind writes the values of a filter, the filters and the languages in the order of a hash table, another one in each run, and
names files by what is in them. Here these are sorted, and the names made anew. All else is the same in each run
(1.5.2, 1,000 pages in five languages, a dozen runs).

A `.pf_filter` is `[name, [[value, [page, ...]], ...]]`, and a `.pf_meta` `[version, [[hash, words], ...], [[from, to, hash], ...],
[[filter, hash], ...], [[sort, [page, ...]], ...], [field, ...]]`: CBOR (RFC 8949) behind twelve letters, compressed by gzip.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

_SIGNATURE: Final = b"pagefind_dcd"
_ENTRY: Final = "pagefind-entry.json"
_FILTER_DIGITS: Final = 7
_META_DIGITS: Final = 10
_UNSIGNED, _TEXT, _ARRAY = 0, 3, 4
_FILTERS, _SORTS = 3, 4
"""Places in a `.pf_meta`."""


class UnknownFormError(ValueError):
    """A file is not of the form that is written above."""


def reproducible(files: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """The same index in an order of its own; as it is where another Pagefind has written it in another form.

    Args:
        files: by their paths in the index's folder.
    """
    try:
        return _sorted(files)
    except (UnknownFormError, KeyError, IndexError, TypeError, ValueError, OSError):
        return files


def _sorted(files: Mapping[str, bytes]) -> Mapping[str, bytes]:
    found = dict(files)
    entry = json.loads(found[_ENTRY])
    languages: dict[str, Any] = {}
    for language in sorted(entry["languages"]):
        told = entry["languages"][language]
        meta = _read(found.pop(f"pagefind.{told['hash']}.pf_meta"))
        for each in meta[_FILTERS]:
            name, values = _read(found.pop(f"filter/{each[1]}.pf_filter"))
            content = _encoded([name, sorted(values)])
            each[1] = f"{language}_{_digest(content, _FILTER_DIGITS)}"
            found[f"filter/{each[1]}.pf_filter"] = _packed(content)
        meta[_FILTERS].sort()
        meta[_SORTS].sort()
        content = _encoded(meta)
        name = f"{language}_{_digest(content, _META_DIGITS)}"
        found[f"pagefind.{name}.pf_meta"] = _packed(content)
        languages[language] = {**told, "hash": name}
    entry["languages"] = languages
    found[_ENTRY] = json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode()
    return found


def _read(file: bytes) -> Any:
    """What is in a file; held against what `_encoded` makes of it, so that nothing of it can be lost."""
    content = gzip.decompress(file)
    value, end = _decoded(content, len(_SIGNATURE))
    if not content.startswith(_SIGNATURE) or end != len(content) or _encoded(value) != content:
        raise UnknownFormError
    return value


def _packed(content: bytes) -> bytes:
    return gzip.compress(content, 9, mtime=0)


def _digest(content: bytes, digits: int) -> str:
    return hashlib.sha256(content).hexdigest()[:digits]


def _encoded(value: Any) -> bytes:
    parts: list[bytes] = [_SIGNATURE]
    _encode(value, parts)
    return b"".join(parts)


def _encode(value: Any, parts: list[bytes]) -> None:
    if isinstance(value, int):
        parts.append(_head(_UNSIGNED, value))
    elif isinstance(value, str):
        text = value.encode()
        parts += (_head(_TEXT, len(text)), text)
    elif isinstance(value, Sequence):
        parts.append(_head(_ARRAY, len(value)))
        for each in value:
            _encode(each, parts)
    else:
        raise UnknownFormError


def _head(kind: int, number: int) -> bytes:
    if number < 24:
        return bytes((kind << 5 | number,))
    size = next(size for size in (1, 2, 4, 8) if number < 1 << 8 * size)
    return bytes((kind << 5 | 23 + size.bit_length(),)) + number.to_bytes(size, "big")


def _decoded(content: bytes, place: int) -> tuple[Any, int]:
    """A value, and where the next one begins."""
    kind, number = content[place] >> 5, content[place] & 31
    place += 1
    if number > 27:
        raise UnknownFormError
    if number > 23:
        size = 1 << number - 24
        number = int.from_bytes(content[place : place + size], "big")
        place += size
    if kind == _UNSIGNED:
        return number, place
    if kind == _TEXT:
        return content[place : place + number].decode(), place + number
    if kind != _ARRAY:
        raise UnknownFormError
    values = []
    for _ in range(number):
        value, place = _decoded(content, place)
        values.append(value)
    return values, place
