"""The store's index: an SQLite file that knows each record's page and content. It can be deleted at any time.

    .sitegen/results/index.sqlite

    files(path, stamp, page, key, problem, content)     one row a file of `runs/` and `accepted/`

Every row is checked against a listing of the store before it is used, and every content against the digest in
its name, so nothing depends on the index but speed. Where it cannot be used it is made anew, or held in memory for one
build. `user_version` is the version of the schema; a file of another version is made anew.
"""

from __future__ import annotations

import contextlib
import sqlite3
import weakref
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, TypeVar

from sitegen.values import dataclass

SCHEMA: Final = 1
"""Version of the table below."""
_LOCK_TIMEOUT_S: Final = 5.0
"""Another build holds the lock for one short transaction."""
_TABLE: Final = (
    """
    CREATE TABLE files (
        path TEXT PRIMARY KEY,     -- in the store: runs/<key>/<digest>.json, accepted/<digest>.json
        stamp TEXT NOT NULL,       -- of the listing: with another stamp the file is read again
        page TEXT,                 -- of a record that can be believed
        key TEXT,                  -- of the same
        problem TEXT,              -- why the file is not believed, NULL where it is
        content BLOB               -- the file's bytes where it is believed
    ) WITHOUT ROWID
    """,
    "CREATE INDEX files_of_page ON files (page)",
    "CREATE INDEX files_of_key ON files (key)",
)
_COLUMNS: Final = "path, stamp, page, key, problem, content"
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What the index knows of one file."""

    path: str
    stamp: str
    page: str | None = None
    key: str | None = None
    problem: str | None = None
    content: bytes | None = None


class Index:
    """The index, open. A failure of its file is mended as it is met, and told in `notes`.

    Args:
        path: of the file; it is made, with its folder, when the first row is kept.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self.notes: list[str] = []
        """What was mended, in words; whoever tells them clears the list."""
        self.generation = 0
        """Grows when it is made anew: what it should know must then be read again."""

    @property
    def exists(self) -> bool:
        """Whether there is anything to read."""
        return self._connection is not None or self._path.exists()

    def pages(self) -> list[str]:
        """The pages that have records."""
        query = "SELECT DISTINCT page FROM files WHERE page IS NOT NULL ORDER BY page"
        return [page for (page,) in self._do(lambda database: database.execute(query).fetchall())]

    def stamps(self) -> dict[str, str]:
        """Path to stamp of every file it knows."""
        return dict(self._do(lambda database: database.execute("SELECT path, stamp FROM files").fetchall()))

    def rows(self, *, page: str | None = None, key: str | None = None, below: str = "runs") -> list[Row]:
        """The believed files below a folder, of a page or of a key where one is given."""
        column, value = ("page", page) if page is not None else ("key", key)
        where = f"AND {column} = ?" if value is not None else ""
        parameters = (f"{below}/", f"{below}0", *([value] if value is not None else ()))  # `0` follows `/`
        query = (
            f"SELECT {_COLUMNS} FROM files WHERE path > ? AND path < ? AND problem IS NULL {where} "  # noqa: S608
            "ORDER BY path"
        )
        return [_row(values) for values in self._do(lambda db: db.execute(query, parameters).fetchall())]

    def row(self, path: str) -> Row | None:
        """What it knows of one file."""
        query = f"SELECT {_COLUMNS} FROM files WHERE path = ?"  # noqa: S608
        values = self._do(lambda database: database.execute(query, (path,)).fetchone())
        return None if values is None else _row(values)

    def problems(self) -> list[Row]:
        """The files that are not believed."""
        query = f"SELECT {_COLUMNS} FROM files WHERE problem IS NOT NULL ORDER BY path"  # noqa: S608
        return [_row(values) for values in self._do(lambda db: db.execute(query).fetchall())]

    def update(self, rows: Iterable[Row], gone: Iterable[str] = ()) -> None:
        """Know these files, and forget those, in one transaction."""
        known = [(row.path, row.stamp, row.page, row.key, row.problem, row.content) for row in rows]
        forgotten = [(path,) for path in gone]
        if not known and not forgotten:
            return

        def change(database: sqlite3.Connection) -> None:
            with database:
                database.execute("BEGIN IMMEDIATE")  # not a lock that is raised later and may then be refused
                database.executemany("DELETE FROM files WHERE path = ?", forgotten)
                database.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?)", known)

        self._do(change)

    def make_anew(self, why: str) -> None:
        """Forget all that it holds."""
        self.notes.append(f"the index of the results was made anew: {why}")
        self.generation += 1
        self._close()
        for suffix in ("", "-wal", "-shm"):
            with contextlib.suppress(OSError):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)

    def _do(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        """Work on the file; where it is damaged on a new one, where it is locked or cannot be made in memory."""
        try:
            return work(self._open())
        except sqlite3.OperationalError as error:
            if "no such" in str(error):  # table or column: not the file that its version says
                self.make_anew(str(error))
            else:
                self._use_memory(error)
        except sqlite3.DatabaseError as error:
            self.make_anew(str(error))
        try:
            return work(self._open())
        except sqlite3.DatabaseError as error:
            self._use_memory(error)
            return work(self._open())

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._hold(self._prepared(str(self._path)))
            except OSError as error:
                raise sqlite3.OperationalError(error.strerror or type(error).__name__) from error
        if self._connection is None:
            raise RuntimeError("the index was closed while it was opened")
        return self._connection

    def _prepared(self, name: str) -> sqlite3.Connection:
        """A connection to a file with the table in it."""
        # used by one thread at a time, but the collector may close it in another
        database = sqlite3.connect(
            name, timeout=_LOCK_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )
        try:
            with contextlib.suppress(sqlite3.OperationalError):  # another process makes it at this moment
                database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = NORMAL")
            version = self._version(database)
            if version not in (0, SCHEMA):
                raise _OtherSchemaError(f"it is of schema {version}, not {SCHEMA}")
            if version == 0:
                self._make_table(database)
        except BaseException:
            database.close()
            raise
        return database

    def _make_table(self, database: sqlite3.Connection) -> None:
        with database:
            database.execute("BEGIN IMMEDIATE")
            if self._version(database) == SCHEMA:  # made by another process while we waited
                return
            if database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                raise _OtherSchemaError("it is another program's")
            for statement in _TABLE:
                database.execute(statement)
            database.execute(f"PRAGMA user_version = {SCHEMA}")
        self.generation += 1

    @staticmethod
    def _version(database: sqlite3.Connection) -> int:
        return int(database.execute("PRAGMA user_version").fetchone()[0])

    def _use_memory(self, error: sqlite3.DatabaseError) -> None:
        self.notes.append(f"this build did without an index of the results on disk: {error}")
        self._close()
        self._hold(self._prepared(":memory:"))

    def _hold(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        weakref.finalize(self, connection.close)

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class _OtherSchemaError(sqlite3.DatabaseError):
    """The file is whole, but not of this version."""


def _row(values: tuple[str, str, str | None, str | None, str | None, object]) -> Row:
    path, stamp, page, key, problem, content = values
    return Row(
        path=path,
        stamp=stamp,
        page=page,
        key=key,
        problem=problem,
        content=content if isinstance(content, bytes) else None,  # a damaged file may hold anything
    )
