#!/usr/bin/env python3
"""Runs decode_frame.py over the frames in vectors: each is read to the bits beside it, or refused.

    python3 check_vectors.py [DIRECTORY]     prints how many were read and refused, or the first difference (status 1)

A reader in another language wants the same loop: `<name>.json` has `columns` (name, dtype, elements as hex of their
little-endian bytes) and the `shape` of an array, or `refuse`, the kind of error.
"""
import json
import os
import sys

from decode_frame import decode

HERE = os.path.dirname(os.path.abspath(__file__))


def check(directory, name):
    """True for a vector that was read, False for one that was refused; raises what is wrong."""
    with open(os.path.join(directory, name + ".json"), encoding="utf-8") as file:
        expected = json.load(file)
    with open(os.path.join(directory, name + ".atc"), "rb") as file:
        data = file.read()
    if "refuse" in expected:
        try:
            decode(data)
        except ValueError:
            return False
        raise AssertionError("%s was read, though %s" % (name, expected["about"]))
    columns = decode(data)
    if list(columns) != [column["name"] for column in expected["columns"]]:
        raise AssertionError("%s has the columns %s" % (name, list(columns)))
    for column in expected["columns"]:
        values = columns[column["name"]]
        if values.tobytes().hex() != column["elements"] or values.dtype.name != column["dtype"]:
            raise AssertionError("%s: other elements in column %r" % (name, column["name"]))
        if "shape" in expected and list(values.shape) != expected["shape"]:
            raise AssertionError("%s has the shape %s" % (name, values.shape))
    return True


def main():
    directory = sys.argv[1] if len(sys.argv) > 1 else os.path.join(HERE, "..", "vectors")
    names = sorted(name[:-4] for name in os.listdir(directory) if name.endswith(".atc"))
    read = [check(directory, name) for name in names]
    print("%d vectors read, %d refused" % (read.count(True), read.count(False)))


if __name__ == "__main__":
    main()
