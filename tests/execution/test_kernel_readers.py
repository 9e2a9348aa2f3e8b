"""Readers in compiled code are wrapped by name; stand-ins have their names here, since none is needed to test sitegen."""

from __future__ import annotations

import io
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sitegen.execution import kernel_side


class _File:
    """As `h5py.File`."""

    def __init__(self, name: object, mode: str = "r") -> None:
        self.name, self.mode = name, mode


class _Frame:
    """As polars' and pandas' data frames."""

    def write_parquet(self, file: object, compression: str = "zstd") -> str:
        """Writes nothing."""
        return f"{file} {compression}"


class _Capture:
    """As `cv2.VideoCapture`, which takes a number too."""

    def __init__(self, filename: object = None) -> None:
        self.filename = filename


@pytest.fixture
def readers(monkeypatch: pytest.MonkeyPatch) -> types.SimpleNamespace:
    """The stand-ins, wrapped, and what was told of them."""
    told: list[tuple[str, str]] = []
    polars = types.ModuleType("polars")
    polars.read_parquet = lambda source, *, columns=None: (source, columns)  # type: ignore[attr-defined]
    polars.DataFrame = _Frame  # type: ignore[attr-defined]
    cv2 = types.ModuleType("cv2")
    cv2.imread, cv2.VideoCapture = max, _Capture  # type: ignore[attr-defined]  # `max` has no signature
    for name, module in {"polars": polars, "cv2": cv2}.items():
        monkeypatch.setitem(sys.modules, name, module)
    files = types.ModuleType("h5py._hl.files")
    monkeypatch.setitem(sys.modules, "h5py._hl.files", files)
    files.File = type("File", (_File,), {"__init__": _File.__init__})  # type: ignore[attr-defined]
    monkeypatch.setattr(_Frame, "write_parquet", _Frame.write_parquet)
    source = Path(kernel_side.__file__).parent / "readers.py"
    watch = types.ModuleType("readers")
    exec(compile(source.read_text(encoding="utf-8"), "readers", "exec"), watch.__dict__)
    watch.install(
        lambda path: told.append(("read", path)), lambda path: told.append(("write", path)), lambda: None
    )
    after: Any = watch.after_import
    return types.SimpleNamespace(polars=polars, cv2=cv2, File=files.File, told=told, after_import=after)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda of: of.polars.read_parquet("a.parquet", columns=["x"]), [("read", "a.parquet")]),
        (lambda of: of.polars.read_parquet(source=Path("a.parquet")), [("read", "a.parquet")]),
        (lambda of: of.polars.read_parquet(["a", "b"]), [("read", "a"), ("read", "b")]),
        (lambda of: of.polars.read_parquet("s3://bucket/a"), []),
        (lambda of: of.polars.read_parquet("file:///a"), [("read", "/a")]),
        (lambda of: of.polars.read_parquet(io.BytesIO()), []),
        (lambda of: of.polars.DataFrame().write_parquet("w"), [("write", "w")]),
        (lambda of: of.cv2.imread("a.png", "b"), [("read", "a.png")]),
        (lambda of: of.cv2.VideoCapture("a.mp4"), [("read", "a.mp4")]),
        (lambda of: of.cv2.VideoCapture(0), []),
        (lambda of: of.File("a.h5"), [("read", "a.h5")]),
        (lambda of: of.File("a.h5", "w"), [("write", "a.h5")]),
        (lambda of: of.File("a.h5", mode="a"), [("write", "a.h5")]),
    ],
)
def test_a_wrapped_reader_tells_its_path(
    readers: types.SimpleNamespace, call: Callable[[Any], object], told: list[tuple[str, str]]
) -> None:
    """Whatever way the path is given; a URL, an open file and a number name no file of the site."""
    call(readers)
    assert readers.told == told


def test_a_pattern_tells_what_it_matches(readers: types.SimpleNamespace, tmp_path: Path) -> None:
    """Each file, not the pattern."""
    for name in ("a.parquet", "b.parquet", "c.txt"):
        (tmp_path / name).touch()
    readers.polars.read_parquet(f"{tmp_path}/*.parquet")
    assert sorted(readers.told) == [("read", str(tmp_path / name)) for name in ("a.parquet", "b.parquet")]


def test_a_wrapped_reader_is_what_it_was(readers: types.SimpleNamespace) -> None:
    """Results, errors, names and classes stay those of the library."""
    with pytest.raises(TypeError):
        readers.polars.read_parquet()
    assert readers.polars.read_parquet("a", columns=1) == ("a", 1)
    assert readers.polars.DataFrame().write_parquet("w") == "w zstd"
    assert isinstance(readers.cv2.VideoCapture("a.mp4"), _Capture)
    assert readers.cv2.VideoCapture("a.mp4").filename == "a.mp4"
    assert readers.File.__init__.__name__ == "__init__"


def test_import_meanwhile_takes_nothing_away(
    readers: types.SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Threads of the kernel import too: what one of them has wrapped is not missed by the other."""
    meanwhile = [readers.after_import]

    class Slow(types.ModuleType):
        def __getattribute__(self, name: str) -> Any:
            if name == "__spec__" and meanwhile:
                meanwhile.pop()()
            return super().__getattribute__(name)

    faiss: Any = Slow("faiss")
    faiss.read_index = lambda fname: fname
    monkeypatch.setitem(sys.modules, "faiss", faiss)
    assert readers.after_import()
    faiss.read_index("index")
    assert readers.told == [("read", "index")]
