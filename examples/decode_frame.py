#!/usr/bin/env python3
"""Reads a frame of docs/format.md without the package that wrote it: a second implementation, short rather than fast.

    python3 decode_frame.py FILE [COLUMN ...]     prints, per column, dtype, rows, SHA-256 of its bytes, both ends
    decode(bytes) -> {name: numpy array}          an array frame has the one name ""

Needs Python 3.9 and numpy. Every checksum that guards what is read is checked. Raises ValueError for anything the
format forbids.
"""
import hashlib
import sys
import zlib

import numpy as np

DTYPES = {1: "<f8", 2: "<f4", 3: "<i1", 4: "<u1", 5: "<i2", 6: "<u2", 7: "<i4", 8: "<u4", 9: "<i8", 10: "<u8"}
STORED, SHUFFLE_LZ4, SHUFFLE_DEFLATE, NUMERIC, GROWTH, REPEATS = 0, 1, 2, 16, 17, 18
MASK64 = (1 << 64) - 1
# Literals, so that the negative powers are the nearest doubles.
TEN_TO = [float("1e%d" % e) for e in range(19)]
TEN_TO_MINUS = [float("1e-%d" % e) for e in range(19)]


def require(condition, what):
    if not condition:
        raise ValueError(what)


class Reader:
    """A cursor over bytes."""

    def __init__(self, data, at=0):
        self.data, self.at = data, at

    def take(self, count):
        require(0 <= count <= len(self.data) - self.at, "cut short at byte %d" % self.at)
        self.at += count
        return self.data[self.at - count : self.at]

    def u8(self):
        return self.take(1)[0]

    def u32(self):
        return int.from_bytes(self.take(4), "little")

    def varint(self, longest=8):
        value = 0
        for k in range(longest):
            byte = self.u8()
            value |= (byte & 127) << (7 * k)
            if byte < 128:
                require(byte or not k, "padded varint")
                require(value <= MASK64, "varint of more than 64 bits")
                return value
        raise ValueError("varint too long")

    def svarint(self):
        z = self.varint(10)
        return (z >> 1) ^ -(z & 1)


class Bits:
    """Bit fields without gaps; bit 0 of a byte comes first."""

    def __init__(self, data, at):
        self.number, self.bit, self.limit = int.from_bytes(data, "little"), 0, 8 * len(data)
        self.at = at

    def take(self, width):
        require(self.bit + width <= self.limit, "bit fields cut short")
        value = (self.number >> self.bit) & ((1 << width) - 1)
        self.bit += width
        return value


class FieldReader:
    """Bit fields read one by one from a long run of bytes: only a window is a number."""

    def __init__(self, data, at):
        self.data, self.bit = data, 8 * at

    def take(self, width):
        byte, shift = self.bit >> 3, self.bit & 7
        self.bit += width
        require((self.bit + 7) >> 3 <= len(self.data), "bit fields cut short")
        window = int.from_bytes(self.data[byte : byte + 10], "little")
        return (window >> shift) & ((1 << width) - 1)

    def end(self):
        return (self.bit + 7) >> 3


CRC_TABLE = []


def crc32c(data):
    if not CRC_TABLE:
        for byte in range(256):
            for _ in range(8):
                byte = (byte >> 1) ^ (0x82F63B78 if byte & 1 else 0)
            CRC_TABLE.append(byte)
    crc = 0xFFFFFFFF
    for byte in data:
        crc = CRC_TABLE[(crc ^ byte) & 255] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


# Byte codecs


def unlz4(data, size):
    try:
        return lz4_block(data, size)
    except IndexError as error:
        raise ValueError("LZ4 block cut short") from error


def lz4_block(data, size):
    out, at = bytearray(), 0
    while at < len(data):
        token = data[at]
        at += 1
        length = token >> 4
        if length == 15:
            while True:
                more = data[at]
                at += 1
                length += more
                if more != 255:
                    break
        require(length <= len(data) - at, "LZ4 literals outside the block")
        out += data[at : at + length]
        at += length
        if at >= len(data):
            break
        offset = data[at] | data[at + 1] << 8
        at += 2
        length = (token & 15) + 4
        if token & 15 == 15:
            while True:
                more = data[at]
                at += 1
                length += more
                if more != 255:
                    break
        require(0 < offset <= len(out) and len(out) + length <= size, "LZ4 match outside the block")
        for _ in range(length):
            out.append(out[-offset])
    require(len(out) == size, "LZ4 block of another size")
    return bytes(out)


def inflate(data):
    stream = zlib.decompressobj(-15)
    try:
        out = stream.decompress(data) + stream.flush()
    except zlib.error as error:
        raise ValueError(str(error)) from error
    require(stream.eof and not stream.unused_data, "deflate stream of another length")
    return out


def unshuffle(planes, rows, dtype):
    size = np.dtype(dtype).itemsize
    require(len(planes) == rows * size, "planes of another size")
    return np.frombuffer(np.frombuffer(planes, np.uint8).reshape(size, rows).T.tobytes(), dtype)


# Streams of unsigned numbers


def unpack_plane(data, at, count, width):
    """Values of a plane in 4-lane layout, and the offset after it."""
    rows = (count + 3) // 4
    words = (rows * width + 31) // 32
    end = at + 16 * words
    require(end <= len(data), "packed plane cut short")
    if width == 0:
        return np.zeros(count, np.uint64), end
    lanes = np.frombuffer(data, "<u4", 4 * words, at).reshape(words, 4).astype(np.uint64)
    lanes = np.vstack([lanes, np.zeros((1, 4), np.uint64)])
    bit = np.arange(rows) * width
    low = lanes[bit // 32] >> (bit % 32).astype(np.uint64)[:, None]
    high = lanes[bit // 32 + 1] << (32 - bit % 32).astype(np.uint64)[:, None]
    values = (low | high) & np.uint64((1 << width) - 1)
    return values.reshape(-1)[:count], end


def unpack(reader, count, wide):
    values = np.zeros(count, np.uint64)
    for start in range(0, count, 1024):
        n = min(1024, count - start)
        width, exceptions = reader.u8(), reader.varint()
        high_width = reader.u8() if exceptions else 0
        require(width + high_width <= (64 if wide else 32) and exceptions <= min(n, 1023), "packed vector")
        vector, reader.at = unpack_plane(reader.data, reader.at, n, min(width, 32))
        if width > 32:
            high, reader.at = unpack_plane(reader.data, reader.at, n, width - 32)
            vector = vector | high << np.uint64(32)
        patches = Bits(reader.take((exceptions * (10 + high_width) + 7) // 8), 0)
        positions = [patches.take(10) for _ in range(exceptions)]
        for position in positions:
            require(position < n, "exception outside its vector")
            vector[position] |= np.uint64(patches.take(high_width) << width & MASK64)
        values[start : start + n] = vector
    return values


def count_of_index(index):
    return index + 1 if index < 7 else (4 + (index - 7) % 4) << ((index - 7) // 4 + 1)


def read_classes(reader, wide):
    table = reader.u8()
    log, mantissa = table & 15, table >> 4
    used = reader.varint()
    limit = ((64 if wide else 32) - mantissa + 1) << mantissa
    require(1 <= mantissa <= 7 and 1 <= used <= min(limit, 1 << log), "class table")
    require(log == 0 if used == 1 else 5 <= log <= 12, "table size")
    remainder, rice = 0, 0
    if used > 1:
        remainder, rice = int.from_bytes(reader.take(2), "little"), reader.u8()
        require(remainder < used and rice <= 5, "class table")
    fields, symbol, symbols = FieldReader(reader.data, reader.at), -1, []
    for _ in range(used):
        zeros = 0
        while not fields.take(1):
            zeros += 1
            require(zeros <= 12, "class gap")
        symbol += 1 << zeros | fields.take(zeros)
        require(symbol < limit, "class")
        symbols.append(symbol)
    counts, index = [1] * used, 0
    for rank in range(used):
        if used == 1 or rank == remainder:
            continue
        ones = 0
        while fields.take(1):
            ones += 1
            require(ones < 128, "count step")
        step = ones << rice | fields.take(rice)
        index += -((step + 1) >> 1) if step & 1 else step >> 1
        require(0 <= index <= 47, "count index")
        counts[rank] = count_of_index(index)
    if used > 1:
        counts[remainder] = (1 << log) - sum(counts) + 1
        require(counts[remainder] >= 1, "class counts")
    reader.at = fields.end()
    return log, mantissa, symbols, counts


def build_states(log, mantissa, symbols, counts):
    """Per state: base and number of state bits, leading part and number of raw bits of the value."""
    size = 1 << log
    rank_of, position = [0] * size, 0
    for rank, count in enumerate(counts):
        for _ in range(count):
            rank_of[position] = rank
            position = (position + (size >> 1) + (size >> 3) + 3) & (size - 1)
    numbers, states = list(counts), []
    for rank in rank_of:
        number = numbers[rank]
        numbers[rank] += 1
        bits = log - (number.bit_length() - 1)
        symbol = symbols[rank]
        if symbol < 2 << mantissa:
            raw, lead = 0, symbol
        else:
            raw, lead = (symbol >> mantissa) - 1, 1 << mantissa | symbol & ((1 << mantissa) - 1)
        states.append(((number << bits) - size, bits, lead, raw))
    return states


def untans(reader, count, wide):
    log, mantissa, symbols, counts = read_classes(reader, wide)
    states = build_states(log, mantissa, symbols, counts)
    fields = FieldReader(reader.data, reader.at)
    lanes = [fields.take(log) for _ in range(4)]
    values = np.zeros(count, np.uint64)
    for i in range(count):
        base, bits, lead, raw = states[lanes[i & 3]]
        values[i] = lead << raw | fields.take(raw)
        lanes[i & 3] = base + fields.take(bits)
    require(not any(lanes), "tANS states do not end at 0")
    reader.at = fields.end()
    return values


def read_stream(reader, count, wide):
    if count == 0:
        return np.zeros(0, np.uint64)
    mode = reader.u8()
    if mode == 0:
        return np.zeros(count, np.uint64)
    require(mode in (1, 2), "stream mode %d" % mode)
    return unpack(reader, count, wide) if mode == 1 else untans(reader, count, wide)


# Integers


def signed(value, bits):
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


class Integers:
    """An integer chunk decoded as far as its integers."""

    def __init__(self, block, column, chunk, refs, rows, depth=0):
        reader = self.reader = Reader(chunk, 1)
        flags = reader.u8()
        self.form, self.wide = flags & 7, flags >> 3 & 1
        self.ulps, self.exceptions = flags >> 4 & 1, flags >> 5 & 1
        require(flags < 64, "form")
        self.exponent = reader.u8() if self.form in (1, 2, 3, 4, 7) else 0
        require(self.exponent <= 15, "exponent")
        self.divisor = reader.varint(10) if self.form == 6 else 1
        require(1 <= self.divisor <= 1 << 53, "divisor")
        self.alpha, self.seed = np.frombuffer(reader.take(16), "<f8").tolist() if self.form == 7 else (0, 0)
        self.base, self.tick = (reader.svarint(), reader.varint(10)) if self.form != 5 else (0, 1)
        require(self.tick > 0, "tick")
        self.width = 64 if self.wide else 32
        predictor = reader.u8()
        self.kind, self.zigzag, self.layout = predictor & 7, predictor >> 3 & 1, predictor >> 4
        self.first = reader.svarint() if self.kind in (1, 2, 7) else 0
        self.first_step = reader.svarint() if self.kind == 2 else 0
        self.offset = 0 if self.zigzag else reader.svarint()
        require(len(refs) == (0, 0, 0, 1, 1, 2, 2, 1)[self.kind], "number of refs")
        self.refs = [block.integers(ref, depth + 1).u for ref in refs]
        require(all(block.integers(ref).wide == self.wide for ref in refs), "refs of another width")
        self.u = self.decode(rows)

    def residual(self, z):
        z = int(z)
        return (z >> 1) ^ -(z & 1) if self.zigzag else z + self.offset

    def expected(self, u, i):
        kind, refs = self.kind, self.refs
        if kind == 0:
            return 0
        if kind == 1:
            return u[i - 1] if i else self.first
        if kind == 2:
            return 2 * u[i - 1] - u[i - 2] if i > 1 else u[0] + self.first_step if i else self.first
        if kind == 3:
            return refs[0][i]
        if kind == 4:
            return refs[0][max(i - 1, 0)]
        if kind == 5:
            return max(refs[0][i], refs[1][i])
        if kind == 6:
            return min(refs[0][i], refs[1][i])
        return refs[0][i] + u[i - 1] - refs[0][i - 1] if i else refs[0][0] + self.first

    def decode(self, rows):
        layout = (self.plain, self.tiers, self.groups, self.linear_prediction)
        require(self.layout < len(layout), "layout")
        return layout[self.layout](rows)

    def plain(self, rows):
        z, u, sign = read_stream(self.reader, rows, self.wide), [], -1 if self.kind == 6 else 1
        for i in range(rows):
            u.append(signed(self.expected(u, i) + sign * self.residual(z[i]), self.width))
        return u

    def tiers(self, rows):
        k = self.reader.u8()
        require(1 <= k <= 9, "grain")
        flags = read_stream(self.reader, rows, 0)
        fine_rows = int(np.count_nonzero(flags))
        coarse = iter(read_stream(self.reader, rows - fine_rows, self.wide))
        fine = iter(read_stream(self.reader, fine_rows, self.wide))
        u, sign, grain = [], -1 if self.kind == 6 else 1, 10**k
        for i in range(rows):
            expected = signed(self.expected(u, i), 64)
            if flags[i]:
                value = expected + sign * self.residual(next(fine))
            else:
                value = ((expected + grain // 2) // grain + sign * self.residual(next(coarse))) * grain
            u.append(signed(value, self.width))
        return u

    def groups(self, rows):
        require(self.kind == 0, "digit groups that are predicted")
        count = self.reader.varint()
        require(count <= 32, "digit groups")
        powers = list(self.reader.take(count))
        require(all(power <= 18 for power in powers), "power of ten")
        group = read_stream(self.reader, rows, 0)
        require(not rows or int(group.max()) < count, "digit group")
        sizes = [int(np.count_nonzero(group == g)) for g in range(count)]
        streams = [iter(read_stream(self.reader, size, self.wide)) for size in sizes]
        return [signed(int(next(streams[int(g)])) * 10 ** powers[int(g)], self.width) for g in group]

    def linear_prediction(self, rows):
        require(self.kind == 1 and self.wide, "linear prediction of narrow integers")
        order = self.reader.varint()
        require(order <= 32, "order")
        coefficients = [float(c) for c in np.frombuffer(self.reader.take(8 * order), "<f8")]
        z, u = read_stream(self.reader, rows, 1), []
        history, value = [0.0] * order, self.first
        for i in range(rows):
            total = 0.0
            for coefficient, difference in zip(coefficients, history):
                total += coefficient * difference
            rounded = np.floor(total + 0.5)
            guess = int(rounded) if abs(rounded) < 9.2e18 else 0
            difference = signed(guess + self.residual(z[i]), 64)
            value = signed(value + difference, 64)
            u.append(value)
            history = ([float(difference)] + history)[:order]
        return u

    # Elements

    def elements(self, dtype):
        kind = np.dtype(dtype).kind
        require(not self.ulps or dtype == "<f8", "ulp corrections of another dtype than float64")
        require(self.form != 5 or dtype != "<f8" or self.wide, "bits of a double in narrow integers")
        if kind != "f":
            require(self.form == 0 and not self.ulps and not self.exceptions, "form of an integer column")
            size = np.dtype(dtype).itemsize
            whole = [(self.base + self.tick * u) & ((1 << 8 * size) - 1) for u in self.u]
            out = np.array(whole, "<u%d" % size).view(dtype)
        elif self.form == 5:
            size = np.dtype(dtype).itemsize
            every, below_sign = (1 << 8 * size) - 1, (1 << (8 * size - 1)) - 1
            bits = [(u if u >= 0 else u ^ below_sign) & every for u in self.u]
            out = np.array(bits, "<u%d" % size).view(dtype)
        else:
            values = float(self.base) + float(self.tick) * np.array([float(u) for u in self.u])
            with np.errstate(over="ignore"):
                out = self.scaled(values).astype(dtype)
        out = out.copy()
        if self.ulps and self.form != 7:
            for i, ulps in enumerate(self.corrections(len(out))):
                out.view("<i8")[i] += ulps
        if self.exceptions:
            self.patch(out)
        require(self.reader.at == len(self.reader.data), "bytes left over in a chunk")
        return out

    def corrections(self, rows):
        return [(int(z) >> 1) ^ -(int(z) & 1) for z in read_stream(self.reader, rows, 0)]

    def smoothed(self, values):
        corrections = self.corrections(len(values)) if self.ulps else [0] * len(values)
        out = np.zeros(len(values))
        for i, value in enumerate(values / TEN_TO[self.exponent]):
            out[i] = out[i - 1] + (value - out[i - 1]) * self.alpha if i else self.seed
            out.view("<i8")[i] += corrections[i]
        return out

    def scaled(self, values):
        if self.form == 6:
            return values / float(self.divisor)
        if self.form == 7:
            return self.smoothed(values)
        if self.form == 1:
            return values / TEN_TO[self.exponent]
        if self.form == 2:
            return values * TEN_TO_MINUS[self.exponent]
        if self.form == 3:
            return np.array([split_decimal(v, self.exponent) for v in values])
        if self.form == 4:
            return (values / TEN_TO[self.exponent]).astype(np.float32).astype(np.float64)
        return values

    def patch(self, out):
        raw = out.view("u%d" % out.itemsize)
        at, bits = 0, None
        for _ in range(self.reader.varint()):
            at += self.reader.varint()
            packed = self.reader.varint()
            end = at + (packed >> 1)
            require(at < end <= len(out) and not (packed & 1 and bits is None), "exceptions outside the block")
            if not packed & 1:
                bits = int.from_bytes(self.reader.take(out.itemsize), "little")
            raw[at:end] = bits
            at = end


# Whole elements


def unzigzag(z):
    z = int(z)
    return (z >> 1) ^ -(z & 1)


def split_decimal(value, exponent):
    unit = TEN_TO[exponent]
    magnitude = abs(value)
    whole = float(np.floor(magnitude / unit))
    fraction, digits = magnitude - whole * unit, exponent
    while digits > 0 and fraction > 0 and np.floor(fraction / 10) * 10 == fraction:
        fraction /= 10
        digits -= 1
    result = whole + fraction * TEN_TO_MINUS[digits]
    return -result if value < 0 else result


def grow(data, rows):
    """A compounded result from the prices behind it."""
    reader = Reader(data)
    flags, exponent, tick, price = reader.u8(), reader.u8(), reader.varint(), reader.varint()
    form, gain = flags & 7, flags >> 3
    require(form <= 3 and gain <= 1 and exponent <= 15 and 1 <= tick <= 1 << 20 and price < 1 << 31, "growth rule")

    def price_of(p):
        v = float(tick * p)
        scaled = (v, v / TEN_TO[exponent], v * TEN_TO_MINUS[exponent])
        return np.float64(scaled[form] if form < 3 else split_decimal(v, exponent))

    kinds = [int(kind) for kind in read_stream(reader, rows, 0)]
    require(all(kind < 6 for kind in kinds) and kinds[:1] in ([], [3]), "kinds of row")
    steps = sum(kind not in (0, 3) for kind in kinds)
    changes = iter(read_stream(reader, steps, 0))
    jumps = iter(read_stream(reader, sum(kind > 3 for kind in kinds), 0))
    ulps = iter(read_stream(reader, steps, 0))
    out, side, value = np.zeros(rows), 1.0, price_of(price)
    raw = out.view("<i8")
    for i, kind in enumerate(kinds):
        if kind == 0:
            raw[i] = raw[i - 1]
        elif kind == 3:
            raw[i] = int.from_bytes(reader.take(8), "little", signed=True)
        else:
            side = -side if kind in (2, 5) else side
            if kind > 3:
                price += unzigzag(next(jumps))
                value = price_of(price)
            before = value
            price += unzigzag(next(changes))
            value = price_of(price)
            change = (value - before) / before if gain else value / before - 1
            out[i] = out[i - 1] * (1 + side * change)
            raw[i] += unzigzag(next(ulps))
    require(reader.at == len(data), "bytes left over")
    return out


def repeat(data, rows, dtype):
    """Words by their rank among the 64 used last, or by their distance from one of those."""
    reader, recent = Reader(data), [0] * 64
    counts = [reader.varint(), reader.varint()]
    require(sum(counts) <= rows, "symbols of a context")
    streams = [read_stream(reader, count, 0) for count in (rows - sum(counts), *counts)]
    news = sum(int(np.count_nonzero(stream == 0)) for stream in streams)
    ranks, distances = iter(read_stream(reader, news, 0)), iter(read_stream(reader, news, 1))
    symbols, context, words = [iter(stream) for stream in streams], 0, np.zeros(rows, "<u8")
    for i in range(rows):
        symbol = next(symbols[context], None)
        require(symbol is not None and symbol <= 64, "symbols of a context")
        context = min(int(symbol), 2)
        if symbol:
            word = recent.pop(int(symbol) - 1)
        else:
            rank = int(next(ranks))
            require(rank < 64, "a word beyond the list")
            word = (recent[rank] + unzigzag(next(distances))) & MASK64
            recent.pop()
        recent.insert(0, word)
        words[i] = word
    require(reader.at == len(data), "bytes left over")
    return words.view(dtype)


class Block:
    """The chunks of one block; columns are decoded once, refs when they are needed."""

    def __init__(self, chunks, rows):
        self.chunks, self.rows, self.decoded = chunks, rows, {}

    def integers(self, column, depth=0):
        require(depth <= 6, "a chain of refs that is too long")
        if column not in self.decoded:
            wire_id, refs, data = self.chunks[column]
            require(wire_id == NUMERIC and data[:1] == b"\x02", "a ref to a column without integers")
            self.decoded[column] = Integers(self, column, data, refs, self.rows, depth)
        return self.decoded[column]

    def column(self, column, dtype):
        wire_id, refs, data = self.chunks[column]
        size = np.dtype(dtype).itemsize
        require(not refs or (wire_id == NUMERIC and data[:1] == b"\x02"), "refs of a chunk that predicts nothing")
        if wire_id == STORED:
            require(len(data) == self.rows * size, "stored chunk of another size")
            return np.frombuffer(data, dtype)
        if wire_id == SHUFFLE_LZ4:
            return unshuffle(unlz4(data, self.rows * size), self.rows, dtype)
        if wire_id == SHUFFLE_DEFLATE:
            return unshuffle(inflate(data), self.rows, dtype)
        if wire_id == GROWTH:
            require(dtype == "<f8", "growth of another dtype")
            return grow(data, self.rows)
        if wire_id == REPEATS:
            require(size == 8, "repeats of another size")
            return repeat(data, self.rows, dtype)
        require(wire_id == NUMERIC, "codec %d is not known here" % wire_id)
        require(len(data) > 0 and self.rows <= 16384, "numeric chunk")
        kind = data[0]
        if kind == 0:
            require(len(data) == 1 + size, "constant chunk")
            return np.frombuffer(data[1:] * self.rows, dtype)
        if kind == 1:
            reader = Reader(data, 1)
            runs = reader.varint()
            elements = np.frombuffer(reader.take(runs * size), "V%d" % size)
            lengths = [reader.varint() for _ in range(runs)]
            require(all(lengths) and sum(lengths) == self.rows and reader.at == len(data), "runs")
            return np.repeat(elements, lengths).view(dtype)
        require(kind == 2, "chunk kind")
        return self.integers(column).elements(dtype)


def read_schema(data):
    require(data[:4] == b"\x89ATC", "not a frame")
    reader = Reader(data, 4)
    version, length = reader.u8(), reader.varint()
    end = reader.at + length
    checksum = int.from_bytes(data[end : end + 4], "little")
    require(crc32c(data[:end]) == checksum, "header checksum")
    require(version == 1, "format version %d is not known here" % version)
    kind = reader.u8()
    require(kind in (0, 1), "frame kind %d is not known here" % kind)
    columns = []
    if kind == 0:
        columns.append(("", dtype_of(reader.u8())))
    else:
        for _ in range(reader.varint()):
            dtype = dtype_of(reader.u8())
            columns.append((reader.take(reader.varint()).decode("utf-8"), dtype))
        names = [name for name, _ in columns]
        require(len(set(names)) == len(names) <= 4096 and "" not in names, "names of columns")
    require(reader.at == end, "bytes left over in the header")
    return kind == 0, columns, end + 4


def dtype_of(wire_id):
    require(wire_id in DTYPES, "dtype %d is not known here" % wire_id)
    return DTYPES[wire_id]


def require_no_circle(refs):
    """Columns whose refs are all done are done; a circle is what never gets there."""
    left = set(range(len(refs)))
    while left:
        done = {column for column in left if not left.intersection(refs[column])}
        require(done, "refs in a circle")
        left -= done


def decode(data, wanted=None):
    """Columns of a frame by name, all or the wanted ones."""
    data = bytes(data)
    require(len(data) > 22, "no frame")
    is_array, columns, header_end = read_schema(data)
    footer = Reader(data, len(data) - 16)
    index_length, _, checksum = footer.u32(), footer.u32(), footer.u32()
    require(data[-4:] == b"CTA\x8a", "end of frame")
    start = len(data) - 16 - index_length
    require(crc32c(data[start:-8]) == checksum, "index checksum")
    reader = Reader(data, start)
    require(reader.varint() == start, "index offset")
    rows, shape = reader.varint(), None
    if is_array:
        shape = [reader.varint() for _ in range(reader.varint())]
    time_dtype = dict(columns).get("timestamp") if not is_array else None
    if time_dtype:
        reader.varint()
    batches, offset = {name: [] for name, _ in columns}, header_end
    for _ in range(reader.varint()):
        block_rows = reader.varint()
        require(1 <= block_rows <= 1 << 20, "rows of a block")
        if time_dtype:
            reader.take(2 * np.dtype(time_dtype).itemsize)
        chunks = []
        for _ in columns:
            length, wire_id = reader.varint(), reader.varint()
            refs = [reader.varint() for _ in range(reader.varint())]
            require(length <= block_rows * np.dtype(columns[len(chunks)][1]).itemsize, "length of a chunk")
            require(all(ref < len(columns) for ref in refs), "column of a ref")
            chunk = data[offset : offset + length]
            require(crc32c(chunk) == reader.u32(), "chunk checksum at byte %d" % offset)
            chunks.append((wire_id, refs, chunk))
            offset += length
        require_no_circle([refs for _, refs, _ in chunks])
        block = Block(chunks, block_rows)
        for i, (name, dtype) in enumerate(columns):
            if wanted is None or name in wanted:
                batches[name].append(block.column(i, dtype))
    require(offset == start and reader.at == len(data) - 16, "index of another length")
    out = {}
    for name, dtype in columns:
        if wanted is None or name in wanted:
            # Concatenation as bytes: NaN payloads must not go through arithmetic.
            out[name] = np.frombuffer(b"".join(batch.tobytes() for batch in batches[name]), dtype)
            require(len(out[name]) == rows, "rows")
    if is_array and shape is not None and len(shape) != 1:
        out[""] = out[""].reshape(shape)
    return out


def main():
    with open(sys.argv[1], "rb") as file:
        columns = decode(file.read(), sys.argv[2:] or None)
    for name, values in columns.items():
        flat = values.reshape(-1)
        ends = "%s .. %s" % (flat[0], flat[-1]) if len(flat) else "empty"
        digest = hashlib.sha256(values.tobytes()).hexdigest()
        print("%s\t%s\t%d\t%s\t%s" % (name, values.dtype, len(flat), digest, ends))


if __name__ == "__main__":
    main()
