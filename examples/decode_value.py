#!/usr/bin/env python3
"""Reads an encoded value of docs/format.md ("Values and cache entries") without the package that wrote it.

    python3 decode_value.py FILE     prints the value as the JSON of its structure, without sections and references
    decode(bytes) -> that structure

What JSON has no word for stays a tagged node, {"$": [tag, ...]}, of the tags n u b d x m s h o y; columns, rows and
tuples become lists. Needs decode_frame.py beside it. Raises ValueError for what the format forbids.
"""
import base64
import json
import math
import sys

import decode_frame
from decode_frame import Reader, crc32c, require

DTYPES = {"float64", "float32"} | {"%sint%d" % (sign, bits) for sign in ("", "u") for bits in (8, 16, 32, 64)}
BINARIES = DTYPES | {"Buffer", "ArrayBuffer", "DataView", "Uint8ClampedArray"}
sys.setrecursionlimit(10_000)


def tagged(tag, *parts):
    return {"$": [tag, *parts]}


def number(value):
    """A float64 as a node."""
    value = float(value)
    if math.isnan(value):
        return tagged("n", "NaN")
    if math.isinf(value):
        return tagged("n", "Infinity" if value > 0 else "-Infinity")
    return tagged("n", "-0") if value == 0 and math.copysign(1, value) < 0 else value


class Tree:
    """The structure of a value, read with its sections."""

    def __init__(self, nodes, sections, version):
        require(isinstance(nodes, list) and nodes, "no value")
        self.nodes, self.sections, self.version = nodes, sections, version
        self.columns, self.reading = {}, set()

    def column(self, section, name):
        require(isinstance(section, int) and 0 <= section < len(self.sections), "section %r" % (section,))
        if section not in self.columns:
            self.columns[section] = decode_frame.decode(self.sections[section])
        require(name in self.columns[section], "column %r" % (name,))
        return self.columns[section][name]

    def read(self, node):
        if isinstance(node, list):
            return [self.read(child) for child in node]
        if not isinstance(node, dict):
            return node
        if "$" not in node:
            return {key: self.read(child) for key, child in node.items()}
        require(len(node) == 1 and isinstance(node["$"], list) and node["$"], "a tag without parts")
        tag, *parts = node["$"]
        if tag in ("n", "u", "b", "d", "x", "y"):
            return node
        if tag in ("m", "s"):
            return tagged(tag, *[self.read(part) for part in parts])
        if tag in ("h", "o"):
            # Indices and names at even places behind the first part.
            return tagged(tag, parts[0], *[self.read(part) if i % 2 else part for i, part in enumerate(parts[1:])])
        if tag == "r":
            return self.shared(*parts)
        if tag == "c":
            section, name, kind = parts
            require(kind in BINARIES, "binary kind %r" % (kind,))
            return tagged("y", kind, base64.b64encode(self.column(section, name).tobytes()).decode())
        if tag == "p":
            return self.packed(parts)
        if tag == "t":
            rows, fields = parts[0], [(parts[i], self.packed(parts[i + 1])) for i in range(1, len(parts), 2)]
            require(fields and all(len(values) == rows for _, values in fields), "rows")
            row = lambda i: [part for name, values in fields for part in (name, values[i])]
            return [tagged("o", 0, *row(i)) for i in range(rows)]
        require(tag == "a" and self.version >= 2, "tag %r" % (tag,))
        require(all(packed[0] in ("number", "nullable") for packed in parts[1:]), "tuples of numbers")
        columns = [self.packed(packed) for packed in parts[1:]]
        require(columns and all(len(values) == parts[0] for values in columns), "tuples")
        return [list(values) for values in zip(*columns)]

    def shared(self, index):
        require(0 < index < len(self.nodes) and index not in self.reading, "shared value %r" % (index,))
        self.reading.add(index)
        value = self.read(self.nodes[index])
        self.reading.remove(index)
        return value

    def packed(self, packed):
        kind = packed[0]
        if kind == "other":
            return self.read(packed[1])
        values, *more = [self.column(packed[2], name) for name in packed[3]]
        require(all(len(column) == packed[1] for column in [values, *more]), "length of a column")
        if kind == "number":
            return [number(value) for value in values]
        if kind == "nullable":
            absent = {1: None, 2: tagged("u")}
            return [absent[int(code)] if code else number(value) for value, code in zip(values, more[0])]
        if kind == "date":
            return [tagged("d", None if math.isnan(value) else int(value)) for value in values]
        if kind == "boolean":
            return [bool(value) for value in values]
        if kind == "bigint":
            return [tagged("b", str(int(value))) for value in values]
        require(kind == "text", "packed kind %r" % (kind,))
        return [packed[4][int(code)] for code in values]


def decode(data):
    require(data[:4] == b"\xd1ATV", "no encoded value")
    require(data[4] in (1, 2), "version %d" % data[4])
    require(crc32c(data[:-4]) == Reader(data, len(data) - 4).u32(), "checksum")
    reader = Reader(data[:-4], 6)
    count = reader.varint()
    require(count <= 1 << 20, "number of sections")
    lengths = [reader.varint() for _ in range(count + 1)]
    structure, *sections = [reader.take(length) for length in lengths]
    require(reader.at == len(data) - 4, "bytes behind the sections")
    text = structure if structure[:1] == b"[" else decode_frame.decode(structure)[""].tobytes()
    nodes = json.loads(text.decode("utf-8"))
    return Tree(nodes, sections, data[4]).read(nodes[0])


def main():
    with open(sys.argv[1], "rb") as file:
        print(json.dumps(decode(file.read())))


if __name__ == "__main__":
    main()
