"""Zstandard files that can be read from any place: independent frames of FRAME bytes, with a table of them at the end.

The layout is the "Zstandard Seekable Format" 0.1.0 of the reference implementation, without checksums: `zstd -d` reads
it like any other file. What was written is proved by the journal's own chain, not by the container.
"""

from __future__ import annotations

import io
import struct
from bisect import bisect_right
from collections import OrderedDict
from itertools import accumulate
from typing import IO, Any

FRAME = 1 << 20
"""Plain bytes a frame: one read from the middle of a journal costs about a millisecond."""

LEVEL = 6

_KEPT = 4
"""Frames that an open file keeps in memory: what belongs to one task lies in two or three."""

_MAGIC, _SKIPPABLE = 0x8F92EAB1, 0x184D2A5E
_HEADER, _ENTRY, _FOOTER = struct.Struct("<II"), struct.Struct("<II"), struct.Struct("<IBI")


class NotSeekable(ValueError):
    """The file was cut off or changed, or is something else: its table of frames or a frame is not whole."""


def write_frames(source: IO[bytes], target: IO[bytes], size: int) -> None:
    """Compress the next `size` bytes of `source` into `target`. Raises EOFError where `source` ends before."""
    codec, entries, left = _open_codec(), list[bytes](), size
    while left:
        plain = source.read(min(FRAME, left))
        if not plain:
            raise EOFError(f"{left:,} bytes of {size:,} are missing")
        packed = codec.compress(plain, asbytes=True)
        target.write(packed)
        entries.append(_ENTRY.pack(len(packed), len(plain)))
        left -= len(plain)
    table = b"".join(entries)
    target.write(_HEADER.pack(_SKIPPABLE, len(table) + _FOOTER.size) + table + _FOOTER.pack(len(entries), 0, _MAGIC))


def open_frames(file: IO[bytes], *, strict: bool = False) -> io.BufferedReader:
    """The plain bytes of a compressed file, to be read, sought and iterated like the file itself, and closed with it.

    A frame that cannot be unpacked reads as zeros up to a newline, so that whoever checks the lines finds the damage in
    its place; with `strict` reading it raises NotSeekable, as this does for a file without a whole table.
    """
    return io.BufferedReader(_Frames(file, strict), buffer_size=1 << 16)


def measure_plain(file: IO[bytes]) -> int:
    """How many plain bytes a compressed file holds. Raises NotSeekable."""
    return sum(plain for _, plain in _read_table(file))


class _Frames(io.RawIOBase):
    def __init__(self, file: IO[bytes], strict: bool) -> None:
        table = _read_table(file)
        self._file, self._strict = file, strict
        self._packed = [0, *accumulate(packed for packed, _ in table)]
        self._plain = [0, *accumulate(plain for _, plain in table)]
        self._codec = _open_codec()
        self._at = 0
        self._kept: OrderedDict[int, bytes] = OrderedDict()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._plain[-1]}[whence]
        if base + offset < 0:
            raise ValueError(f"negative position {base + offset}")
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        if self._at >= self._plain[-1]:
            return 0
        number = bisect_right(self._plain, self._at) - 1
        start = self._at - self._plain[number]
        part = memoryview(self._unpack(number))[start : start + len(buffer)]
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()

    def _unpack(self, number: int) -> bytes:
        if number in self._kept:
            self._kept.move_to_end(number)
            return self._kept[number]
        start, end = self._packed[number : number + 2]
        size = self._plain[number + 1] - self._plain[number]
        self._file.seek(start)
        try:
            plain: bytes = self._codec.decompress(self._file.read(end - start), decompressed_size=size, asbytes=True)
        except OSError:
            plain = b""
        if len(plain) != size:
            if self._strict:
                raise NotSeekable(f"its frame {number + 1:,} of {len(self._packed) - 1:,} is not what was written")
            plain = bytes(size - 1) + b"\n"
        self._kept[number] = plain
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return plain


def _read_table(file: IO[bytes]) -> list[tuple[int, int]]:
    """Packed and plain bytes of every frame."""
    size = file.seek(0, io.SEEK_END)
    if size < _HEADER.size + _FOOTER.size:
        raise NotSeekable(f"{size} bytes are too few")
    file.seek(size - _FOOTER.size)
    count, marks, magic = _FOOTER.unpack(file.read(_FOOTER.size))
    length = _HEADER.size + count * _ENTRY.size + _FOOTER.size
    if magic != _MAGIC or marks or length > size:
        raise NotSeekable("its last bytes are not those of a table")
    file.seek(size - length)
    table = file.read(length)
    entries = list(_ENTRY.iter_unpack(table[_HEADER.size : -_FOOTER.size]))
    whole = _HEADER.unpack_from(table) == (_SKIPPABLE, length - _HEADER.size)
    if not whole or sum(packed for packed, _ in entries) + length != size or not all(plain for _, plain in entries):
        raise NotSeekable("its table does not fit its frames")
    return entries


def _open_codec() -> Any:
    # Imported where it is needed: it takes a tenth of a second that most commands would spend for nothing.
    import pyarrow as pa

    return pa.Codec("zstd", LEVEL)
