"""The bytes of a part as they lie, hashed and bounded while they stream; gzip and zstd unpacked by their first bytes."""
import hashlib
import zlib

from .s3_object import S3Object
from .rejection import Rejection

CHUNK = 1024 * 1024
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"


def open_part(part):
    """A file-like object: a file of this machine where the part has a `file`, else one exact version of an S3 object."""
    return open(part["file"], "rb") if part.get("file") else S3Object(part)


class Lying:
    """Chunks of a part as it lies; `sha256` is that of what has been read."""

    def __init__(self, stream, limits):
        self._stream = stream
        self._limits = limits
        self._hash = hashlib.sha256()
        self.size = 0

    def __iter__(self):
        while True:
            chunk = self._stream.read(CHUNK)
            if not chunk:
                return
            self.size += len(chunk)
            if self.size > self._limits.part_bytes:
                too_large(self._limits)
            self._hash.update(chunk)
            yield chunk

    @property
    def sha256(self):
        return self._hash.hexdigest()


def too_large(limits):
    raise Rejection(f"the file is larger than the allowed {limits.part_bytes:,} bytes; drop it in parts")


def begun(chunks, count=4):
    """The first bytes of a stream, and the whole of it."""
    chunks = iter(chunks)
    first = b""
    for chunk in chunks:
        first += chunk
        if len(first) >= count:
            break

    def whole():
        if first:
            yield first
        yield from chunks

    return first, whole()


def unpacked(lying, size, limits):
    """The content, unpacked where it is packed. Raises Rejection for what is torn or a bomb."""
    first, chunks = begun(lying)
    most = min(limits.unpacked_bytes, limits.free_bytes + limits.expansion * size)
    if first.startswith(_GZIP):
        return _bounded(_gunzip(chunks), most)
    if first.startswith(_ZSTD):
        return _bounded(_unzstd(chunks), most)
    return chunks


def _bounded(chunks, most):
    total = 0
    for chunk in chunks:
        total += len(chunk)
        if total > most:
            raise Rejection(f"the file unpacks to more than the allowed {most:,} bytes; drop it in parts")
        yield chunk


def _damaged(name, why):
    return Rejection(f"the {name} data is damaged ({why}); pack and drop the file again")


def _gunzip(chunks):
    """All members of a gzip file, one after the other; zeros behind the last one are padding."""
    unpacker = zlib.decompressobj(31)
    members = 0
    for chunk in chunks:
        while chunk:
            if unpacker is None:
                if not chunk.strip(b"\0"):
                    break
                if members and not chunk.startswith(_GZIP[: len(chunk)]):
                    # What stands behind the last member is no gzip data and is passed over, as gunzip does.
                    return
                unpacker = zlib.decompressobj(31)
            try:
                yield from _pieces(unpacker, chunk)
            except zlib.error as error:
                raise _damaged("gzip", error) from None
            if not unpacker.eof:
                break
            chunk, unpacker, members = unpacker.unused_data, None, members + 1
    if unpacker is not None:
        raise _damaged("gzip", "unexpected end of file")


def _pieces(unpacker, chunk):
    """Bounded pieces: a chunk of a bomb would else be a thousand times as large in memory."""
    while chunk:
        piece = unpacker.decompress(chunk, CHUNK)
        if piece:
            yield piece
        chunk = unpacker.unconsumed_tail


def _unzstd(chunks):
    import zstandard

    source = _Readable(chunks)
    reader = zstandard.ZstdDecompressor().stream_reader(source, read_across_frames=True)
    try:
        while True:
            piece = reader.read(CHUNK)
            if not piece:
                return
            yield piece
    except zstandard.ZstdError as error:
        raise _damaged("zstd", error) from None


class _Readable:
    """`read(size)` over chunks."""

    def __init__(self, chunks):
        self._chunks = iter(chunks)
        self._rest = b""

    def read(self, size=-1):
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return b""
            self._rest = chunk
        size = len(self._rest) if size < 0 else size
        piece, self._rest = self._rest[:size], self._rest[size:]
        return piece
