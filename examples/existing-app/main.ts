/** `npm run example`: the application with its features on as atc.config.ts says; `-- --off` without them. */
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadConfig, MEMORY_EVENTS, onMemoryEvent } from 'atc-memory';
import { installMemoryOptimizations } from 'atc-memory/inversify';
import { createContainer } from './container.js';
import type { TrendReport } from './trend-report.js';
import { TYPES } from './types.js';

const here = path.dirname(fileURLToPath(import.meta.url));
const work = path.resolve('.cache/existing-app');
const folders = { prices: path.join(here, '../data'), cache: path.join(work, 'cache') };
const off = process.argv.includes('--off') && { useMemoryMapped: false as const, useCompression: false as const };

const counts = new Map<string, number>();
for (const name of MEMORY_EVENTS) onMemoryEvent(name, () => counts.set(name, (counts.get(name) ?? 0) + 1));

const container = createContainer(folders);
const config = await loadConfig({ cwd: here, overrides: { cacheDir: work, ...off } });
installMemoryOptimizations(container, config, { PriceCache: TYPES.PriceCache, PriceHistory: TYPES.PriceHistory });

const report = container.get<TrendReport>(TYPES.TrendReport);
console.log(await report.summary('sp500-2000'));
console.log('events', Object.fromEntries(counts));
for (const file of readdirSync(work, { recursive: true }).map(String).sort()) {
  const { size } = statSync(path.join(work, file));
  if (/\.(json|npy|atc)$/.test(file)) console.log(`${String(size).padStart(9)}  ${file}`);
}
