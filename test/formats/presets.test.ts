/** docs/formats.md: every preset stands there with its source, and every sample of it is read as its page documents. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readDataset } from '../../src/dataset/dataset.js';
import type { ImportOptions } from '../../src/formats/options.js';
import { PRESETS, signsOf } from '../../src/formats/presets.js';

const page = readFileSync('docs/formats.md', 'utf8');
const SAMPLE = /^### (\S+)\n[\s\S]*?```\n([\s\S]*?)\n```\n\n`([^`]+)`(?: `([^`]+)`)? → `([^`]+)`$/gm;
const samples = [...page.matchAll(SAMPLE)].map(([, name, text, file, flags = '', first]) => ({
  name,
  text,
  file,
  flags,
  first,
}));

function optionsOf(flags: string): ImportOptions {
  const words = flags.split(' ').filter((word) => word !== '');
  return Object.fromEntries(words.flatMap((word, k) => (word.startsWith('--') ? [[word.slice(2), words[k + 1]]] : [])));
}

test('every preset has a row with its zone, signs and documentation, and a sample', () => {
  for (const preset of PRESETS) {
    const { name, title, url, zone } = preset;
    const signs = signsOf(preset).join(', ') || '`--as`';
    expect(page).toContain(
      `| \`${name}\` | ${title} | ${zone === 'ask' ? '`--timezone`' : zone} | ${signs} | <${url}> |`,
    );
  }
  expect(samples.map(({ name }) => name)).toEqual(PRESETS.map(({ name }) => name));
});

test.each(samples)('the sample of $name is read as its page documents', async ({ text, file, flags, first }) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'atc-formats-'));
  try {
    const target = path.join(folder, file);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, `${text}\n`);
    const dataset = await readDataset(target, optionsOf(flags));
    const wanted = first.split(' ');
    const numbers = wanted.splice(-5);
    const time = wanted.pop()!;
    const table = dataset.table(wanted.join(' '));
    expect(new Date(Number(table.column('timestamp')[0])).toISOString()).toBe(new Date(time).toISOString());
    ['open', 'high', 'low', 'close', 'volume'].forEach((name, k) => {
      if (numbers[k] !== '-') expect([name, table.column(name)[0]]).toEqual([name, Number(numbers[k])]);
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
