"""The buffers that records and rows cross to the core in (src/library/penstock.h)."""

import struct

_RECORD = struct.Struct("<qqiii")
_PAIR = struct.Struct("<ii")
_LENGTH = struct.Struct("<i")


def _size(value):
    return -1 if value is None else len(value)


def pack_records(records):
    """PSR1 of (offset, milliseconds, key, value, [(name, value)]) in the order of their offsets; bytes or None."""
    parts = [b""]
    count = 0
    for offset, millis, key, value, headers in records:
        count += 1
        headers = headers or ()
        parts.append(_RECORD.pack(offset, millis, _size(key), _size(value), len(headers)))
        if key:
            parts.append(key)
        if value:
            parts.append(value)
        for name, content in headers:
            name = name.encode()
            parts += (_PAIR.pack(len(name), _size(content)), name, content or b"")
    parts[0] = b"PSR1" + struct.pack("<I", count)
    return b"".join(parts)


def pack_rows(rows, columns):
    """PSW1 of rows of texts as PostgreSQL prints them, None for NULL; `columns`: how many a row has."""
    parts = [b""]
    count = 0
    for row in rows:
        count += 1
        for value in row:
            if value is None:
                parts.append(_LENGTH.pack(-1))
                continue
            value = value.encode()
            parts += (_LENGTH.pack(len(value)), value)
    parts[0] = b"PSW1" + struct.pack("<II", count, columns)
    return b"".join(parts)
