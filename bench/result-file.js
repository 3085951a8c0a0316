// Figures of a bench program as a file of bench/results, in the schema of `atc bench --json`; `node
// scripts/bench-docs.js` makes the tables of the docs from them. Every program here that is quoted takes `--save`,
// which is removed from its arguments when this is imported: none of them has to know it.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeMachine } from '../dist/esm/src/cli/bench/machine.js';

export { measureOf, ratioOf } from '../dist/esm/src/cli/bench/table.js';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const started = performance.now();
// Before the program makes the machine busy.
const machine = describeMachine();
const at = process.argv.indexOf('--save');
if (at > 0) process.argv.splice(at, 1);

/** `{ name: unit, … }` as columns: 'text', 'ratio', 'share', 's', 'ms', 'us', 'ns', 'bytes', 'MB/s', 'count'. */
export function columnsOf(units) {
  return Object.entries(units).map(([name, unit]) => ({ name, unit }));
}

/**
 * Writes bench/results/<name>.json when `--save` was given. `history`: what was measured and at which scale, a
 * sentence for the notes of every table. `tables`: as in src/cli/bench/table.ts, their names without the section's.
 * Cells are texts, numbers in the unit of their column, measures (median, min, max) or null.
 */
export function save(name, { history, rounds, tables }) {
  if (at < 0) return;
  const command = [path.relative(root, process.argv[1]), ...process.argv.slice(2)].join(' ');
  const section = {
    name,
    seconds: Number(((performance.now() - started) / 1000).toFixed(1)),
    tables: tables.map((table) => ({
      ...table,
      name: `${name}.${table.name}`,
      notes: [history, ...(table.notes ?? []), `\`node ${command}\`.`],
    })),
  };
  const result = { machine, isQuick: false, rounds, history, sections: [section] };
  const directory = path.join(root, 'bench/results');
  mkdirSync(directory, { recursive: true });
  writeFileSync(path.join(directory, `${name}.json`), `${JSON.stringify(result, undefined, 1)}\n`);
}
