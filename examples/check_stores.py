#!/usr/bin/env python3
"""Runs decode_value.py, decode_candles.py and decode_dataset.py over the vectors of values, candle stores and datasets.

    python3 check_stores.py [DIRECTORY]     prints how many were read and refused, or the first difference (status 1)

`values/<name>.json` has the `structure` that decode_value.py reads of `<name>.value`; `candles/<name>.json` the
`series` below `candles/<name>` and its `candles`; `datasets/<name>.json` the `versions` of the dataset `<name>` (`""`
is the current one), and of each its symbols and columns (name, dtype, elements as hex). `refuse` instead names the kind
of error.
"""
import json
import os
import struct
import sys

from decode_candles import read_series
from decode_dataset import read_dataset
from decode_value import decode

HERE = os.path.dirname(os.path.abspath(__file__))


def bits(value):
    """Numbers of a candle by their bits, as hex of a little-endian float64."""
    return {"f64": struct.pack("<d", value).hex()} if isinstance(value, (int, float)) and value is not True else value


def read_value(path, _):
    with open(path + ".value", "rb") as file:
        return {"structure": decode(file.read())}


def read_candles(path, expected):
    series = expected.get("series", "binance/BTCUSDT/1m")
    candles = read_series(os.path.join(path, *series.split("/")))
    ordered = [candles[time] for time in sorted(candles)]
    return {"series": series, "candles": [[[name, bits(v)] for name, v in candle.items()] for candle in ordered]}


def read_versions(path, expected):
    def columns_of(columns):
        return [{"name": n, "dtype": v.dtype.name, "elements": v.tobytes().hex()} for n, v in columns.items()]

    names = expected.get("versions", {"": None})
    read = {name: read_dataset(path, name or None) for name in names}
    return {"versions": {name: {s: columns_of(c) for s, c in found.items()} for name, found in read.items()}}


KINDS = {"values": read_value, "candles": read_candles, "datasets": read_versions}


def check(kind, path):
    with open(path + ".json", encoding="utf-8") as file:
        expected = json.load(file)
    about = expected.pop("about")
    if "refuse" in expected:
        try:
            KINDS[kind](path, expected)
        except (ValueError, OSError):
            return False
        raise AssertionError("%s was read, though %s" % (path, about))
    found = json.loads(json.dumps(KINDS[kind](path, expected)))
    require_same(path, found, expected)
    return True


def require_same(path, found, expected):
    if found != expected:
        raise AssertionError("%s holds something else" % path)


def main():
    directory = sys.argv[1] if len(sys.argv) > 1 else os.path.join(HERE, "..", "vectors")
    for kind in KINDS:
        folder = os.path.join(directory, kind)
        names = sorted(name[:-5] for name in os.listdir(folder) if name.endswith(".json"))
        read = [check(kind, os.path.join(folder, name)) for name in names]
        print("%s: %d read, %d refused" % (kind, read.count(True), read.count(False)))


if __name__ == "__main__":
    main()
