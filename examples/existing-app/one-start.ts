/**
 * One start of the application in one step of the migration; prints what it answered and what that took as a line of
 * JSON.
 */
import { loadConfig, MEMORY_EVENTS, onMemoryEvent } from 'atc-memory';
import { installMemoryOptimizations } from 'atc-memory/inversify';
import { createContainer } from './container.js';
import type { PriceHistory } from './price-history.js';
import { STEPS } from './steps.js';
import type { TrendReport } from './trend-report.js';
import { TYPES } from './types.js';

const [step, prices, cache, cacheDir] = process.argv.slice(2);
const { config } = STEPS[Number(step)];

const events: Record<string, number> = {};
for (const name of MEMORY_EVENTS) onMemoryEvent(name, () => (events[name] = (events[name] ?? 0) + 1));

const container = createContainer({ prices, cache });
if (config !== undefined) {
  const overrides = { cacheDir, ...config };
  const resolved = await loadConfig({ cwd: cache, environment: {}, overrides });
  const ids = { PriceCache: TYPES.PriceCache, PriceHistory: TYPES.PriceHistory };
  await installMemoryOptimizations(container, resolved, ids).verify();
}

const report = await container.get<TrendReport>(TYPES.TrendReport).summary('sp500-2000');
const { filesRead } = container.get<PriceHistory>(TYPES.PriceHistory);
const peakBytes = process.resourceUsage().maxRSS * 1024;
console.log(JSON.stringify({ output: JSON.stringify(report), filesRead, events, peakBytes }));
