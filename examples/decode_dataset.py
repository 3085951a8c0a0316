#!/usr/bin/env python3
"""Reads a dataset of docs/format.md ("Datasets"), mapped or packed, without the package that wrote it.

    python3 decode_dataset.py DIRECTORY [SNAPSHOT]    prints symbol, column, dtype, rows and SHA-256 of every column
    read_dataset(directory, as_of=None) -> {symbol: {column: numpy array}}

`as_of` is the name of a snapshot or a generation.

Every checksum is checked. Needs decode_frame.py beside it. Raises ValueError for damage and for a later version.
"""
import hashlib
import json
import os
import re
import struct
import sys

import numpy as np

import decode_frame
from decode_frame import crc32c, require

CATALOGUE = ("atc-memory dataset", 3)
PAGE = ("atc-memory catalogue page", 1)
NAMES = ("atc-memory catalogue names", 1)
SNAPSHOT = ("atc-memory snapshot", 2)
PLAIN = re.compile(r"[a-z][a-z0-9_]{0,60}")
RESERVED = re.compile(r"con|prn|aux|nul|com[0-9]|lpt[0-9]")
SNAPSHOT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def read_checked(path, wanted):
    """One line of JSON with a checksum over the text of what follows it."""
    with open(path, encoding="utf-8") as file:
        text = file.read().rstrip("\n")
    content = json.loads(text)
    require(content.get("format") == wanted[0], "%s is another format" % path)
    require(content["version"] in range(1, wanted[1] + 1), "%s was written by a later version" % path)
    behind = re.sub(r'^\{"format":"[^"]*","version":\d+,"crc32c":\d+,', "{", text, count=1)
    require(crc32c(behind.encode()) == content["crc32c"], "checksum of %s" % path)
    return content


def read_catalogue(directory, as_of=None):
    current = read_checked(os.path.join(directory, "catalogue.json"), CATALOGUE)
    if as_of is None or str(as_of) == str(current["generation"]):
        return current
    require(SNAPSHOT_NAME.fullmatch(str(as_of)), "no name of a snapshot")
    path = os.path.join(directory, "snapshots", "%s.json" % as_of)
    require(os.path.exists(path), "there is no snapshot %s" % as_of)
    snapshot = read_checked(path, SNAPSHOT)
    named = snapshot.get("name", str(snapshot["catalogue"]["generation"]))
    require(named == str(as_of), "%s holds the snapshot %s" % (path, named))
    return snapshot["catalogue"]


def full_path(directory, relative):
    """A catalogue may come from anywhere: its paths must stay inside, and meet no link."""
    parts = relative.split("/")
    require(not re.search(r"\\|\0|^[A-Za-z]:", relative) and not set(parts) & {"", ".", ".."}, "path %r" % relative)
    for count in range(len(parts)):
        require(not os.path.islink(os.path.join(directory, *parts[: count + 1])), "%r is a link" % relative)
    return os.path.join(directory, *parts)


def read_named(directory, record, wanted):
    """A page of the catalogue, or its names: the checksum is also that which the catalogue has."""
    content = read_checked(full_path(directory, record["path"]), wanted)
    require(content["crc32c"] == record["check"], "%s is another file" % record["path"])
    return content


def read_symbols(directory, catalogue):
    """Entries of all symbols: in the catalogue while they are few, else in pages that it names."""
    if "pages" not in catalogue:
        return catalogue["symbols"]
    names = read_named(directory, catalogue["names"], NAMES)["pages"]
    require(len(names) == len(catalogue["pages"]), "pages of the catalogue")
    entries = []
    for record, expected in zip(catalogue["pages"], names):
        page = read_named(directory, record, PAGE)["symbols"]
        require([entry["symbol"] for entry in page] == expected, "names of %s" % record["path"])
        require(len(page) == record["symbols"], "symbols of %s" % record["path"])
        require(sum(entry["rows"] for entry in page) == record["rows"], "rows of %s" % record["path"])
        entries += page
    return entries


def column_file(segment, index, name):
    written = os.path.join(segment, "column-%d.npy" % index)
    plain = os.path.join(segment, name + ".npy")
    if not PLAIN.fullmatch(name):
        return written
    # Release 1.0 wrote reserved names as they are.
    return plain if not RESERVED.fullmatch(name) or not os.path.exists(written) else written


def check_blocks(path, check, columns):
    """blocks.crc holds a checksum for every block of every column."""
    with open(path, "rb") as file:
        data = file.read()
    magic, version, block_rows, count, blocks = struct.unpack_from("<4s4I", data)
    require(magic == b"ATCB" and version == 1 and len(data) == 24 + 4 * count * blocks, "%s is damaged" % path)
    end = struct.unpack_from("<I", data, len(data) - 4)[0]
    require(crc32c(data[:-4]) == end == check, "checksum of %s" % path)
    require(count == len(columns), "columns of %s" % path)
    checksums = struct.unpack_from("<%dI" % (count * blocks), data, 20)
    for k, values in enumerate(columns):
        for block in range(blocks):
            part = values[block * block_rows : (block + 1) * block_rows]
            require(crc32c(part.tobytes()) == checksums[k * blocks + block], "block %d of column %d" % (block, k))


def read_segment(directory, schema, segment):
    path = full_path(directory, segment["path"])
    start, rows = segment.get("start", 0), segment["rows"]
    if path.endswith(".atc") or "byteLength" in segment:
        with open(path, "rb") as file:
            data = file.read()
        if "byteLength" in segment:
            first, length = segment["offset"], segment["byteLength"]
            require(first + length <= len(data), "%s is cut short" % path)
            data = data[first : first + length]
        if "check" in segment:
            require(struct.unpack_from("<I", data, len(data) - 8)[0] == segment["check"], "%s is another file" % path)
        frame = decode_frame.decode(data)
        require(list(frame) == [column["name"] for column in schema], "columns of %s" % path)
        columns = list(frame.values())
    else:
        files = [column_file(path, k, column["name"]) for k, column in enumerate(schema)]
        columns = [np.load(file, allow_pickle=False) for file in files]
        if "check" in segment:
            check_blocks(os.path.join(path, "blocks.crc"), segment["check"], columns)
    parts = []
    for column, values, checksum in zip(schema, columns, segment["crc32c"]):
        part = values[start : start + rows]
        require(part.dtype == column["dtype"] and len(part) == rows, "column %s of %s" % (column["name"], path))
        require(crc32c(part.tobytes()) == checksum, "checksum of column %s of %s" % (column["name"], path))
        parts.append(part)
    return parts


def read_dataset(directory, as_of=None):
    symbols = {}
    for entry in read_symbols(directory, read_catalogue(directory, as_of)):
        schema = entry["columns"]
        parts = [read_segment(directory, schema, segment) for segment in entry["segments"]]
        columns = {}
        for k, column in enumerate(schema):
            # As bytes: NaN payloads must not go through arithmetic.
            joined = b"".join(part[k].tobytes() for part in parts)
            columns[column["name"]] = np.frombuffer(joined, column["dtype"])
            require(len(columns[column["name"]]) == entry["rows"], "rows of %s" % entry["symbol"])
        times = columns["timestamp"]
        require(bool(np.all(times[1:] > times[:-1])), "times of %s do not ascend" % entry["symbol"])
        symbols[entry["symbol"]] = columns
    return symbols


def main():
    as_of = sys.argv[2] if len(sys.argv) > 2 else None
    for symbol, columns in read_dataset(sys.argv[1], as_of).items():
        for name, values in columns.items():
            digest = hashlib.sha256(values.tobytes()).hexdigest()
            print("%s\t%s\t%s\t%d\t%s" % (symbol, name, values.dtype, len(values), digest))


if __name__ == "__main__":
    main()
