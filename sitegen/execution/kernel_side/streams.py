"""In the kernel: how much a cell may print and display. What is more is left out here, before it is sent anywhere.

What is counted is what is left on the page: a line that a carriage return starts again gives its text back, `clear_output` all of it.
Beyond the limits nothing more is sent while the cell runs; what its last updates and its last clearing leave is sent when it ends.
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
_DATA_BYTES = 96 * 1024 * 1024
"""Data of a cell's displays together: the largest that we make ourselves is a film of 64 MiB, in base64 a third more."""
_ERROR_CHARACTERS = 100_000
"""Of an exception's message and of each line of its traceback."""
_SENT = 20
"""How many times the limit may be sent in all where most of it is overwritten: drawing lines anew in a loop must end, too."""
_LOG_BYTES = 1024 * 1024
"""What compiled code and programs print also goes to the log of the process; that much of it, for reports of crashes."""
_MARKS = re.compile(r"(\n|\r|\x1b\[\d*[AB])")
_MOVES = re.compile(r"\x1b\[\d*[ABJ]")
_OVERWRITTEN = re.compile(r"[^\n]*\r(?=[^\r\n])")
_ROWS = 64
"""Lines above the cursor that a progress bar may go back to."""


class _Written:
    """One stream of a cell: the lengths of its last lines."""

    def __init__(self) -> None:
        self.rows = [0]
        self.row = 0
        self.is_at_start = False

    def add(self, text: str) -> int:
        """Take note of text; how much longer, or shorter, what is on the page has become."""
        if (
            "\r" not in text
            and "\x1b[" not in text
            and self.row == len(self.rows) - 1
            and not self.is_at_start
        ):
            end = text.rfind("\n")
            if end < 0:
                self.rows[-1] += len(text)
            else:
                self.rows, self.row = [len(text) - end - 1], 0
            return len(text)
        before = after = 0
        for mark in _MARKS.split(text.replace("\r\n", "\n")):
            if mark == "\n":
                self._down(1)
                after += 1
            elif mark == "\r":
                self.is_at_start = True
            elif mark[:2] == "\x1b[" and mark[-1] in "AB":
                lines = int(mark[2:-1] or 1)
                self.row = max(0, self.row - lines) if mark[-1] == "A" else self.row
                self._down(lines if mark[-1] == "B" else 0)
                self.is_at_start = True
            elif mark:
                if self.is_at_start:
                    before += self.rows[self.row]
                    self.rows[self.row] = 0
                    self.is_at_start = False
                self.rows[self.row] += len(mark)
                after += len(mark)
        return after - before

    def _down(self, lines: int) -> None:
        self.row += lines
        while self.row >= len(self.rows):
            self.rows.append(0)
        if len(self.rows) > _ROWS:
            gone = len(self.rows) - _ROWS
            del self.rows[:gone]
            self.row = max(0, self.row - gone)
        self.is_at_start = self.rows[self.row] > 0


class _Cell:
    """The outputs of the cell that runs: what it may still send, what waits for its end, what was left out."""

    def __init__(self, name: str, text: int, displays: int) -> None:
        self.name = name
        self.text = text
        self.displays = displays
        self.all_text_left = text * _SENT
        self.is_cleared = False
        """All was cleared after a limit had been passed: what came after it waits."""
        self.waiting: list[tuple[Any, ...]] = []
        self.updates: dict[str, tuple[Any, Any]] = {}
        """The last state of each display that was updated when no more could be sent."""
        self.cuts: dict[str, dict[str, Any]] = {}
        self.notices: dict[str, str] = {}
        """Display ids, by what was cut."""
        self.displays_left = displays
        self._refill()

    def _refill(self) -> None:
        self.text_left = self.text
        self.data_left = _DATA_BYTES
        self.written: dict[str, _Written] = {}

    def take_text(self, stream: Any, text: str) -> str:
        """What of the text is to be sent now; counts the rest."""
        if self.text_left <= 0 or (self.all_text_left <= 0 and not self.is_cleared):
            kept = ""
        else:
            self.text_left -= self.written.setdefault(stream.name, _Written()).add(text)
            kept = text[: self.text_left] if self.text_left < 0 else text
        if len(kept) < len(text):
            self.cut("text", len(text) - len(kept), stream.name)
        if self.is_cleared and kept:
            self.waiting.append((stream, kept))
            return ""
        return kept

    def take_display(self, size: int, arguments: Any, options: Any) -> bool:
        """Whether a display is to be sent now; what is to be sent later waits, and the rest is counted."""
        name = str((options["transient"] or {}).get("display_id"))
        is_room = self.displays_left > 0 and size <= self.data_left
        if size > _DATA_BYTES:
            self.cut("data", size)
        elif is_room:
            self.displays_left -= 1
            self.data_left -= size
            if self.is_cleared:
                self.waiting.append((None, arguments, options))
            else:
                self.updates.pop(name, None)
                return True
        elif options["update"] and (name in self.updates or len(self.updates) < self.displays):
            self.updates[name] = (arguments, options)
        elif self.displays_left <= 0:
            self.cut("displays", 1)
        else:
            self.cut("data", size)
        return False

    def clear(self) -> bool:
        """All is given back; whether the clearing itself is to be sent now."""
        is_full = min(self.text_left, self.all_text_left, self.displays_left - 1) <= 0
        if is_full:
            self.is_cleared = True
            self.displays_left = self.displays
        else:
            self.displays_left -= 1
        for each in (self.waiting, self.updates, self.cuts, self.notices):
            each.clear()
        self._refill()
        return not self.is_cleared

    def cut(self, kind: str, count: int, stream: str = "stdout") -> None:
        """Count what is left out."""
        limit = {"text": self.text, "displays": self.displays}.get(kind, _DATA_BYTES)
        found = self.cuts.setdefault(kind, {"kind": kind, "count": 0, "limit": limit, "stream": stream})
        found["count"] += count

    def unsaid(self) -> list[str]:
        """What has been cut and not yet been said at its place."""
        return [] if self.is_cleared else [kind for kind in self.cuts if kind not in self.notices]


_lock = threading.RLock()
"""Of `_cell`."""
_cell = _Cell("", 10**6, 1000)
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


def prepare(app: Any) -> None:
    """Have the kernel made with streams of ours, and without an open port.

    Args:
        app: ipykernel's, before `initialize`.
    """
    kernelapp: Any = importlib.import_module("ipykernel.kernelapp")
    sys.modules["_sitegen_kernel_streams"].LimitedStream = _stream_class()  # type: ignore[attr-defined]
    app.outstream_class = "_sitegen_kernel_streams.LimitedStream"
    thread_class: Any = kernelapp.IOPubThread
    if hasattr(thread_class, "_setup_pipe_in") and hasattr(thread_class, "_handle_pipe_msg"):
        kernelapp.IOPubThread = _private_thread(thread_class, app)


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
        return f"ipc://{app.abs_connection_file.rpartition(chr(47))[0]}/p"

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


def install(shell: Any) -> None:
    """Begin to count.

    Args:
        shell: IPython's.
    """
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
            _cell = _Cell(name, text, displays)
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
        kept = _cell.take_text(stream, text)
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
    length = size(data)
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
    length = size(data)
    if length <= _DATA_BYTES:
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


def size(value: Any) -> int:
    """About how long it is as JSON."""
    if isinstance(value, (str, bytes)):
        return len(value)
    if isinstance(value, dict):
        return sum(len(str(key)) + size(each) for key, each in value.items())
    if isinstance(value, (list, tuple)):
        if value and all(isinstance(each, (int, float)) for each in value[:8]):
            return 8 * len(value)
        return sum(size(each) for each in value)
    return 8


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
