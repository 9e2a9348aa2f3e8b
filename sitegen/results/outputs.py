"""Outputs to and from the form in which a record keeps them: long contents go into blobs, the rest stays inline."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, Final, Literal

import msgspec

from sitegen.content.document import Digest
from sitegen.content.executed import DisplayOutput, ErrorOutput, Output, StreamOutput
from sitegen.files import digest_bytes
from sitegen.frozen import FrozenDict, freeze, thaw
from sitegen.results.record import Blob, DisplayPart, ErrorPart, OutputPart, Record, StreamPart, canonical

BLOB_ABOVE_BYTES: Final = 16 * 1024
"""Contents longer than this go into blobs: a record stays small enough to read in a diff."""

_SHARED_FROM_BYTES: Final = 1024 * 1024

ReadBlob = Callable[[Digest], bytes]


def pack(output: Output, blobs: dict[Digest, bytes]) -> OutputPart:
    """An output as it is recorded; its long contents are added to `blobs`."""
    if isinstance(output, StreamOutput):
        if len(output.text) <= BLOB_ABOVE_BYTES:
            return StreamPart(name=output.name, text=output.text)
        return StreamPart(name=output.name, blob=_blob(output.text, blobs))
    if isinstance(output, ErrorOutput):
        return ErrorPart(name=output.name, value=output.value, traceback=output.traceback)
    return pack_display(output, blobs)


def pack_display(output: DisplayOutput, blobs: dict[Digest, bytes]) -> DisplayPart:
    """The same for what was displayed."""
    data: dict[str, Any] = {mime: thaw(content) for mime, content in output.data.items()}
    long = {
        mime
        for mime, content in data.items()
        if isinstance(content, bytes) or _size(content) > BLOB_ABOVE_BYTES
    }
    return DisplayPart(
        data={mime: content for mime, content in data.items() if mime not in long},
        metadata=thaw(output.metadata),
        is_result=output.is_result,
        order=tuple(data),
        blobs={mime: _blob(data[mime], blobs) for mime in sorted(long)},
    )


def unpack(part: OutputPart, read: ReadBlob) -> Output:
    """The output that was packed.

    Args:
        part: as `pack` made it.
        read: the bytes of a blob; what it raises goes through.

    Raises:
        KeyError, msgspec.MsgspecError, UnicodeDecodeError: the record contradicts itself.
    """
    if isinstance(part, StreamPart):
        text = part.text if part.blob is None else _content(part.blob, read)
        return StreamOutput(name=part.name, text=text)
    if isinstance(part, ErrorPart):
        return ErrorOutput(name=part.name, value=part.value, traceback=part.traceback)
    data = {
        mime: _content(part.blobs[mime], read) if mime in part.blobs else part.data[mime]
        for mime in part.order
    }
    return DisplayOutput(
        data=FrozenDict({mime: freeze(content) for mime, content in data.items()}),
        metadata=freeze(part.metadata),
        is_result=part.is_result,
    )


def blobs_of(record: Record) -> Iterator[Digest]:
    """The blobs that a record's outputs need, in its order; one may be named several times."""
    parts = [part for cell in record.cells for part in cell.outputs] + [
        value.output for value in record.values
    ]
    for part in parts:
        if isinstance(part, StreamPart) and part.blob is not None:
            yield part.blob.digest
        elif isinstance(part, DisplayPart):
            yield from (blob.digest for blob in part.blobs.values())


def _size(content: Any) -> int:
    return len(content) if isinstance(content, str) else len(canonical(content))


def _blob(content: Any, blobs: dict[Digest, bytes]) -> Blob:
    form: Literal["text", "json", "bytes"]
    if isinstance(content, bytes):
        form, encoded = "bytes", content
    elif isinstance(content, str):
        form, encoded = "text", content.encode()
    else:
        form, encoded = "json", canonical(content)
    digest = Digest(digest_bytes(encoded))
    blobs[digest] = encoded
    return Blob(digest=digest, form=form)


def _content(blob: Blob, read: ReadBlob) -> Any:
    content = read(blob.digest)
    if blob.form == "bytes":
        return content
    if blob.form == "json":
        return msgspec.json.decode(content)
    text = content.decode()
    return text if len(content) < _SHARED_FROM_BYTES else _shared(text)


@lru_cache(maxsize=4)
def _shared(text: str) -> str:
    """One object for equal texts: a site of fifty pages with plots would hold plotly.js fifty times."""
    return text
