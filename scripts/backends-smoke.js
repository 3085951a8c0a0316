// Runs the same array work through every mapping backend that this Node can load, and prints which those are. Exit 1
// when one that loads gives other numbers, or when nothing but plain reading loads where a prebuilt binary exists.
// Needs a build. Other Nodes: npx -y -p node@24 node scripts/backends-smoke.js
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createMemoryMappedArray, isAtcError, loadMemoryMappedArray } from '../dist/esm/index.js';

const ROWS = 300_000;
const HAVE_BINARIES = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64', 'win32-x64'];
/** Values that comparison by === would let pass when they are wrong, beside plain ones. */
const SPECIAL = [-0, Number.NaN, Number.POSITIVE_INFINITY, 5e-324, 2 ** 53 + 2, 0.1];
const expected = Float64Array.from({ length: ROWS }, (_, i) => SPECIAL[i % 7] ?? i / 100);
const bits = (values) => Buffer.from(values.buffer, values.byteOffset, values.byteLength);

function check(what, values, from = 0) {
  if (bits(values).equals(bits(expected.subarray(from, from + values.length)))) return;
  throw new Error(`${what}: not the numbers that were written`);
}

async function work(backend, folder) {
  const file = path.join(folder, `${backend}.npy`);
  (await createMemoryMappedArray(expected, file)).close();
  // A file that is read, not mapped, cannot be written through.
  const mode = backend === 'read' ? 'r' : 'r+';
  const array = await loadMemoryMappedArray(file, { backend, mode });
  check('view', array.view());
  check('slice', array.slice(1000, 5000), 1000);
  let at = 0;
  for (const window of array.windows(65_536)) {
    check('window', window, at);
    at += window.length;
  }
  if (at !== ROWS) throw new Error(`windows: ${at} of ${ROWS} rows`);
  if (mode === 'r+') {
    array.set(3, 42.5);
    array.flush();
  }
  array.close();
  const again = await loadMemoryMappedArray(file, { backend });
  const changed = again.at(3);
  again.close();
  if (mode === 'r+' && changed !== 42.5) throw new Error(`what was set is read back as ${changed}`);
  return array.backend;
}

const folder = mkdtempSync(path.join(tmpdir(), 'atc-backends-'));
const loaded = [];
try {
  for (const backend of ['mmap-io', 'koffi', 'read']) {
    try {
      const used = await work(backend, folder);
      if (used !== backend) throw new Error(`asked for ${backend}, got ${used}`);
      loaded.push(backend);
      console.log(`Node ${process.versions.node}: ${backend}: same numbers`);
    } catch (error) {
      if (!isAtcError(error, 'UNSUPPORTED')) throw error;
      console.log(`Node ${process.versions.node}: ${backend}: does not load here`);
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (loaded.length < 2 && HAVE_BINARIES.includes(`${process.platform}-${process.arch}`)) {
  console.error('nothing but plain reading loads here');
  process.exitCode = 1;
}
