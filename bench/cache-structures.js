// Structure without numbers to take out of it: what the serializer of cached values is good for alone, beside others.
// A part of bench/cache.js.
import { deserialize, serialize } from 'node:v8';
import { decodeValue, encodeValue } from 'atc-memory';
import * as cbor from 'cbor-x';
import * as msgpackr from 'msgpackr';
import { firstDifference } from '../dist/esm/src/value/same-value.js';
import { backtestCache } from './cache-values.js';
import { median } from './kit.js';
import { columnsOf, measureOf } from './result-file.js';

const count = (n) => Math.round(n).toLocaleString('en-US');
const cell = (text, width) => String(text).padStart(width);

/** Tables for bench/results; prints them too. */
export function structures() {
  const tables = [];
  const orders = (n) =>
    Array.from({ length: n }, (_, i) => ({
      id: `order-${i}`,
      symbol: ['BTC/USDT', 'ETH/USDT'][i % 2],
      legs: i % 3 === 0 ? [{ price: i / 7, size: 1 }] : [],
      note: i % 5 === 0 ? undefined : null,
    }));
  const stats = backtestCache().at(-1)[1];
  const values = {
    'an object of statistics': stats,
    '20 of them by key': Object.fromEntries(
      Array.from({ length: 20 }, (_, i) => [`run ${i}`, { ...stats, trades: i }]),
    ),
    '1,000 orders with legs': orders(1000),
    'a Map of 200 Sets': new Map(Array.from({ length: 200 }, (_, i) => [`key ${i}`, new Set([i, i + 1, `x${i}`])])),
  };
  const coders = {
    encodeValue: [(value) => encodeValue(value), decodeValue],
    'JSON (plain values only)': [
      (value) => Buffer.from(JSON.stringify(value)),
      (bytes) => JSON.parse(bytes.toString()),
    ],
    msgpackr: [(value) => msgpackr.pack(value), (bytes) => msgpackr.unpack(bytes)],
    'msgpackr, moreTypes': (() => {
      const packr = new msgpackr.Packr({ moreTypes: true, structuredClone: true });
      return [(value) => packr.pack(value), (bytes) => packr.unpack(bytes)];
    })(),
    'cbor-x': (() => {
      const coder = new cbor.Encoder({ structuredClone: true });
      return [(value) => coder.encode(value), (bytes) => coder.decode(bytes)];
    })(),
    'v8.serialize': [(value) => serialize(value), (bytes) => deserialize(bytes)],
  };
  console.log('\nserializers: bytes; encode and decode in µs, medians');
  for (const [title, value] of Object.entries(values)) {
    console.log(` ${title}`);
    const results = Object.entries(coders).map(([name, [encode, decode]]) => ({ name, encode, decode, e: [], d: [] }));
    for (let round = -30; round < 100; round++) {
      for (const one of results) {
        const start = performance.now();
        one.bytes = one.encode(value);
        const between = performance.now();
        const back = one.decode(one.bytes);
        const end = performance.now();
        if (round === -1) one.difference = firstDifference(back, value);
        if (round < 0) continue;
        one.e.push(1000 * (between - start));
        one.d.push(1000 * (end - between));
      }
    }
    tables.push({
      name: `structures-${Object.keys(values).indexOf(title) + 1}`,
      title: `Serializers: ${title}`,
      columns: columnsOf({ serializer: 'text', bytes: 'count', encode: 'us', decode: 'us', returned: 'text' }),
      rows: results.map(({ name, bytes, e, d, difference }) => {
        return [name, bytes.length, measureOf(e), measureOf(d), difference === undefined ? 'same' : 'CHANGED'];
      }),
    });
    for (const { name, bytes, e, d, difference } of results) {
      const times = `encode ${cell(median(e).toFixed(0), 5)}  decode ${cell(median(d).toFixed(0), 5)}`;
      console.log(`  ${name.padEnd(26)} ${cell(count(bytes.length), 8)} bytes  ${times}  ${verdict(difference)}`);
    }
  }
  console.log(' what is returned exactly, of values that JSON loses');
  const exact = [];
  for (const [name, [encode, decode]] of Object.entries(coders)) {
    const lost = Object.entries(hardValues()).filter(([, value]) => !survives(value, encode, decode));
    const all = Object.keys(hardValues()).length;
    exact.push([name, all - lost.length, lost.map(([key]) => key).join(', ')]);
    const what = lost.length === 0 ? '' : `; not: ${lost.map(([key]) => key).join(', ')}`;
    console.log(`  ${name.padEnd(26)} ${all - lost.length} of ${all}${what}`);
  }
  tables.push({
    name: 'exact',
    title: `Of ${Object.keys(hardValues()).length} values that JSON loses`,
    columns: columnsOf({ serializer: 'text', returned: 'count', not: 'text' }),
    rows: exact,
  });
  return tables;
}

const verdict = (difference) => (difference === undefined ? 'the same value' : `NOT the same: ${difference}`);

function survives(value, encode, decode) {
  try {
    return firstDifference(decode(encode(value)), value) === undefined;
  } catch {
    return false;
  }
}

function hardValues() {
  const payload = new Float64Array(BigUint64Array.of(0x7ff4deadbeef0001n, 0x8000000000000000n).buffer);
  const shared = [1];
  return {
    'minus zero': -0,
    'undefined in an object': { a: undefined },
    'a large BigInt': 2n ** 90n,
    'an invalid Date': new Date(Number.NaN),
    'NaN payloads': payload,
    'a window of an array': new Float64Array(10).map((_, i) => i).subarray(3, 7),
    'an Int8Array': Int8Array.of(-1, 1),
    'a BigInt64Array': BigInt64Array.of(-1n),
    'a DataView': new DataView(new ArrayBuffer(8), 2, 4),
    'a Buffer': Buffer.from('x'),
    'a sparse array': Object.assign([], { length: 3, 0: 1, 2: 3 }),
    'own __proto__': JSON.parse('{"__proto__":{"x":1}}'),
    'no prototype': Object.assign(Object.create(null), { a: 1 }),
    'a lone surrogate': '\ud800',
    'a Map with object keys': new Map([[{ a: 1 }, new Set([1])]]),
    'a RegExp': /a+/gi,
    'shared references': [shared, shared],
  };
}
