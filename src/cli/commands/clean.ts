/**
 * `atc clean`: removes from the cache directory what nobody needs any more, and never what somebody reads; with
 * `--keep` from a dataset.
 */
import { Command, InvalidArgumentError, Option } from 'commander';
import {
  type EntryUsage,
  enforceMaxBytes,
  listUsage,
  removeOlderThan,
  sweepCache,
} from '../../cache-directory/cache-usage.js';
import { loadConfig } from '../../config/load.js';
import { cleanVersions } from '../../dataset/versions/clean.js';
import { AtcError } from '../../errors.js';
import { interruptSignal } from '../interrupt.js';
import { keepOption } from '../options.js';
import { printOut } from '../output.js';
import { formatBytes, formatCount, formatNumber } from '../text.js';

interface CleanFlags {
  readonly olderThan?: number;
  readonly keep?: number;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

export function cleanCommand(): Command {
  return new Command('clean')
    .description('remove what nobody needs from the cache or from a dataset')
    .argument('[directory]', 'default: cacheDir of the configuration; a dataset with --keep')
    .addOption(
      new Option(
        '--older-than <time>',
        'also what was not used for so long: 7d, 12h, 30m; 0s removes everything',
      ).argParser(readDuration),
    )
    .addOption(keepOption())
    .option('--dry-run', 'say what would be removed, and remove nothing')
    .option('--json', 'print the outcome as JSON')
    .action(async (given: string | undefined, flags: CleanFlags) => {
      if (flags.keep !== undefined) {
        await cleanDataset(given, { ...flags, keep: flags.keep });
        return;
      }
      const config = await loadConfig();
      const directory = given ?? config.cacheDir;
      const dryRun = flags.dryRun === true;
      const swept = dryRun ? abandonedCopies(directory) : sweepCache(directory);
      const old = flags.olderThan === undefined ? [] : removeOlderThan(directory, flags.olderThan, dryRun);
      const { maxCacheBytes } = config;
      const beyond = maxCacheBytes === false ? [] : enforceMaxBytes(directory, maxCacheBytes, dryRun);
      const removed = [...new Map([...old, ...beyond].map((entry) => [entry.path, entry])).values()];
      printOut(flags.json === true ? asJson(directory, dryRun, swept, removed) : asText());

      function asText(): string {
        const bytes = removed.reduce((sum, entry) => sum + entry.allocatedBytes, 0);
        const lines = removed.map(({ name, allocatedBytes }) => `${name}  ${formatBytes(allocatedBytes)}`);
        const verb = dryRun ? 'would be removed' : 'removed';
        const left = swept.length === 0 ? '' : `, and ${formatCount(swept.length)} left by dead processes`;
        const count = formatNumber(removed.length, 'entry', 'entries');
        return [...lines, `${directory}: ${count} ${verb}, ${formatBytes(bytes)}${left}`].join('\n');
      }
    });
}

/** The generations of a dataset that are not among the newest, and files that no version needs any more. */
async function cleanDataset(
  directory: string | undefined,
  { keep, dryRun = false, olderThan, json }: CleanFlags & { readonly keep: number },
): Promise<void> {
  if (directory === undefined) throw new AtcError('ARGUMENT', '--keep is for a dataset: name its directory');
  if (olderThan !== undefined) throw new AtcError('ARGUMENT', '--older-than is for a cache directory, not with --keep');
  const { removed, bytes } = await cleanVersions(directory, keep, { dryRun, signal: interruptSignal() });
  const verb = dryRun ? 'would be removed' : 'removed';
  const what = `${formatNumber(removed.length, 'generation')} ${verb}, ${formatBytes(bytes)}`;
  printOut(json === true ? JSON.stringify({ directory, dryRun, removed, bytes }) : `${directory}: ${what}`);
}

function asJson(directory: string, dryRun: boolean, leftOvers: readonly string[], removed: readonly EntryUsage[]) {
  return JSON.stringify({
    directory,
    dryRun,
    removed: removed.map(({ name, kind, allocatedBytes, lastUsedMs }) => ({ name, kind, allocatedBytes, lastUsedMs })),
    bytes: removed.reduce((sum, entry) => sum + entry.allocatedBytes, 0),
    leftOvers,
  });
}

/** The large ones among what a sweep would remove: unfinished files inside other entries are not looked for. */
function abandonedCopies(directory: string): string[] {
  return listUsage(directory)
    .filter(({ kind, inUse }) => kind === 'scratch' && !inUse)
    .map((entry) => entry.path);
}

/** `7d` in ms. */
function readDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([smhdw])$/.exec(text.trim());
  if (match === null) {
    throw new InvalidArgumentError('A number and one of s, m, h, d, w is allowed, such as 7d.');
  }
  return Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
}
