"""The server's side of a WebSocket (RFC 6455), as far as `kubectl exec` needs it: whole binary frames."""

from __future__ import annotations

import base64
import hashlib
from typing import BinaryIO

_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_BINARY, _CLOSE = 0x2, 0x8
_LAST_FRAME = 0x80


def accept(key: str) -> str:
    """What the server answers to a client's `Sec-WebSocket-Key`."""
    return base64.b64encode(hashlib.sha1(key.encode() + _MAGIC).digest()).decode()


def send(stream: BinaryIO, channel: int, data: bytes) -> None:
    """Sends `data` on a channel of the `v4.channel.k8s.io` protocol: its number is the first byte."""
    _write(stream, _BINARY, bytes([channel]) + data)


def close(stream: BinaryIO) -> None:
    """Says that nothing more comes: status 1000, normal closure."""
    _write(stream, _CLOSE, (1000).to_bytes(2, "big"))


def receive(stream: BinaryIO) -> bytes:
    """The content of the client's next frame, its channel first; empty when the client is gone."""
    head = stream.read(2)
    if len(head) < 2 or head[0] & 0x0F == _CLOSE:
        return b""
    length = head[1] & 0x7F
    if length >= 126:
        length = int.from_bytes(stream.read(2 if length == 126 else 8), "big")
    mask = stream.read(4)
    return bytes(byte ^ mask[at % 4] for at, byte in enumerate(stream.read(length)))


def _write(stream: BinaryIO, kind: int, data: bytes) -> None:
    if len(data) < 126:
        length = bytes([len(data)])
    elif len(data) < 1 << 16:
        length = bytes([126]) + len(data).to_bytes(2, "big")
    else:
        length = bytes([127]) + len(data).to_bytes(8, "big")
    stream.write(bytes([_LAST_FRAME | kind]) + length + data)
    stream.flush()
