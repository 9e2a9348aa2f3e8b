"""What a build leaves for the next one: SQLite beside the composed pages, in one transaction with what was published."""

from __future__ import annotations

import errno
import os
import pickle
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final, Literal

from sitegen.build.bodies import Bodies, DamagedStateError, Ref, unpickled
from sitegen.build.made import Composed, Output
from sitegen.build.reads import NOTHING_READ, Marks, PackedReads
from sitegen.build.staging import StagingError
from sitegen.content.document import PageKey
from sitegen.errors import Diagnostic
from sitegen.files import remove_tree
from sitegen.rendering.recorder import RawFact
from sitegen.rendering.values import Weight

Table = Literal["page", "output"]
"""Who has read something: pages, while they were composed; files, while they were rendered."""
_LEAST_WASTE_BYTES: Final = 32 * 1024 * 1024
"""Below this, copying costs more than it saves."""
SCHEMA: Final = 5
"""Raised when a table or a pickled value changes its form; a state of another schema is thrown away."""

_REFUSED: Final = {
    sqlite3.SQLITE_FULL: errno.ENOSPC,
    sqlite3.SQLITE_READONLY: errno.EROFS,
    sqlite3.SQLITE_IOERR: errno.EIO,
    sqlite3.SQLITE_CANTOPEN: errno.EACCES,
}
"""What the file system refused, by SQLite's code."""
_TABLES: Final = """
CREATE TABLE value (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE shared (id INTEGER PRIMARY KEY, facts BLOB NOT NULL);
CREATE TABLE page (
    key TEXT PRIMARY KEY, pack INTEGER NOT NULL, offset INTEGER NOT NULL,
    place INTEGER NOT NULL, summary INTEGER NOT NULL, page INTEGER NOT NULL,
    shared INTEGER NOT NULL, marks BLOB NOT NULL, named BLOB, diagnostics BLOB, waited INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE output (
    path TEXT NOT NULL, owner TEXT NOT NULL, part TEXT NOT NULL, digest TEXT NOT NULL,
    shared INTEGER NOT NULL, marks BLOB NOT NULL, named BLOB, diagnostics BLOB, weight BLOB,
    PRIMARY KEY (path, owner, part)
) WITHOUT ROWID;
"""


class State:
    """What the last build of an output folder has left; empty where there was none, or none that can be used."""

    def __init__(self, folder: Path, database: sqlite3.Connection, told: tuple[Diagnostic, ...]) -> None:
        self.folder = folder
        self.bodies = Bodies(folder)
        self.diagnostics = told
        """That a state was of no use, where somebody should know."""
        self._database = database
        self._shared: dict[int, frozenset[RawFact]] | None = None
        self._ids: _SharedIds | None = None
        self._refused: sqlite3.Error | None = None

    # --- what is known

    def value(self, name: str) -> Any:
        """A value that the last build has kept under a name; None where it has kept none."""
        row = self._database.execute("SELECT value FROM value WHERE name = ?", (name,)).fetchone()
        return None if row is None else _unpickled(row[0])

    def refs(self) -> dict[PageKey, Ref]:
        """Where every page's parts lie."""
        rows = self._database.execute("SELECT key, pack, offset, place, summary, page FROM page")
        return {row[0]: Ref._make(row[1:]) for row in rows}

    def pages_to_ask(self) -> Iterator[tuple[PageKey, tuple[Diagnostic, ...], bool]]:
        """Pages that had something wrong with them, or that waited for runs: which of both."""
        rows = self._database.execute(
            "SELECT key, diagnostics, waited FROM page WHERE waited OR diagnostics IS NOT NULL"
        )
        for key, diagnostics, waited in rows:
            yield key, _loaded(diagnostics), bool(waited)

    def page_reads(self) -> Iterator[tuple[PageKey, PackedReads]]:
        """Of every page what composing it read."""
        for key, *reads in self._database.execute("SELECT key, shared, marks, named FROM page"):
            yield key, self._reads(*reads)

    def outputs_to_ask(self) -> Iterator[tuple[str, PageKey, str, str, tuple[Diagnostic, ...]]]:
        """Of every file its path, its page, its part, its digest, and what was wrong with it."""
        rows = self._database.execute("SELECT path, owner, part, digest, diagnostics FROM output")
        for path, owner, part, digest, diagnostics in rows:
            yield path, owner, part, digest, _loaded(diagnostics)

    def output_reads(self) -> Iterator[tuple[str, PageKey, str, PackedReads]]:
        """Of every file its path, its page, its part, and what rendering it read."""
        rows = self._database.execute("SELECT path, owner, part, shared, marks, named FROM output")
        for path, owner, part, *reads in rows:
            yield path, owner, part, self._reads(*reads)

    def outputs(self) -> Iterator[Output]:
        """Every file that was published; what it read is not told again."""
        rows = self._database.execute("SELECT path, digest, owner, part, diagnostics, weight FROM output")
        for path, digest, owner, part, diagnostics, sealed in rows:
            weight = Weight._make(_loaded(sealed)) if sealed is not None else None
            yield Output(
                path, digest, owner, part, "", False, NOTHING_READ, _loaded(diagnostics), weight=weight
            )

    def named(self, table: Table) -> frozenset[RawFact]:
        """Every fact that is noted by its name, by composing pages or by rendering files."""
        found: set[RawFact] = set()
        rows = self._database.execute(f"SELECT DISTINCT named FROM {table} WHERE named IS NOT NULL")  # noqa: S608
        for (named,) in rows:
            found.update(_loaded(named))
        return frozenset(found)

    def marks(self, table: Table) -> Marks:
        """Every fact of a page that is noted, as `named`."""
        return Marks(_unsealed(row[0]) for row in self._database.execute(f"SELECT marks FROM {table}"))  # noqa: S608

    def shared(self, table: Table) -> frozenset[RawFact]:
        """Every fact of the site as a whole that is noted, as `named`."""
        numbers = self._database.execute(f"SELECT DISTINCT shared FROM {table}")  # noqa: S608
        return frozenset[RawFact]().union(*(self._sets[number] for (number,) in numbers))

    @property
    def _sets(self) -> dict[int, frozenset[RawFact]]:
        if self._shared is None:
            rows = self._database.execute("SELECT id, facts FROM shared")
            self._shared = {number: _unpickled(facts) for number, facts in rows}
        return self._shared

    def _reads(self, shared: int, marks: bytes, named: bytes | None) -> PackedReads:
        return PackedReads(self._sets[shared], _unsealed(marks), _loaded(named))

    # --- what is kept

    def commit(
        self,
        *,
        values: Mapping[str, object],
        composed: Iterable[Composed],
        gone_pages: Iterable[PageKey],
        outputs: Iterable[Output],
        gone_outputs: Iterable[tuple[str, str, str]],
    ) -> None:
        """Keep what this build has changed, all of it or nothing.

        Raises:
            sqlite3.Error: it cannot be kept.
        """
        if self._refused is not None:
            raise self._refused
        with self._database as database:
            database.executemany("DELETE FROM page WHERE key = ?", ((key,) for key in gone_pages))
            database.executemany("DELETE FROM output WHERE path = ? AND owner = ? AND part = ?", gone_outputs)
            self._write(composed, outputs)
            database.executemany(
                "REPLACE INTO value VALUES (?,?)",
                ((name, _pickled(value)) for name, value in values.items()),
            )

    def add(self, composed: Iterable[Composed], outputs: Iterable[Output]) -> None:
        """Write some of what `commit` would be given before it is called: without it nothing of this is kept.

        What cannot be written is told by `commit`.
        """
        if self._refused is None:
            try:
                self._write(composed, outputs)
            except sqlite3.Error as error:
                self._refused = error

    def _write(self, composed: Iterable[Composed], outputs: Iterable[Output]) -> None:
        ids = self._ids
        if ids is None:
            ids = self._ids = _SharedIds(self._database)
        self._database.executemany(
            "REPLACE INTO page VALUES (?,?,?,?,?,?,?,?,?,?,?)",
            (
                (
                    page.key,
                    *page.ref,
                    ids[page.reads.shared],
                    _sealed(page.reads.marks),
                    _dumped(page.reads.named),
                    _dumped(page.diagnostics),
                    page.waited,
                )
                for page in composed
            ),
        )
        self._database.executemany(
            "REPLACE INTO output VALUES (?,?,?,?,?,?,?,?,?)",
            (
                (
                    output.path,
                    output.owner,
                    output.part,
                    output.digest,
                    ids[output.reads.shared],
                    _sealed(output.reads.marks),
                    _dumped(output.reads.named),
                    _dumped(output.diagnostics),
                    _dumped(tuple(output.weight or ())),
                )
                for output in outputs
            ),
        )

    def compact(self) -> None:
        """Write what is still wanted of the pack files to a new one, once most of them is waste.

        Raises:
            sqlite3.Error: it cannot be kept.
        """
        (wanted,) = self._database.execute("SELECT total(place + summary + page) FROM page").fetchone()
        if self.bodies.size_bytes <= 2 * wanted + _LEAST_WASTE_BYTES:
            return
        refs = self.refs()
        with self._database as database:
            pack, old = self.bodies.new_pack()
            database.executemany(
                "UPDATE page SET pack = ?, offset = ? WHERE key = ?",
                ((pack, self.bodies.copy(ref, pack).offset, key) for key, ref in refs.items()),
            )
        self.bodies.remove(old)

    def forget(self) -> None:
        """Know nothing of the last build any more.

        Raises:
            sqlite3.Error: the database is damaged.
            StagingError: the file system refuses.
        """
        try:
            with self._database as database:
                for table in ("page", "output", "shared", "value"):
                    database.execute(f"DELETE FROM {table}")  # noqa: S608 -- names of ours
        except sqlite3.OperationalError as error:
            number = _REFUSED.get(error.sqlite_errorcode & 0xFF)
            if number is None:
                raise
            raise StagingError(number, os.strerror(number)) from error
        self._shared = self._ids = None
        self.bodies.forget()

    def throw_away(self) -> None:
        """Begin with a new database."""
        self._database.close()
        self.bodies.close()
        _clear(self.folder)
        self._database = _created(self.folder)
        self._shared = self._ids = self._refused = None

    def close(self) -> None:
        """Close all files."""
        self._database.close()
        self.bodies.close()


class _SharedIds(dict[frozenset[RawFact], int]):
    """Numbers of sets of facts; a new one is written when it is first met."""

    def __init__(self, database: sqlite3.Connection) -> None:
        rows = database.execute("SELECT id, facts FROM shared")
        super().__init__({_unpickled(facts): number for number, facts in rows})
        self._database = database

    def __missing__(self, facts: frozenset[RawFact]) -> int:
        added = self._database.execute("INSERT INTO shared (facts) VALUES (?)", (_pickled(facts),))
        number = self[facts] = int(added.lastrowid or 0)  # the key that SQLite gave the row
        return number


@contextmanager
def opened(folder: Path) -> Iterator[State]:
    """The state in a folder of its own; nobody else has it meanwhile.

    One that is damaged or of another schema is thrown away: SG511 says so of a damaged one.

    Raises:
        OSError: the folder cannot be made or read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder / "lock"):
        state = State(folder, *_connected(folder))
        with closing(state):
            yield state


def _connected(folder: Path) -> tuple[sqlite3.Connection, tuple[Diagnostic, ...]]:
    """The database; a new one where there is none, or where what there is cannot be used."""
    file = folder / "state.sqlite"
    told: tuple[Diagnostic, ...] = ()
    if file.exists():
        try:
            database = _connect(file)
            if database.execute("PRAGMA user_version").fetchone() == (SCHEMA,):
                return database, ()
            database.close()
        except sqlite3.DatabaseError as error:
            told = (damaged(str(error)),)
    _clear(folder)
    return _created(folder), told


def _created(folder: Path) -> sqlite3.Connection:
    database = _connect(folder / "state.sqlite")
    database.executescript(f"{_TABLES} PRAGMA user_version = {SCHEMA};")
    return database


def damaged(why: str) -> Diagnostic:
    """What is told of a state that cannot be read."""
    return Diagnostic(
        code="SG511",
        severity="warning",
        message=f"what the last build has left is damaged ({why}): everything is built again",
        hint="nothing is to be done; if it comes again, look at the disk",
    )


def _connect(file: Path) -> sqlite3.Connection:
    database = sqlite3.connect(file)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    return database


def _clear(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.name != "lock":
            remove_tree(entry)


def _sealed(data: bytes) -> bytes:
    """With a checksum: SQLite has none, and what was read would be forgotten without a word."""
    return data + zlib.crc32(data).to_bytes(4, "little")


def _unsealed(sealed: bytes) -> bytes:
    """The same without.

    Raises:
        DamagedStateError: the bytes are not what was kept.
    """
    data = sealed[:-4]
    if zlib.crc32(data).to_bytes(4, "little") != sealed[-4:]:
        raise DamagedStateError("a value of state.sqlite is not as it was written")
    return data


def _pickled(value: object) -> bytes:
    return _sealed(pickle.dumps(value, protocol=5))


def _unpickled(sealed: bytes) -> Any:
    return unpickled(_unsealed(sealed))


def _loaded(data: bytes | None) -> tuple[Any, ...]:
    found: tuple[Any, ...] = () if data is None else _unpickled(data)
    return found


def _dumped(values: tuple[Any, ...]) -> bytes | None:
    return _pickled(values) if values else None


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    """Keep other builds of the same output folder waiting, where the system has such locks; it ends with the process."""
    with file.open("ab") as stream:
        if os.name == "posix":
            import fcntl

            fcntl.flock(stream, fcntl.LOCK_EX)
        yield
