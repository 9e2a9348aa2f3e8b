"""Records and blobs in a place of immutable files, named by what they hold.

    runs/<key>/<digest of the record>.json
    blobs/<digest>
    accepted/<digest of the record>.json
    damaged/<path as above>.<beginning of the digest of what it holds>

Runs of one key stand side by side and are its history. Nothing is ever changed in place, so the results of two
machines can be copied together, committed or kept in a cache, and two builds need no lock. What cannot be believed is
reported as SG309 and never used; a damaged file is set aside (SG321), so that the next run can write it again.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from sitegen.config import Config
from sitegen.content.document import Digest, PageKey
from sitegen.content.executed import CellRun, DisplayOutput, ErrorOutput
from sitegen.errors import Diagnostic
from sitegen.files import digest_bytes
from sitegen.results.examine import blob_content, examine
from sitegen.results.files import FileEntry, Files, FolderFiles
from sitegen.results.index import Index, Row
from sitegen.results.outputs import unpack
from sitegen.results.places import BELIEVED, UNKNOWN, open_files, state_of_stamps
from sitegen.results.problems import Problems
from sitegen.results.record import (
    Acceptance,
    Record,
    ValuePart,
    decode,
    decode_acceptance,
    encode,
    encode_acceptance,
)
from sitegen.results.spool import SpooledFiles
from sitegen.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRecord:
    """A record and the digest that names it."""

    digest: Digest
    record: Record


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRun:
    """A record with its outputs whole."""

    digest: Digest
    record: Record
    cells: tuple[CellRun, ...]
    """Same order as `record.cells`."""
    values: tuple[tuple[ValuePart, DisplayOutput | ErrorOutput], ...]


class Store:
    """The results of a site. It lists what there is once: one instance serves one build or command.

    Args:
        files: where they lie.
        config: the site's; the index and copies of remote blobs are kept below its `state_dir`.
    """

    def __init__(self, files: Files, config: Config) -> None:
        self.files = files
        kept = config.root / config.state_dir / "results"
        self._is_first = not kept.parent.exists()
        """Whether nothing was ever built with this state: an index that is missing is none that went."""
        self._index = Index(kept / "index.sqlite")
        self._copies = FolderFiles(kept, "copies") if files.is_remote else None
        self._problems = Problems(files, config)
        self._synced: int | None = None
        """The generation of the index that knows what the listing told; None before the first look."""
        self._records: dict[str, StoredRecord] = {}
        self._stamps: dict[str, str] | None = None
        """Path to stamp of all that was listed and kept since; None where something of it could not be believed."""
        self.added: list[StoredRecord] = []
        """The records that were kept through this instance."""

    def of_key(self, key: Digest) -> tuple[StoredRecord, ...]:
        """All records of a key, newest first, failed runs included."""
        return self._stored(key=key)

    def of_page(self, page: PageKey) -> tuple[StoredRecord, ...]:
        """All records of a page, newest first, failed runs included."""
        return self._stored(page=page)

    def all(self) -> Iterator[StoredRecord]:
        """Every record that can be believed, page by page, newest first."""
        self._sync()
        for page in self._index.pages() if self._index.exists else ():
            yield from self.of_page(PageKey(page))

    def acceptances(self) -> Mapping[Digest, Acceptance]:
        """The records that somebody has accepted, by their digests."""
        found = (
            decode_acceptance(row.content or b"", _digest(row.path)) for row in self._rows(below="accepted")
        )
        return {accepted.record: accepted for accepted in found}

    def accept(self, stored: StoredRecord, *, date: datetime, commit: str | None) -> Acceptance:
        """Keep a person's word that a record is the result from now on; an earlier word for it stands.

        Args:
            stored: the record.
            date: aware, UTC.
            commit: of the site's repository; None where there is none.

        Raises:
            OSError: the store cannot be written.
        """
        known = self.acceptances().get(stored.digest)
        if known is not None:
            return known
        accepted = Acceptance(record=stored.digest, date=date, commit=commit)
        self._write(Row(path=f"accepted/{stored.digest}.json", stamp="", content=encode_acceptance(accepted)))
        return accepted

    def load(self, stored: StoredRecord) -> StoredRun | None:
        """The record with its outputs; None (and a problem) where a blob is gone or not what it was."""
        record = stored.record
        try:
            return StoredRun(
                digest=stored.digest,
                record=record,
                cells=tuple(
                    CellRun(
                        cell=cell.id,
                        status=cell.status,
                        outputs=tuple(unpack(part, self.blob) for part in cell.outputs),
                        seconds=cell.seconds,
                        source_digest=cell.source,
                    )
                    for cell in record.cells
                ),
                values=tuple((value, self._value(value)) for value in record.values),
            )
        except (OSError, ValueError, KeyError, msgspec.MsgspecError) as error:
            self._problems.unusable(record_path(record.key, stored.digest), record.page, error)
            return None

    def blob(self, digest: Digest) -> bytes:
        """A content that a record names by its digest.

        Raises:
            OSError: it is gone, or the store cannot be reached.
            ValueError: it is damaged; it has been set aside.
        """
        path = f"blobs/{digest}"
        if self._copies is not None:
            copy = _read_or_none(self._copies, path)
            if copy is not None and digest_bytes(copy) == digest:
                return copy
        found = self.files.read(path)
        content = blob_content(found, digest)
        if content is None:
            self._problems.set_aside(self._set_aside(path, found))
            raise ValueError(f"blob {digest[:12]} is damaged")
        self._copy(path, content)
        return content

    def blob_file(self, digest: Digest) -> Path | None:
        """The file of this machine that `blob` reads first; None where it has to be fetched."""
        place = self._copies if self._copies is not None else self.files
        return place.file(f"blobs/{digest}") if isinstance(place, FolderFiles) else None

    def state(self) -> str:
        """What this instance has listed and kept since, as `places.state_of` says it; `UNKNOWN` where it cannot be told."""
        self._sync()
        return UNKNOWN if self._stamps is None else state_of_stamps(self._stamps.items())

    def add(self, record: Record, blobs: Mapping[Digest, bytes]) -> StoredRecord:
        """Keep a record; its blobs are written first, so a record that is there is whole.

        Raises:
            OSError: it cannot be written.
        """
        for blob, content in blobs.items():
            self.files.keep(f"blobs/{blob}", content)
            self._copy(f"blobs/{blob}", content)
        content = encode(record)
        digest = Digest(digest_bytes(content))
        path = record_path(record.key, digest)
        self._write(Row(path=path, stamp="", page=record.page, key=record.key, content=content))
        # a second look: `prune` may have taken what nothing named until now
        with contextlib.suppress(OSError):
            for blob, content in blobs.items():
                if self.files.entry(f"blobs/{blob}") is None:
                    self.files.keep(f"blobs/{blob}", content)
        self._problems.unsent()
        stored = StoredRecord(digest=digest, record=record)
        self.added.append(stored)
        return stored

    def remove(self, paths: Iterable[str]) -> int:
        """Take files out of the store; how many went.

        Raises:
            OSError: one cannot be removed; those before it are gone.
        """
        gone: list[str] = []
        try:
            for path in paths:
                self.files.remove(path)
                if self._copies is not None:
                    self._copies.remove(path)
                gone.append(path)
        finally:
            self._index.update((), gone)
            self._stamps = None
        return len(gone)

    def strangers(self) -> tuple[tuple[str, str], ...]:
        """The files that are not believed, each with the reason: of another schema, or not a record at all."""
        self._sync()
        if not self._index.exists:
            return ()
        return tuple((row.path, row.problem or "") for row in self._index.problems())

    def take_problems(self) -> tuple[Diagnostic, ...]:
        """What was found wrong, and what was mended, since the last call."""
        for note in self._index.notes:
            self._problems.mended(note)
        self._index.notes.clear()
        return self._problems.take()

    # --- rows of the index ------------------------------------------------------------------------

    def _stored(self, **of: str) -> tuple[StoredRecord, ...]:
        found = (self._record(row) for row in self._rows(**of))
        return tuple(
            sorted(found, key=lambda stored: (stored.record.run.started, stored.digest), reverse=True)
        )

    def _record(self, row: Row) -> StoredRecord:
        if row.path not in self._records:
            self._records[row.path] = StoredRecord(
                digest=_digest(row.path), record=decode(row.content or b"")
            )
        return self._records[row.path]

    def _rows(self, **of: str) -> list[Row]:
        """Believed files; an index that is damaged meanwhile is made anew, at worst in memory."""
        while True:
            self._sync()
            if not self._index.exists:
                return []
            rows = self._index.rows(**of)
            if self._synced != self._index.generation:
                continue
            if all(row.path in self._records or _is_whole(row) for row in rows):
                return rows
            self._index.make_anew("a record in it is not what it was")

    def _sync(self) -> None:
        """Let the index know what the listing tells; again where it was made anew meanwhile."""
        while self._synced != self._index.generation:
            self._sync_once()

    def _sync_once(self) -> None:
        entries = self._list()
        self._stamps = None if entries is None else {entry.path: entry.stamp for entry in entries}
        if not entries and not self._index.exists:  # no file is made for nothing
            self._synced = self._index.generation
            return
        before = self._index.generation
        stamps = self._index.stamps()
        if self._index.generation != before and entries and not self._index.notes and not self._is_first:
            files = f"{len(entries)} file{'' if len(entries) == 1 else 's'}"
            self._index.notes.append(f"the index of the results was made, of {files}")
        unknown = {entry.path: entry for entry in entries or () if stamps.get(entry.path) != entry.stamp}
        gone = set() if entries is None else stamps.keys() - {entry.path for entry in entries}
        rows = []
        for path, content in self.files.read_many(unknown):
            row = self._examined(unknown[path], content)
            if (
                row is None or row.stamp != unknown[path].stamp
            ):  # of a damaged file, which may be mended by now
                self._stamps = None
            if row is None:
                gone.add(path)
            else:
                rows.append(row)
        self._synced = self._index.generation
        self._index.update(rows, gone)
        self._problems.strange(self._index.problems())

    def _list(self) -> tuple[FileEntry, ...] | None:
        """The listing; None where the place cannot be reached."""
        try:
            if isinstance(self.files, SpooledFiles):
                self._problems.sent(self.files.send())
            return tuple(entry for folder in BELIEVED for entry in self.files.listing(folder))
        except OSError as error:
            self._problems.unreachable(error)
            return None

    def _examined(self, entry: FileEntry, content: bytes | OSError) -> Row | None:
        """The row of a file that the index does not know as it is; None where nothing of it is to be known."""
        if isinstance(content, OSError):
            if not isinstance(content, FileNotFoundError):  # else removed meanwhile
                self._problems.unreadable(entry.path, content)
            return None
        row = examine(entry.path, entry.stamp, content)
        if row is not None:
            return row
        known = self._index.row(entry.path)
        is_aside = self._set_aside(entry.path, content)
        if known is None or known.content is None or not _is_whole(known):
            self._problems.damaged(entry.path, is_aside)
            return None
        return self._restored(entry, known) if is_aside else self._believed(entry, known)

    def _restored(self, entry: FileEntry, known: Row) -> Row:
        """Write a damaged file again as the index knows it."""
        try:
            self.files.write(entry.path, known.content or b"")
        except OSError:
            return self._believed(entry, known)
        self._problems.mended("damaged: restored from the index", entry.path)
        return dataclasses.replace(known, stamp=self._stamp(entry.path))

    def _believed(self, entry: FileEntry, known: Row) -> Row:
        """A damaged file that cannot be mended: what the index knows of it counts."""
        self._problems.damaged(entry.path, is_aside=False)
        return dataclasses.replace(known, stamp=entry.stamp)

    def _set_aside(self, path: str, content: bytes) -> bool:
        """Move a damaged file out of the way; False where it cannot be moved."""
        target = f"damaged/{path}.{digest_bytes(content)[:8]}"
        try:
            self.files.move(path, target)
            if digest_bytes(self.files.read(target)) == _digest(path):  # mended by another process meanwhile
                self.files.move(target, path)
        except FileNotFoundError:  # set aside by another process
            return True
        except OSError:
            return False
        return True

    def _copy(self, path: str, content: bytes) -> None:
        """Keep a remote blob here as well, which a page needs at each build."""
        if self._copies is not None:
            try:
                self._copies.write(path, content)
            except OSError:  # only slower the next time
                self._copies = None

    def _write(self, row: Row) -> None:
        content = row.content or b""
        self.files.write(row.path, content)
        stamp = self._stamp(row.path)
        self._index.update([dataclasses.replace(row, stamp=stamp)])
        if self._stamps is not None:
            self._stamps[row.path] = stamp

    def _stamp(self, path: str) -> str:
        try:
            entry = self.files.entry(path)
        except OSError:
            return ""
        return entry.stamp if entry is not None else ""

    def _value(self, value: ValuePart) -> DisplayOutput | ErrorOutput:
        output: Any = unpack(value.output, self.blob)
        if not isinstance(output, DisplayOutput | ErrorOutput):
            raise ValueError("an inline value is a stream")
        return output


def open_store(config: Config) -> Store:
    """The site's store; its folder is made when the first record is kept."""
    return Store(open_files(config), config)


def record_path(key: Digest, digest: Digest) -> str:
    """Where a record lies in the store."""
    return f"runs/{key}/{digest}.json"


def _digest(path: str) -> Digest:
    """The digest that a file is named by."""
    return Digest(path.rpartition("/")[2].removesuffix(".json"))


def _is_whole(row: Row) -> bool:
    """Whether the content is what it was; an acceptance is not named by its own digest, so its text must do."""
    content = row.content or b""
    if not row.path.startswith("accepted/"):
        return digest_bytes(content) == _digest(row.path)
    try:
        decode_acceptance(content, _digest(row.path))
    except (ValueError, msgspec.MsgspecError):
        return False
    return True


def _read_or_none(files: Files, path: str) -> bytes | None:
    try:
        return files.read(path)
    except OSError:
        return None
