"""Records and blobs in a folder of immutable files, named by what they hold.

    results/runs/<key>/<digest of the record>.json
    results/blobs/<digest>
    results/accepted/<digest of the record>.json

Runs of one key stand side by side and are its history. Nothing is ever changed in place, so folders of two
machines can be copied together, committed or kept in a cache. What cannot be believed (another schema, a digest
that does not fit) is reported once as SG309 and skipped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import msgspec

from sitegen.config import Config
from sitegen.content.document import CellRun, Digest, DisplayOutput, ErrorOutput, PageKey
from sitegen.errors import Diagnostic, SourceLocation
from sitegen.files import digest_bytes, write_atomic
from sitegen.results.outputs import unpack
from sitegen.results.record import (
    Acceptance,
    Record,
    ValuePart,
    decode,
    decode_acceptance,
    encode,
    encode_acceptance,
)


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


@dataclass(slots=True)
class Store:
    """The results store of a site. It keeps what it has read: one instance serves one build."""

    root: Path
    config: Config
    problems: list[Diagnostic] = field(default_factory=list)
    """SG309 warnings not yet taken with `take_problems`."""
    _by_key: dict[Digest, tuple[StoredRecord, ...]] = field(default_factory=dict)
    _by_page: dict[PageKey, list[StoredRecord]] | None = None
    """None until somebody asks for a page's records."""
    _accepted: dict[Digest, Acceptance] | None = None

    def of_key(self, key: Digest) -> tuple[StoredRecord, ...]:
        """All records of a key, newest first, failed runs included."""
        if key not in self._by_key:
            self._by_key[key] = _newest_first(self._read_folder(self.root / "runs" / key))
        return self._by_key[key]

    def of_page(self, page: PageKey) -> tuple[StoredRecord, ...]:
        """All records of a page, newest first; the first call reads every record of the store."""
        return _newest_first(self._pages().get(page, ()))

    def all(self) -> Iterator[StoredRecord]:
        """Every record that can be believed, page by page, newest first."""
        for page in sorted(self._pages()):
            yield from self.of_page(page)

    def acceptances(self) -> Mapping[Digest, Acceptance]:
        """The records that somebody has accepted, by their digests."""
        if self._accepted is None:
            self._accepted = {}
            for path in sorted((self.root / "accepted").glob("*.json")):
                try:
                    accepted = decode_acceptance(path.read_bytes(), Digest(path.stem))
                except (OSError, ValueError, msgspec.MsgspecError) as error:
                    self._report(path, _words(error))
                else:
                    self._accepted[accepted.record] = accepted
        return self._accepted

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
        write_atomic(self.root / "accepted" / f"{stored.digest}.json", encode_acceptance(accepted))
        self._accepted = {**self.acceptances(), stored.digest: accepted}
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
                        outputs=tuple(unpack(part, self._blob) for part in cell.outputs),
                        seconds=cell.seconds,
                        source_digest=cell.source,
                    )
                    for cell in record.cells
                ),
                values=tuple((value, self._value(value)) for value in record.values),
            )
        except (OSError, ValueError, KeyError, msgspec.MsgspecError) as error:
            self._report(self._path(record.key, stored.digest), f"{_words(error)}")
            return None

    def add(self, record: Record, blobs: Mapping[Digest, bytes]) -> StoredRecord:
        """Keep a record; its blobs are written first, so a record that is there is whole.

        Raises:
            OSError: the folder cannot be written.
        """
        for digest, content in blobs.items():
            path = self.root / "blobs" / digest
            if not path.is_file() or digest_bytes(path.read_bytes()) != digest:
                write_atomic(path, content)
        content = encode(record)
        digest = Digest(digest_bytes(content))
        write_atomic(self._path(record.key, digest), content)
        stored = StoredRecord(digest=digest, record=record)
        self._by_key.pop(record.key, None)
        if self._by_page is not None:
            self._by_page.setdefault(record.page, []).append(stored)
        return stored

    def take_problems(self) -> tuple[Diagnostic, ...]:
        """What was found wrong since the last call."""
        problems = tuple(self.problems)
        self.problems.clear()
        return problems

    def _pages(self) -> dict[PageKey, list[StoredRecord]]:
        if self._by_page is None:
            self._by_page = {}
            for folder in sorted((self.root / "runs").glob("*")):
                for found in self.of_key(Digest(folder.name)):
                    self._by_page.setdefault(found.record.page, []).append(found)
        return self._by_page

    def _value(self, value: ValuePart) -> DisplayOutput | ErrorOutput:
        output = unpack(value.output, self._blob)
        if not isinstance(output, DisplayOutput | ErrorOutput):
            raise ValueError("an inline value is a stream")
        return output

    def _path(self, key: Digest, digest: Digest) -> Path:
        return self.root / "runs" / key / f"{digest}.json"

    def _blob(self, digest: Digest) -> bytes:
        content = (self.root / "blobs" / digest).read_bytes()
        if digest_bytes(content) != digest:
            raise ValueError(f"blob {digest[:12]} is damaged")
        return content

    def _read_folder(self, folder: Path) -> Iterable[StoredRecord]:
        if not folder.is_dir():
            return
        for path in sorted(folder.glob("*.json")):
            stored = self._read(path, Digest(folder.name))
            if stored is not None:
                yield stored

    def _read(self, path: Path, key: Digest) -> StoredRecord | None:
        try:
            content = path.read_bytes()
            if digest_bytes(content) != path.stem:
                raise ValueError("its content does not have the digest it is named by")
            record = decode(content)
            if record.key != key or record.inputs.key() != key:
                raise ValueError("its inputs do not have the key it is filed under")
        except (OSError, ValueError, msgspec.MsgspecError) as error:
            self._report(path, _words(error))
            return None
        return StoredRecord(digest=Digest(path.stem), record=record)

    def _report(self, path: Path, reason: str) -> None:
        self.problems.append(
            Diagnostic(
                code="SG309",
                severity="warning",
                message=f"record skipped: {reason}",
                location=SourceLocation(path=self.config.relative_to_root(path)),
                hint="remove the file; the page runs again where it can",
            )
        )


def open_store(config: Config) -> Store:
    """The site's store; the folder is made when the first record is kept."""
    return Store(root=config.results_dir, config=config)


def _newest_first(records: Iterable[StoredRecord]) -> tuple[StoredRecord, ...]:
    return tuple(sorted(records, key=lambda stored: (stored.record.run.started, stored.digest), reverse=True))


def _words(error: Exception) -> str:
    """The error without the machine's paths."""
    if isinstance(error, FileNotFoundError):
        return f"`{Path(error.filename).name[:12]}` is missing"
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return str(error).splitlines()[0]
