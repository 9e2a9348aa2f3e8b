"""In the kernel: readers and writers whose files are opened by compiled code, which no event tells of; wrapped by name."""

from __future__ import annotations

import functools
import glob
import inspect
import os
import sys
from typing import Any

_UNNAMED = "/.sitegen/importlib._bootstrap"
"""File name of our wrappers: `warnings` passes over frames with such a name, and tracebacks leave out hidden folders."""

_READERS = """
safetensors: safe_open(filename)
h5py._hl.files: File.__init__(name, mode)
netCDF4: Dataset(filename, mode)
tables: open_file(filename, mode)
pandas: read_parquet(path) read_feather(path) read_orc(path) read_hdf(path_or_buf) HDFStore.__init__(path, mode)
pyarrow: memory_map(path, mode) OSFile(path, mode) input_stream(source)
pyarrow.parquet: read_table(source) read_pandas(source) read_metadata(where) read_schema(where)
pyarrow.parquet: ParquetFile.__init__(source) ParquetDataset.__init__(path_or_paths)
pyarrow.csv: read_csv(input_file) open_csv(input_file)
pyarrow.json: read_json(input_file) open_json(input_file)
pyarrow.feather: read_table(source) read_feather(source)
pyarrow.orc: read_table(source) ORCFile.__init__(source)
pyarrow.dataset: dataset(source) parquet_dataset(metadata_path)
polars: read_csv(source) read_csv_batched(source) read_parquet(source) read_ipc(source) read_ipc_stream(source)
polars: read_json(source) read_ndjson(source) read_avro(source) read_excel(source) read_ods(source)
polars: read_parquet_schema(source) read_parquet_metadata(source) read_ipc_schema(source)
polars: scan_csv(source) scan_parquet(source) scan_ipc(source) scan_ndjson(source) scan_lines(source)
cv2: imread(filename) imreadmulti(filename) imcount(filename) VideoCapture(filename) CascadeClassifier(filename)
cv2: FileStorage(filename)
torch: from_file(filename)
torch.jit: load(f)
torchvision.io: read_image(path) read_file(path) read_video(filename)
torchaudio: load(uri) info(uri)
onnxruntime: InferenceSession.__init__(path_or_bytes)
soundfile: SoundFile.__init__(file, mode)
faiss: read_index(fname)
rasterio: open(fp, mode)
"""
"""Module: function or class (the parameter that names the file, and the one that names the mode where it may write)."""

_WRITERS = """
safetensors: serialize_file(filename)
safetensors.torch: save_file(filename) save_model(filename)
safetensors.numpy: save_file(filename)
pandas: DataFrame.to_parquet(path) DataFrame.to_feather(path) DataFrame.to_orc(path) DataFrame.to_hdf(path_or_buf)
pyarrow: output_stream(source)
pyarrow.parquet: write_table(where) ParquetWriter.__init__(where) write_to_dataset(root_path) write_metadata(where)
pyarrow.csv: write_csv(output_file)
pyarrow.feather: write_feather(dest)
pyarrow.orc: write_table(where)
pyarrow.dataset: write_dataset(base_dir)
polars: DataFrame.write_csv(file) DataFrame.write_parquet(file) DataFrame.write_ipc(file) DataFrame.write_json(file)
polars: DataFrame.write_ndjson(file) DataFrame.write_avro(file)
polars: LazyFrame.sink_csv(path) LazyFrame.sink_parquet(path) LazyFrame.sink_ipc(path) LazyFrame.sink_ndjson(path)
cv2: imwrite(filename) imwritemulti(filename) VideoWriter(filename)
torch: save(f)
torch.jit: save(f)
faiss: write_index(fname)
"""

_POSITIONS = {
    "safetensors.serialize_file": 1, "safetensors.torch.save_file": 1, "safetensors.torch.save_model": 1,
    "safetensors.numpy.save_file": 1, "pyarrow.parquet.write_table": 1, "pyarrow.parquet.write_to_dataset": 1,
    "pyarrow.parquet.write_metadata": 1, "pyarrow.csv.write_csv": 1, "pyarrow.feather.write_feather": 1,
    "pyarrow.orc.write_table": 1, "pyarrow.dataset.write_dataset": 1, "torch.save": 1, "torch.jit.save": 1,
    "faiss.write_index": 1,
}  # fmt: skip
"""Where the path is not the first argument, for functions whose signature cannot be asked."""

_pending: dict[str, list[tuple[str, str, tuple[str, ...]]]] = {}
"""Module to what is to be wrapped once it is loaded: name, `read` or `write`, parameters."""
_importers: dict[str, list[str]] = {}
"""Modules of `_pending` to those that imported them before this watch began."""
_read: Any = None
_write: Any = None
_for_new_process: Any = None


def install(
    read: Any, write: Any, for_new_process: Any, preloaded: dict[str, list[str]] | None = None
) -> None:
    """Begin to wait for the modules.

    Args:
        read: is told each path that a reader is given.
        write: is told each path that a writer was given.
        for_new_process: gives what starts the watch in a process that multiprocessing starts anew.
        preloaded: modules of a warm process with those that they imported there, some of which have taken a reader by its name.
    """
    global _read, _write, _for_new_process
    _read, _write, _for_new_process = read, write, for_new_process
    for kind, table in (("read", _READERS), ("write", _WRITERS)):
        for line in table.strip().splitlines():
            module, _, calls = line.partition(": ")
            for call in calls.replace(", ", ",").split():
                name, _, parameters = call.rstrip(")").partition("(")
                _pending.setdefault(module, []).append((name, kind, tuple(parameters.split(","))))
    for importer, names in (preloaded or {}).items():
        # within its own package the reader was taken before it could be wrapped, in any kernel
        for name in names:
            if name in _pending and importer.partition(".")[0] != name.partition(".")[0]:
                _importers.setdefault(name, []).append(importer)
    after_import()
    _importers.clear()


def after_import() -> bool:
    """Wrap what has been loaded completely since the last call; whether nothing is half loaded now."""
    is_settled = True
    for name in list(_pending):
        module = sys.modules.get(name)
        if module is None:
            continue
        if getattr(getattr(module, "__spec__", None), "_initializing", False):
            is_settled = False
            continue
        for target, kind, parameters in _pending.pop(name, ()):  # a thread that imports was here meanwhile
            _wrap(module, target, kind, parameters)
    starts = (
        "multiprocessing.popen_spawn_posix",
        "multiprocessing.popen_forkserver",
        "multiprocessing.popen_spawn_win32",
    )
    if any(name in sys.modules for name in starts):
        _wrap_new_processes()
    return is_settled


def _wrap(module: Any, target: str, kind: str, parameters: tuple[str, ...]) -> None:
    owner, _, name = target.rpartition(".")
    place = getattr(module, owner, None) if owner else module
    original = getattr(place, name, None)
    if place is None or original is None:  # another release of the library
        return
    label = f"{module.__name__}.{target}"
    position = _position(original, parameters[0], label)
    try:
        if isinstance(original, type):
            wrapped: Any = _watched_class(original, kind, parameters, position)
        else:
            wrapped = _watched(original, kind, parameters, position)
        setattr(place, name, wrapped)
        for importer in _importers.get(module.__name__, ()) if place is module else ():
            _rebind(importer, original, wrapped)
    except (TypeError, AttributeError):  # a class that cannot be changed
        return


def _rebind(importer: str, original: Any, wrapped: Any) -> None:
    """Put the wrapper where a module has what it wraps by `from ... import`, as it would have had it now."""
    scope = getattr(sys.modules.get(importer), "__dict__", {})
    for name in [name for name, value in scope.items() if value is original]:
        scope[name] = wrapped


def _position(function: Any, parameter: str, label: str) -> int:
    try:
        names = list(inspect.signature(function).parameters)
    except (TypeError, ValueError):  # compiled
        return _POSITIONS.get(label, 0)
    return names.index(parameter) if parameter in names else _POSITIONS.get(label, 0)


def _watched(function: Any, kind: str, parameters: tuple[str, ...], position: int) -> Any:
    def watched(*arguments: Any, **named: Any) -> Any:
        if kind == "read":
            _tell(kind, parameters, position, arguments, named)
            return function(*arguments, **named)
        result = function(*arguments, **named)
        _tell(kind, parameters, position, arguments, named)
        return result

    watched.__code__ = watched.__code__.replace(co_filename=_UNNAMED)
    return functools.wraps(function)(watched)


def _watched_class(original: Any, kind: str, parameters: tuple[str, ...], position: int) -> Any:
    """A subclass that tells when it is made; a function where the class allows no subclass."""

    def make(cls: Any, *arguments: Any, **named: Any) -> Any:
        _tell(kind, parameters, position, arguments, named)
        return original.__new__(cls, *arguments, **named)

    def begin(self: Any, *arguments: Any, **named: Any) -> None:
        _tell(kind, parameters, position, arguments, named)
        original.__init__(self, *arguments, **named)

    # of the two, the one that takes the arguments
    own = {"__new__": make} if original.__init__ is object.__init__ else {"__init__": begin}
    try:
        return type(
            original.__name__, (original,), {**own, "__module__": original.__module__, "__slots__": ()}
        )
    except TypeError:
        return _watched(original, kind, parameters, position)


def _tell(
    kind: str, parameters: tuple[str, ...], position: int, arguments: tuple[Any, ...], named: dict[str, Any]
) -> None:
    """Tell of the files that a call names; whatever is wrong with the arguments is for the reader to say."""
    try:
        given = named.get(parameters[0], arguments[position] if position < len(arguments) else None)
        mode = "r"
        if len(parameters) > 1:
            after = position + 1
            mode = str(named.get(parameters[1], arguments[after] if after < len(arguments) else "r"))
        for path in _paths(given):
            is_new = (
                kind == "write" or mode[:1] in ("w", "x") or (mode[:1] == "a" and not os.path.lexists(path))
            )
            (_write if is_new else _read)(path)
    except Exception:
        return


def _paths(given: Any) -> list[str]:
    """The local paths that an argument names: a path, a pattern, or a list of them; none in a URL or an open file."""
    if isinstance(given, (list, tuple, set)):
        return [path for each in given for path in _paths(each)]
    if not isinstance(given, (str, os.PathLike)):
        return []
    text = os.fsdecode(os.fspath(given))
    if text.startswith("file://"):
        text = text[7:]
    if "://" in text or not text:
        return []
    text = os.path.expanduser(text)
    if glob.has_magic(text) and not os.path.lexists(text):
        return [*glob.glob(text, recursive=True)]
    return [text]


def _wrap_new_processes() -> None:
    """A process that multiprocessing starts anew, not by a fork, begins without a hook."""
    spawn = sys.modules.get("multiprocessing.spawn")
    original = getattr(spawn, "get_preparation_data", None)
    if original is None or getattr(original, "_sitegen", False):
        return

    @functools.wraps(original)
    def get_preparation_data(*arguments: Any, **named: Any) -> Any:
        return {**original(*arguments, **named), "sitegen": _for_new_process()}

    get_preparation_data._sitegen = True  # type: ignore[attr-defined]
    spawn.get_preparation_data = get_preparation_data  # type: ignore[union-attr]
