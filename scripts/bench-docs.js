// Writes the marked tables of README and docs from bench/results: `<!-- bench:memory.backtest -->` is table
// `backtest` of memory.json, up to `<!-- /bench -->`. `--check` compares instead and fails on the first difference.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createJiti } from 'jiti';

const { markdownOfTable } = await createJiti(import.meta.url).import('../src/cli/bench/render.ts');
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const BLOCK = /<!-- bench:([\w-]+)\.([\w-]+) -->[\s\S]*?<!-- \/bench -->/g;

function machineOf({ package: version, date, node, system, processor, cores, load, mapping }) {
  const day = date === undefined ? '' : `, ${date}`;
  return (
    `atc-memory ${version}, Node ${node}, ${system}, ${processor}, ${cores} cores, load ${load}, mapping with ` +
    `${mapping}${day}`
  );
}

function blockOf(file, table) {
  const source = path.join(root, 'bench/results', `${file}.json`);
  if (!existsSync(source)) return 'Not measured yet: `npm run bench`.';
  const result = JSON.parse(readFileSync(source, 'utf8'));
  const found = result.sections.flatMap(({ tables }) => tables).find(({ name }) => name.split('.')[1] === table);
  if (found === undefined) throw new Error(`bench/results/${file}.json has no table ${table}`);
  if (result.isQuick) throw new Error(`bench/results/${file}.json is of a quick run: figures of a full run only`);
  return `${found.title}:\n\n${markdownOfTable(found)}\n* ${machineOf(result.machine)}.`;
}

const pages = ['README.md', ...readdirSync(path.join(root, 'docs')).map((name) => `docs/${name}`)];
let blocks = 0;
for (const page of pages.filter((name) => name.endsWith('.md'))) {
  const before = readFileSync(path.join(root, page), 'utf8');
  const after = before.replace(BLOCK, (_whole, file, table) => {
    blocks += 1;
    return `<!-- bench:${file}.${table} -->\n\n${blockOf(file, table)}\n\n<!-- /bench -->`;
  });
  if (after === before) continue;
  if (process.argv.includes('--check')) {
    console.error(`bench-docs: ${page} differs from bench/results: run node scripts/bench-docs.js`);
    process.exitCode = 1;
  } else writeFileSync(path.join(root, page), after);
}
console.log(`bench-docs: ${blocks} tables`);
