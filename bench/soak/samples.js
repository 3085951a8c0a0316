// What a process takes, at one moment, and whether that has grown.
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import path from 'node:path';
import { median, procMib } from '../kit.js';

/** In the order of a sample. `maps`: all of the process; `ours`: those of files in the directory. */
export const FIELDS = [
  'seconds',
  'rssMib',
  'heapMib',
  'buffersMib',
  'descriptors',
  'maps',
  'ours',
  'threads',
  'marks',
  'files',
  'diskMib',
];

/** Most that a field may grow from the second quarter of the time to the last: a share, and an amount. */
const ALLOWED = {
  rssMib: [0.05, 8],
  heapMib: [0.05, 2],
  buffersMib: [0.05, 1],
  descriptors: [0, 1],
  maps: [0.05, 12],
  ours: [0, 3],
  threads: [0, 0],
  marks: [0, 1],
  files: [0.05, 20],
  diskMib: [0.05, 2],
};

const tenths = (value) => Math.round(value * 10) / 10;

export function sample(directory, seconds) {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  const maps = readFileSync('/proc/self/maps', 'utf8').trim().split('\n');
  const { files, marks, bytes } = treeOf(directory);
  return [
    Math.round(seconds),
    tenths(procMib('VmRSS')),
    tenths(heapUsed / 2 ** 20),
    tenths(arrayBuffers / 2 ** 20),
    descriptorsOf(directory),
    maps.length,
    maps.filter((line) => line.includes(directory)).length,
    readdirSync('/proc/self/task').length,
    marks,
    files,
    tenths(bytes / 2 ** 20),
  ];
}

function descriptorsOf(directory) {
  return readdirSync('/proc/self/fd').filter((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`).startsWith(directory);
    } catch {
      return false;
    }
  }).length;
}

/** Marks: leases, locks and unfinished files. */
function treeOf(directory) {
  let [files, marks, bytes] = [0, 0, 0];
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    files++;
    if (/\.atc-(tmp|lock)$|^(lease|doomed)\.\d/.test(entry.name)) marks++;
    bytes += statSync(path.join(entry.parentPath ?? entry.path, entry.name), { throwIfNoEntry: false })?.size ?? 0;
  }
  return { files, marks, bytes };
}

/** For every field its median in the second and in the last quarter of the samples. */
export function grown(series) {
  const quarter = Math.floor(series.length / 4);
  return Object.entries(ALLOWED).map(([field, [share, amount]]) => {
    const at = FIELDS.indexOf(field);
    const of = (from) => median(series.slice(from, from + quarter).map((row) => row[at]));
    const [before, after] = [of(quarter), of(series.length - quarter)];
    return { field, before, after, isGrown: !(after <= before * (1 + share) + amount) };
  });
}
