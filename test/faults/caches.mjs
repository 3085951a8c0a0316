/**
 * What is rebuilt when it is lost, under injected faults: cached results, copies of source files, cached signals, and
 * cleaning their directory. None of the first three may fail a caller, none may ever give anything but what it was made
 * from. Run by faults.test.ts, or by hand with ATC_FAULT_DIST and the shim.
 */
import fs from 'node:fs';
import path from 'node:path';
import { campaign } from './driver.mjs';

const dist = process.env.ATC_FAULT_DIST;
const { openHistory, withMemoryMapping, EntryDirectory } = await import(path.join(dist, 'src/index.js'));
const { cachedAtcSignals, computeAtcSignals } = await import(path.join(dist, 'atc.js'));
const { enforceMaxBytes, listUsage, removeOlderThan, sweepCache } = await import(
  path.join(dist, 'src/cache-directory/cache-usage.js')
);

const columns = (version) => ({
  timestamp: Float64Array.from({ length: 60 }, (_, k) => k * 60_000),
  close: Float64Array.from({ length: 60 }, (_, k) => version + k / 8),
});
const shown = (value) =>
  JSON.stringify(value, (_, inner) => (ArrayBuffer.isView(inner) ? [...new Float64Array(inner)] : inner));

function requireSame(found, wanted, what) {
  if (shown(found) !== shown(wanted)) throw new Error(`${what} is another: ${shown(found)?.slice(0, 200)}`);
}

/** A cache never fails the one who asks. */
function requireServed({ error }, what) {
  if (error !== undefined) throw new Error(`${what} failed its caller: ${error.stack}`);
  return 'after';
}

const results = [false, true].map((packed) => {
  const wrapped = (directory, version) =>
    withMemoryMapping(
      { load: () => columns(version) },
      { service: 's', cacheDir: directory, packed, ttlMs: Number.POSITIVE_INFINITY, version: () => version },
    );
  return {
    name: `results-${packed ? 'packed' : 'mapped'}`,
    async prepare(directory) {
      wrapped(directory, 1).load();
      return { directory };
    },
    act: ({ directory }) => requireSame(wrapped(directory, 2).load(), columns(2), 'the result'),
    look: async ({ directory }, outcome) => {
      requireSame(wrapped(directory, 2).load(), columns(2), 'the cached result');
      return requireServed(outcome, 'a cached result');
    },
  };
});

const csv = (price) => `timestamp,close\n1704067200000,1\n1704067260000,${price}\n`;

const copies = [
  ['mapped', { useMemoryMapped: true }],
  ['packed', { useCompression: true }],
].map(([layout, how]) => {
  const closes = async (directory) => {
    const file = path.join(directory, 'A.csv');
    const history = await openHistory(file, { ...how, keepCopies: true, cacheDir: path.join(directory, 'cache') });
    try {
      return [...history.dataset.table(history.dataset.symbols[0]).column('close')];
    } finally {
      history.close();
    }
  };
  return {
    name: `copies-${layout}`,
    async prepare(directory) {
      fs.writeFileSync(path.join(directory, 'A.csv'), csv(2));
      await closes(directory);
      fs.writeFileSync(path.join(directory, 'A.csv'), csv(3));
      return { directory };
    },
    act: async ({ directory }) => requireSame(await closes(directory), [1, 3], 'the copy'),
    async look({ directory }, { error }) {
      requireSame(await closes(directory), [1, 3], 'the copy that was left');
      return error === undefined ? 'after' : 'either';
    },
  };
});

const closes = Float64Array.from({ length: 60 }, (_, k) => 100 + Math.sin(k) * 5);
const parameters = { emaLength: 8, hmaLength: 8, wmaLength: 8, demaLength: 8, lsmaLength: 8, kamaLength: 8 };
const signals = computeAtcSignals(closes, parameters);

const cachedSignals = {
  name: 'signals',
  prepare: async (directory) => ({ target: path.join(directory, 's') }),
  act: async ({ target }) => requireSame(await cachedAtcSignals(target, closes, parameters), signals, 'the signals'),
  async look({ target }, outcome) {
    requireSame(await cachedAtcSignals(target, closes, parameters), signals, 'the cached signals');
    return requireServed(outcome, 'cached signals');
  },
};

const { ownerToken } = await import(path.join(dist, 'src/io/process-owner.js'));
/** A name as a process of this machine that is dead has given it. */
const DEAD = `4194301-1-${ownerToken().split('-')[2]}.00000000`;

function cleaning(name, act, isEmptied = true) {
  return {
    name: `clean-${name}`,
    async prepare(directory) {
      const target = path.join(directory, 'cache');
      withMemoryMapping(
        { load: () => columns(1) },
        { service: 's', cacheDir: target, ttlMs: Number.POSITIVE_INFINITY },
      ).load();
      const entries = new EntryDirectory({ directory: target });
      await entries.set('k', 1);
      if (!isEmptied) fs.writeFileSync(path.join(target, `.x.${DEAD}.atc-tmp`), 'unfinished');
      fs.mkdirSync(path.join(directory, 'foreign'));
      fs.writeFileSync(path.join(directory, 'foreign/f'), 'x');
      fs.symlinkSync(path.join(directory, 'foreign'), path.join(target, 'history', 'link'));
      return { directory, target };
    },
    act: async ({ target }) => act(target),
    async look({ directory, target }, { error }) {
      if (fs.readFileSync(path.join(directory, 'foreign/f'), 'utf8') !== 'x') throw new Error('a foreign file is gone');
      const kept = await new EntryDirectory({ directory: target }).get('k');
      if (kept !== undefined && kept.value !== 1) throw new Error('an entry is another');
      // What was in the way of one cleaning is not in that of the next.
      act(target);
      const left = listUsage(target).filter(({ kind }) => kind !== 'other').length;
      if (isEmptied && left > 0) throw new Error(`${left} entries stay`);
      return error === undefined ? 'after' : 'either';
    },
  };
}

const cleanings = [
  cleaning('sweep', (target) => sweepCache(target), false),
  cleaning('bound', (target) => enforceMaxBytes(target, 0)),
  cleaning('age', (target) => removeOlderThan(target, -1000)),
];

await campaign([...results, ...copies, cachedSignals, ...cleanings]);
