"""The messages to and from one kernel: sockets, the handshake, requests and their replies. Nothing in it asks again and again.

Imported only when a cell must run, since it imports Jupyter.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

from jupyter_client.manager import AsyncKernelManager

Received = Callable[[dict[str, Any]], None]
"""Called with each message about the outputs of a request, also that the kernel is busy or idle."""

_RECONNECT_MS: Final = 5
"""Between two tries to reach a socket that the kernel has not made yet; libzmq's own 100 ms would be most of a start."""
_HEARD_S: Final = 0.05
"""After a reply, for the status that was sent before it: where it does not come, we were not subscribed yet."""
_SILENCE_S: Final = 4.0
"""After a cell's reply, for outputs that are still on their way: so long without any, and nothing more comes."""
_LARGEST_BYTES: Final = 256 * 2**20
"""A message that is larger is not taken: of a kernel in another language, whose outputs nobody cuts before they are here."""
_BREATH: Final = 50
"""Messages in a row after which other tasks have their turn: reading what is there already is no pause of asyncio's."""


class Line:
    """The sockets of one kernel, from `open` to `close`; belongs to one event loop."""

    def __init__(self, manager: AsyncKernelManager) -> None:
        self._manager = manager
        self.session: Any = manager.session
        self._shell: Any = None
        self._iopub: Any = None
        self._tasks: list[asyncio.Task[None]] = []
        self._replies: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._receivers: dict[str, Received] = {}
        self._heard = asyncio.Event()
        """Something has come about outputs: the subscription is in place."""
        self._last_heard_s = 0.0
        self._sending: set[asyncio.Future[Any]] = set()

    def open(self) -> None:
        """Connect to the sockets, whether or not the kernel has made them yet."""
        context: Any = self._manager.context
        context.reconnect_ivl = _RECONNECT_MS
        context.rcvhwm = 0  # else a flood would lose the message that the cell is done
        context.maxmsgsize = _LARGEST_BYTES
        self._iopub = self._manager.connect_iopub()
        self._shell = self._manager.connect_shell(identity=self.session.bsession)
        for socket, take in ((self._shell, self._take_reply), (self._iopub, self._take_output)):
            self._tasks.append(asyncio.ensure_future(self._read(socket, take)))

    def close(self) -> None:
        """Close the sockets; what waits for a reply is cancelled."""
        for task in self._tasks:
            task.cancel()
        for reply in self._replies.values():
            reply.cancel()
        for socket in (self._shell, self._iopub):
            if socket is not None:
                socket.close(linger=0)
        self._shell = self._iopub = None

    async def ready(self) -> None:
        """Wait until what the kernel sends about outputs reaches us.

        Kernels that know `iopub_welcome` (JEP 65) say so by themselves. To others a question is put until its reply and
        a word about it on the other socket have come.
        """
        while not self._heard.is_set():
            await self.request("kernel_info_request", {})
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._heard.wait(), _HEARD_S)

    async def request(
        self,
        kind: str,
        content: Mapping[str, Any],
        *,
        metadata: Mapping[str, Any] | None = None,
        receive: Received | None = None,
    ) -> dict[str, Any]:
        """Send a request on the shell socket; the content of its reply.

        Args:
            kind: Jupyter's message type.
            content: as the protocol has it.
            metadata: of the request: a Python kernel hands it to our side.
            receive: is told of the outputs, all of which have come when this returns.
        """
        message = self.session.msg(kind, dict(content), metadata=dict(metadata or {}))
        name = message["header"]["msg_id"]
        reply = self._replies[name] = asyncio.get_running_loop().create_future()
        idle: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if receive is not None:
            self._receivers[name] = _until_idle(receive, idle, reply)
        try:
            await self._shell.send_multipart(self.session.serialize(message))
            answered = await reply
            if receive is not None:
                await self._rest(idle)
            found: dict[str, Any] = answered["content"]
            return found
        finally:
            self._replies.pop(name, None)
            self._receivers.pop(name, None)

    def send(self, message: dict[str, Any]) -> None:
        """Send a message that has no reply."""
        sent = asyncio.ensure_future(self._shell.send_multipart(self.session.serialize(message)))
        self._sending.add(sent)
        sent.add_done_callback(self._sending.discard)

    @property
    def shell_channel(self) -> Line:
        """What nbclient's widgets send through."""
        return self

    async def _rest(self, idle: asyncio.Future[None]) -> None:
        """Wait for the outputs that the reply has overtaken; raises what failed on one of them."""
        loop = asyncio.get_running_loop()
        self._last_heard_s = loop.time()
        while not idle.done():
            left = self._last_heard_s + _SILENCE_S - loop.time()
            if left <= 0:
                logging.getLogger("sitegen.execution").debug("a cell's last outputs did not come")
                return
            await asyncio.wait([idle], timeout=left)
        idle.result()

    async def _read(self, socket: Any, take: Received) -> None:
        count = 0
        while True:
            frames = await socket.recv_multipart()
            _, parts = self.session.feed_identities(frames)
            try:
                message = self.session.deserialize(parts)
            except (ValueError, TypeError) as error:  # not signed with our key, or not JSON
                logging.getLogger("sitegen.execution").debug("a message cannot be read: %s", error)
                continue
            take(message)
            count += 1
            if count % _BREATH == 0:
                await asyncio.sleep(0)

    def _take_reply(self, message: dict[str, Any]) -> None:
        reply = self._replies.get(message["parent_header"].get("msg_id"))
        if reply is not None and not reply.done():
            reply.set_result(message)

    def _take_output(self, message: dict[str, Any]) -> None:
        self._heard.set()
        self._last_heard_s = asyncio.get_running_loop().time()
        receive = self._receivers.get(message["parent_header"].get("msg_id"))
        if receive is not None:
            receive(message)


def _until_idle(
    receive: Received, idle: asyncio.Future[None], reply: asyncio.Future[dict[str, Any]]
) -> Received:
    """`receive`, which also ends `idle` at the last message. What it raises ends what the request waits for, and not the line."""

    def take(message: dict[str, Any]) -> None:
        try:
            receive(message)
        except Exception as error:  # a bug of ours or nbclient's: it is raised where the request waits
            waiting: asyncio.Future[Any] = idle if reply.done() else reply
            if not waiting.done():
                waiting.set_exception(error)
        is_last = message["msg_type"] == "status" and message["content"].get("execution_state") == "idle"
        if is_last and not idle.done():
            idle.set_result(None)

    return take
