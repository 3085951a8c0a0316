/** `atc stats`: what a cache directory saves, and what happened to the services that use it. */
import { Command } from 'commander';
import { loadConfig } from '../../config/load.js';
import { MEMORY_EVENTS } from '../../events.js';
import { isPresent } from '../../io/json-file.js';
import { type CacheStatistics, cacheStatistics } from '../cache-stats.js';
import { printOut } from '../output.js';
import { formatBytes, formatCount, formatTable } from '../text.js';

export function statsCommand(): Command {
  return new Command('stats')
    .description('show what the cache saves, and what happened to services')
    .argument('[directory]', 'default: cacheDir of the configuration')
    .option('--json', 'print it as JSON')
    .action(async (given: string | undefined, flags: { json?: boolean }) => {
      const directory = given ?? (await loadConfig()).cacheDir;
      const statistics = await cacheStatistics(directory);
      printOut(flags.json === true ? JSON.stringify(statistics) : textOf(statistics));
    });
}

function textOf({ directory, stored, setAside, services }: CacheStatistics): string {
  if (!isPresent(directory)) return `${directory}: there is no such directory yet`;
  const parts = [`${directory}: cache directory`];
  if (stored.length > 0) parts.push(storedTable(stored));
  const names = Object.keys(services).sort();
  if (names.length > 0) parts.push(eventTable(names, services));
  const last = names.flatMap((name) =>
    Object.entries(services[name].last).map(([event, { at, key, reason }]) => {
      const where = key === undefined ? '' : ` (${key})`;
      return `last ${event} of ${name}, ${at}${where}: ${reason}`;
    }),
  );
  if (last.length > 0) parts.push(last.join('\n'));
  if (setAside.files > 0) {
    parts.push(`${formatCount(setAside.files)} damaged, put aside in .damaged: ${formatBytes(setAside.bytes)}`);
  }
  if (stored.length === 0 && names.length === 0) parts.push('nothing is stored and nothing has been counted');
  return parts.join('\n\n');
}

function storedTable(stored: CacheStatistics['stored']): string {
  return formatTable(
    ['kind', 'name', 'entries', 'expired', 'damaged', 'before', 'after', 'ratio'],
    stored.map(({ kind, name, entries, expired, damaged, laterVersion, bytesBefore, bytesAfter }) => [
      kind,
      laterVersion > 0 ? `${name} (${formatCount(laterVersion)} of a later version)` : name,
      formatCount(entries),
      formatCount(expired),
      formatCount(damaged),
      formatBytes(bytesBefore),
      formatBytes(bytesAfter),
      ratio(bytesBefore, bytesAfter),
    ]),
  );
}

function eventTable(names: readonly string[], services: CacheStatistics['services']): string {
  return formatTable(
    ['service', ...MEMORY_EVENTS, 'before', 'after'],
    names.map((name) => {
      const { counts, bytesBefore, bytesAfter } = services[name];
      const numbers = MEMORY_EVENTS.map((event) => formatCount(counts[event] ?? 0));
      return [name, ...numbers, formatBytes(bytesBefore), formatBytes(bytesAfter)];
    }),
  );
}

function ratio(before: number, after: number): string {
  return after === 0 ? '-' : `${(before / after).toFixed(2)}x`;
}
