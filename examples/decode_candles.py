#!/usr/bin/env python3
"""Reads one series of a candle store (docs/candle-store.md) without the package that wrote it.

    python3 decode_candles.py DIRECTORY [FROM_MS [TO_MS]]    prints one candle a line, as JSON, in the order of time
    read_series(directory) -> {timestamp: candle}            candle: a dict in the order in which it was given

Needs what decode_frame.py needs. Raises ValueError for damage; a reader that would rather continue skips the file or
the record.
"""
import json
import os
import re
import struct
import sys

import numpy as np

from decode_frame import Reader, crc32c, decode, require

USUAL = ["timestamp", "open", "high", "low", "close", "volume"]
ROWS, DOCUMENTS, SEAL = 1, 2, 3
PACKED, MAPPED, TEXTS = 1, 2, 3


def rows_of(names, columns):
    """Candles of columns; the doubles of Python are float64 as well."""
    for values in zip(*(columns[name].tolist() for name in names)):
        candle = dict(zip(names, values))
        yield candle["timestamp"], candle


def documents_of(data):
    at = 0
    while at < len(data):
        timestamp, length = struct.unpack_from("<dI", data, at)
        at += 12
        require(at + length <= len(data), "documents are cut short")
        yield timestamp, json.loads(data[at : at + length])
        at += length


def names_of(data):
    return json.loads(data) if data else USUAL


def read_journal(data, series, first, last):
    at = 0
    binding = struct.pack("<I", crc32c(("%s/%d" % (series, first)).encode()))
    while at + 16 <= len(data):
        magic, kind, version, name_bytes, length, checksum = struct.unpack_from("<4sBBHII", data, at)
        require(magic == b"\x8bATJ", "no record at byte %d" % at)
        payload = data[at + 16 : at + 16 + length]
        if len(payload) < length:
            return
        require(crc32c(data[at + 4 : at + 12] + payload) == checksum, "checksum of the record at byte %d" % at)
        require(version in (1, 2) and kind in (ROWS, DOCUMENTS, SEAL), "written by a later version")
        if version == 2:
            require(payload[:4] == binding, "the record at byte %d is of another journal" % at)
            payload = payload[4:]
        if kind == SEAL:
            return
        if kind == DOCUMENTS:
            yield from documents_of(payload)
        else:
            names = names_of(payload[:name_bytes])
            table = np.frombuffer(payload[name_bytes:], "<f8").reshape(-1, len(names))
            yield from rows_of(names, {name: table[:, i] for i, name in enumerate(names)})
        at += 16 + length


def read_segment(data, series, first, last):
    require(data[:4] == b"\x8bATS" and data[-4:] == b"STA\x8c", "no segment")
    index_bytes, checksum = struct.unpack_from("<II", data, len(data) - 12)
    index = data[len(data) - 12 - index_bytes : len(data) - 12]
    require(crc32c(data[:8] + index + data[-12:-8]) == checksum, "checksum of the index")
    require(data[4] in (1, 2), "written by a later version")
    reader = Reader(index)
    for _ in range(reader.varint()):
        kind = reader.u8()
        reader.take(16)
        rows, offset, length = reader.varint(), reader.varint(), reader.varint()
        part = data[offset : offset + length]
        if kind == PACKED:
            reader.take(8 * reader.varint())
            columns = decode(part)
            require(all(len(values) == rows for values in columns.values()), "rows of a part")
            yield from rows_of(list(columns), columns)
        elif kind == MAPPED:
            names = names_of(reader.take(reader.varint()))
            block_rows, at = reader.varint(), 0
            for row in range(0, rows, block_rows):
                count = min(block_rows, rows - row)
                reader.take(16)
                block = part[at : at + count * len(names) * 8]
                require(crc32c(block) == struct.unpack("<I", reader.take(4))[0], "checksum of a block")
                table = np.frombuffer(block, "<f8").reshape(len(names), count)
                yield from rows_of(names, {name: table[i] for i, name in enumerate(names)})
                at += len(block)
        else:
            require(kind == TEXTS, "written by a later version")
            yield from documents_of(decode(part)[""].tobytes())
    if data[4] == 2:
        origin = reader.take(reader.varint()).decode(), reader.varint(), reader.varint()
        require(origin == (series, first, last), "a segment of %s, journals %d to %d" % origin)


def read_series(directory):
    files = []
    series = "/".join(os.path.abspath(directory).split(os.sep)[-3:])
    for name in os.listdir(directory):
        segment = re.fullmatch(r"candles-(\d{8,15})-(\d{8,15})\.atcs", name)
        journal = re.fullmatch(r"journal-(\d{8,15})\.atcj", name)
        if segment:
            files.append((int(segment[1]), int(segment[2]), read_segment, name))
        elif journal:
            files.append((int(journal[1]), int(journal[1]), read_journal, name))
    segments = [file for file in files if file[2] is read_segment]
    candles = {}
    for file in sorted(files, key=lambda file: file[:2]):
        first, last, read, name = file
        if any(by is not file and by[0] <= first and last <= by[1] for by in segments):
            continue
        with open(os.path.join(directory, name), "rb") as stream:
            for timestamp, candle in read(stream.read(), series, first, last):
                candles.setdefault(timestamp, candle)
    return candles


def main():
    start, end = (float(sys.argv[i]) if len(sys.argv) > i else bound for i, bound in ((2, -np.inf), (3, np.inf)))
    for timestamp, candle in sorted(read_series(sys.argv[1]).items(), key=lambda item: item[0]):
        if start <= timestamp < end:
            print(json.dumps(candle))


if __name__ == "__main__":
    main()
