"""What of a store can go: old runs, and blobs that no record names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container
from typing import Final

from sitegen.content.document import Digest
from sitegen.results.drift import baseline_of
from sitegen.results.problems import OTHER_SCHEMA
from sitegen.results.provenance import device_group_of
from sitegen.results.record import SCHEMA, encode
from sitegen.results.store import Store, StoredRecord, record_path
from sitegen.values import dataclass

_SPARED_S: Final = 3600.0
"""A file without a record that is younger may belong to a build that is at work: blobs are written before their record."""
_DIGEST: Final = re.compile(rb"\b[0-9a-f]{64}\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class PrunePlan:
    """The files that would go."""

    records: tuple[StoredRecord, ...]
    """Newest first, by page."""
    kept: int
    """Records that stay."""
    other_schema: tuple[str, ...]
    """Files of records that an older sitegen wrote and this one cannot read."""
    blobs: tuple[str, ...]
    """Files of blobs that no record names, once `records` are gone."""
    set_aside: tuple[str, ...]
    """Damaged files, set aside more than an hour ago."""
    size_bytes: int
    """Of all of these."""

    @property
    def paths(self) -> tuple[str, ...]:
        """The files in the order in which they go: a record before its blobs, so none is ever there in part."""
        return (*(_path(stored) for stored in self.records), *self.other_schema, *self.blobs, *self.set_aside)


def plan(store: Store, *, keep: int, in_use: Container[Digest], now_s: float) -> PrunePlan:
    """What can go.

    What stays: the newest `keep` runs of each page, device class and profile; what is in use; what somebody has
    accepted; and the baselines that drift of all these is measured from.

    Args:
        store: the site's.
        keep: at least 1.
        in_use: digests of the records that the site's pages show.
        now_s: seconds since 1970.

    Raises:
        OSError: the store cannot be listed.
    """
    stored = tuple(store.all())
    kept = _kept(stored, keep, in_use, store.acceptances())
    gone = tuple(found for found in stored if found.digest not in kept)
    older = _older_schema(store)
    sizes = {entry.path: entry.size_bytes for entry in store.files.listing("runs")}
    known = {_path(found): found for found in stored}
    going = {*(_path(found) for found in gone), *older}
    named: set[str] = set()
    for path in sizes.keys() - going:  # what cannot be believed may be read by another version of sitegen
        named |= _named(encode(known[path].record) if path in known else store.files.read(path))
    blobs, aside = [], []
    for entry in store.files.listing("blobs"):
        is_old = now_s - entry.modified_s > _SPARED_S
        if is_old and entry.path.rpartition("/")[2] not in named:
            blobs.append(entry.path)
            sizes[entry.path] = entry.size_bytes
    for entry in store.files.listing("damaged"):
        if now_s - entry.modified_s > _SPARED_S:
            aside.append(entry.path)
            sizes[entry.path] = entry.size_bytes
    return PrunePlan(
        records=gone,
        kept=len(kept),
        other_schema=older,
        blobs=tuple(blobs),
        set_aside=tuple(aside),
        size_bytes=sum(sizes.get(path, 0) for path in (*going, *blobs, *aside)),
    )


def prune(store: Store, planned: PrunePlan, *, now_s: float) -> int:
    """Remove what was planned; a blob that somebody has used meanwhile stays.

    Returns:
        How many files went.

    Raises:
        OSError: one cannot be removed; those before it are gone.
    """
    blobs = set(planned.blobs)

    def is_still_old(path: str) -> bool:
        entry = store.files.entry(path)
        return entry is not None and now_s - entry.modified_s > _SPARED_S

    return store.remove(path for path in planned.paths if path not in blobs or is_still_old(path))


def _kept(
    stored: tuple[StoredRecord, ...], keep: int, in_use: Container[Digest], accepted: Container[Digest]
) -> set[Digest]:
    groups: dict[tuple[str, str, str], list[StoredRecord]] = defaultdict(list)
    pages: dict[str, list[StoredRecord]] = defaultdict(list)
    for found in stored:  # newest first
        record = found.record
        groups[record.page, device_group_of(record), record.run.profile].append(found)
        pages[record.page].append(found)
    kept = {found.digest for group in groups.values() for found in group[:keep]}
    # a failed run is no result: behind five of them the last that succeeded stays too
    kept |= {found.digest for group in groups.values() for found in [f for f in group if f.record.ok][:keep]}
    kept |= {found.digest for found in stored if found.digest in in_use or found.digest in accepted}
    for page in pages.values():
        for found in page:
            if found.digest in kept and found.record.ok:
                baseline = baseline_of(found, page, accepted)
                if baseline is not None:
                    kept.add(baseline.digest)
    return kept


def _older_schema(store: Store) -> tuple[str, ...]:
    """Files of records that an older sitegen wrote."""
    found = ((path, OTHER_SCHEMA.fullmatch(problem)) for path, problem in store.strangers())
    return tuple(path for path, version in found if version is not None and int(version[1]) < SCHEMA)


def _path(stored: StoredRecord) -> str:
    return record_path(stored.record.key, stored.digest)


def _named(content: bytes) -> set[str]:
    """Everything in a record that may be the name of a blob."""
    return {found.decode() for found in _DIGEST.findall(content)}
