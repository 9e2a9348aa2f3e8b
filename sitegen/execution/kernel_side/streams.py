"""In the kernel: how much a cell may print and display. What is more is left out here, before it is sent anywhere.

Streams and displays of the kernel are asked here before they send anything; `allowance.py` keeps the books.
"""

from __future__ import annotations

import codecs
import contextlib
import importlib
import mmap
import os
import re
import struct
import sys
import threading
import uuid
from typing import Any

CUT_TYPE = "application/vnd.sitegen.cut+json"
"""What was left out, as a display of its own where it was; brought up to date when the cell ends."""
_THROTTLED = ("application/vnd.sitegen.progress+json", "application/vnd.sitegen.curve+json")
"""Displays of `sitegen.lab` that come a few times a second at most, however long the cell runs."""
_ERROR_CHARACTERS = 100_000
"""Of an exception's message and of each line of its traceback."""
_LOG_BYTES = 1024 * 1024
"""What compiled code and programs print also goes to the log of the process; that much of it, for reports of crashes."""
_MOVES = re.compile(r"\x1b\[\d*[ABJ]")
_OVERWRITTEN = re.compile(r"[^\n]*\r(?=[^\r\n])")


_lock = threading.RLock()
"""Of `_cell`."""
_allowance: Any = None
_cell: Any = None
_shell: Any = None
_publish: Any = None
_process = os.getpid()
_CHILDREN = struct.Struct("qq")
"""What forked processes may still print, and how much of theirs was left out."""
_children = mmap.mmap(-1, _CHILDREN.size)
"""Memory that they share with this process. Two that write at once may both take what is left: it need not be exact."""
_local = threading.local()
"""`is_own`: what is printed and displayed now is a notice of ours."""


# --- before the kernel begins ------------------------------------------------------------------------------


def prepare(app: Any, allowance: Any) -> None:
    """Have the kernel made with streams of ours, and without an open port.

    Args:
        app: ipykernel's, before `initialize`.
        allowance: our module of that name.
    """
    _count_with(allowance)
    kernelapp: Any = importlib.import_module("ipykernel.kernelapp")
    sys.modules["_sitegen_kernel_streams"].LimitedStream = _stream_class()  # type: ignore[attr-defined]
    app.outstream_class = "_sitegen_kernel_streams.LimitedStream"
    thread_class: Any = kernelapp.IOPubThread
    if hasattr(thread_class, "_setup_pipe_in") and hasattr(thread_class, "_handle_pipe_msg"):
        kernelapp.IOPubThread = _private_thread(thread_class, app)


def _count_with(allowance: Any) -> None:
    global _allowance, _cell
    _allowance, _cell = allowance, allowance.Cell("", 10**6, 1000)


def _stream_class() -> Any:
    """Ipykernel's stream with our limits."""
    from ipykernel.iostream import OutStream

    base: Any = OutStream

    class LimitedStream(base):  # type: ignore[misc]
        """A stream of a cell that counts."""

        def write(self, string: str) -> int | None:
            if not isinstance(string, str) or getattr(_local, "is_own", False):
                written: int | None = super().write(string)
                return written
            kept = _keep_text(self, string)
            if kept:
                super().write(kept)
            return len(string)

        def _flush_buffers(self) -> Any:
            """Of lines that were drawn again and again since the last time, the last state."""
            for parent, data in super()._flush_buffers():
                settled = _settled(data)
                _cell.all_text_left -= len(settled)
                yield parent, settled

        def _watch_pipe_fd(self) -> None:
            """As ipykernel's, with larger parts, whole characters, and a log that does not grow without end."""
            if getattr(self, "_fid", None) is None or not hasattr(self, "_original_stdstream_copy"):
                super()._watch_pipe_fd()
                return
            decoder = codecs.getincrementaldecoder("utf-8")("replace")
            left = _LOG_BYTES
            try:
                part = os.read(self._fid, 65536)
                while part and self._should_watch:
                    text = decoder.decode(part)
                    if text:
                        self.write(text)
                    if left > 0:
                        os.write(self._original_stdstream_copy, part[:left])
                        left -= len(part)
                    part = os.read(self._fid, 65536)
            except Exception:  # as ipykernel does: it is told when the stream is closed
                self._exc = sys.exc_info()

    return LimitedStream


def _private_thread(base: Any, app: Any) -> Any:
    """Ipykernel's thread for outputs, whose line to forked processes is a file that no other user can open, and no port."""
    import zmq
    from zmq.eventloop.zmqstream import ZMQStream

    def address() -> str:
        folder = str(app.abs_connection_file).rpartition("/")[0]
        return f"ipc://{folder}/p"

    class PrivateThread(base):  # type: ignore[misc]
        def _setup_pipe_in(self) -> None:
            if app.transport != "ipc":
                super()._setup_pipe_in()
                return
            pipe = self.socket.context.socket(zmq.PULL)
            pipe.linger = 0
            self._pipe_uuid = os.urandom(16)
            pipe.bind(address())
            self._pipe_in = ZMQStream(pipe, self.io_loop)
            self._pipe_in.on_recv(self._handle_pipe_msg)

        def _setup_pipe_out(self) -> Any:
            if app.transport != "ipc":
                return super()._setup_pipe_out()
            context: Any = zmq.Context()
            pipe = context.socket(zmq.PUSH)
            pipe.linger = 3000  # ms, as ipykernel has it
            pipe.connect(address())
            return context, pipe

    return PrivateThread


# --- in the kernel, before any code of the page -------------------------------------------------------------


def install(shell: Any, allowance: Any) -> None:
    """Begin to count.

    Args:
        shell: IPython's.
        allowance: our module of that name.
    """
    if _cell is None:
        _count_with(allowance)
    global _shell, _publish, _process
    _shell, _process = shell, os.getpid()
    publisher = shell.display_pub
    _publish, clear = publisher.publish, publisher.clear_output
    publisher.publish = _published
    publisher.clear_output = lambda wait=False: _cleared(clear, wait)
    hook = shell.displayhook
    write = hook.write_format_data
    hook.write_format_data = lambda data, metadata=None: write(*_fitted_result(data, metadata))
    session = shell.kernel.session
    send = session.send
    session.send = lambda stream, kind, content=None, *more, **named: send(
        stream, kind, _shortened(kind, content), *more, **named
    )
    history: Any = getattr(shell, "history_manager", None)
    if hasattr(history, "outputs"):  # IPython 9 keeps a copy of all that is printed
        history.outputs = _Forgetful()
    shell.events.register("post_run_cell", lambda *_: end())
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_forked)
    _lose_nothing(shell.kernel)
    if type(sys.stdout).__name__ != "LimitedStream":
        _install_late(shell.kernel)


def begin(name: str, text: int, displays: int) -> None:
    """A cell begins.

    Args:
        name: of its request; a cell that runs another one stays the same cell.
        text: characters that it may print.
        displays: displays and updates that it may send.
    """
    global _cell
    with _lock:
        if name != _cell.name:
            _cell = _allowance.Cell(name, text, displays)
            _CHILDREN.pack_into(_children, 0, text, 0)


def end() -> None:
    """The cell has ended: send what waited, and what was left out in numbers."""
    with _lock:
        cell = _cell
        waiting, cell.waiting = cell.waiting, []
        updates, cell.updates = cell.updates, {}
        was_cleared, cell.is_cleared = cell.is_cleared, False
        left, cut = _CHILDREN.unpack_from(_children)
        if cut:
            cell.cut("text", cut)
            _CHILDREN.pack_into(_children, 0, left, 0)
    with _own():
        if was_cleared:
            _shell.display_pub.clear_output(wait=False)
        for stream, *what in waiting:
            if stream is None:
                _publish(*what[0], **what[1])
            else:
                stream.write(*what)
        for arguments, options in updates.values():
            _publish(*arguments, **options)
        for kind in list(cell.cuts):
            _notice(kind)


def _forked() -> None:
    """In a forked child: no lock is held by a thread that is not there, and what waits to be sent is the parent's to send."""
    global _lock
    _lock = threading.RLock()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "_buffer_lock") and hasattr(stream, "_rotate_buffers"):
            stream._buffer_lock = threading.RLock()
            stream._rotate_buffers()


@contextlib.contextmanager
def _own() -> Any:
    before, _local.is_own = getattr(_local, "is_own", False), True
    try:
        yield
    finally:
        _local.is_own = before


def _lose_nothing(kernel: Any) -> None:
    """A queue without end for outputs: libzmq drops what is more than a thousand messages, also the last, silently."""
    thread = getattr(kernel, "iopub_thread", None)
    socket = getattr(thread, "socket", None)
    if thread is not None and hasattr(socket, "sndhwm"):
        thread.schedule(lambda: setattr(socket, "sndhwm", 0))


def _install_late(kernel: Any) -> None:
    """Where the kernel was not started by us: make its streams ours, as soon as this request is done.

    IPython 9 leaves a `write` on the streams after each request, which would go before that of the class.
    """
    limited = _stream_class()

    def take_over() -> None:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, limited.__mro__[1]):
                vars(stream).pop("write", None)
                stream.__class__ = limited

    kernel.io_loop.add_callback(take_over)


# --- text ---------------------------------------------------------------------------------------------------


def _keep_text(stream: Any, text: str) -> str:
    """What of the text is still to be sent."""
    if os.getpid() != _process:
        return _keep_text_of_child(text)
    with _lock:
        kept: str = _cell.take_text(stream, text)
        unsaid = _cell.unsaid()
    if not unsaid:
        return kept
    with _own():
        stream.write(kept)
        for kind in unsaid:
            _notice(kind)
    return ""


def _keep_text_of_child(text: str) -> str:
    """In a forked process: what is still to be sent; all of them together may print as much as the cell itself."""
    left, cut = _CHILDREN.unpack_from(_children)
    kept = text[: max(0, left)]
    _CHILDREN.pack_into(_children, 0, left - len(kept), cut + len(text) - len(kept))
    return kept


def _settled(data: str) -> str:
    return data if "\r" not in data or _MOVES.search(data) else _OVERWRITTEN.sub("\r", data)


# --- displays -----------------------------------------------------------------------------------------------


def _published(
    data: Any, metadata: Any = None, *more: Any, transient: Any = None, update: bool = False, **named: Any
) -> Any:
    """Stands for `publish` of ipykernel's display publisher."""
    arguments = (data, metadata, *more)
    options = {"transient": transient, "update": update, **named}
    if getattr(_local, "is_own", False) or not isinstance(data, dict) or any(t in data for t in _THROTTLED):
        return _publish(*arguments, **options)
    if os.getpid() != _process:
        return _publish(*arguments, **options)
    data = _fitted(data)
    arguments = (data, metadata, *more)
    length = _allowance.size(data)
    with _lock:
        is_sent = _cell.take_display(length, arguments, options)
        unsaid = _cell.unsaid()
    with _own():
        for kind in unsaid:
            _notice(kind)
    return _publish(*arguments, **options) if is_sent else None


def _cleared(clear: Any, wait: bool) -> None:
    """Stands for `clear_output`."""
    with _lock:
        is_sent = getattr(_local, "is_own", False) or _cell.clear()
    if is_sent:
        clear(wait)


def _fitted_result(data: Any, metadata: Any) -> tuple[Any, Any]:
    """A cell's last value as it may be sent."""
    if not isinstance(data, dict):
        return data, metadata
    data = _fitted(data)
    length = _allowance.size(data)
    if length <= _allowance.DATA_BYTES:
        return data, metadata
    with _lock:
        _cell.cut("data", length)
        _cell.notices.setdefault("data", "")  # this is it
        found = dict(_cell.cuts["data"])
    return {"text/plain": _words(found), CUT_TYPE: found}, {}


def _fitted(data: dict[str, Any]) -> dict[str, Any]:
    """The display with no more plain text than a cell may print."""
    text = data.get("text/plain")
    limit = _cell.text
    if not isinstance(text, str) or len(text) <= limit:
        return data
    more = f"\n[{len(text) - limit:,} more characters were left out]"
    return {**data, "text/plain": text[:limit] + more}


# --- notices ------------------------------------------------------------------------------------------------


def _notice(kind: str) -> None:
    """Say where something was left out, or bring up to date what was said."""
    with _lock:
        found = dict(_cell.cuts[kind])
        known = _cell.notices.get(kind)
        name = _cell.notices.setdefault(kind, uuid.uuid4().hex)
    if known != "":
        _publish(
            {"text/plain": _words(found), CUT_TYPE: found},
            {},
            transient={"display_id": name},
            update=known is not None,
        )


def _words(found: dict[str, Any]) -> str:
    return f"[{found['count']:,} {found['kind']} left out]"


def _shortened(kind: Any, content: Any) -> Any:
    """What is said of an exception, without the megabytes that its message may have."""
    if kind not in ("error", "execute_reply") or not isinstance(content, dict) or "traceback" not in content:
        return content
    lines = [_short(str(line)) for line in content.get("traceback") or []]
    return {**content, "evalue": _short(str(content.get("evalue", ""))), "traceback": lines}


def _short(text: str) -> str:
    if len(text) <= _ERROR_CHARACTERS:
        return text
    return text[:_ERROR_CHARACTERS] + f"\n[{len(text) - _ERROR_CHARACTERS:,} more characters were left out]\n"


class _Forgetful(dict):  # type: ignore[type-arg]
    """Stands for the history of outputs: nobody reads it in a build, and it would hold all that was printed."""

    def __contains__(self, key: object) -> bool:
        return False

    def __missing__(self, key: object) -> list[Any]:
        return []
