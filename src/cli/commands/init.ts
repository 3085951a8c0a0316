/** `atc init`: writes the configuration file with every feature off, and prints what to do next. */
import { Command, Option } from 'commander';
import { CONFIG_FILES } from '../../config/load.js';
import { AtcError } from '../../errors.js';
import { DEFAULT_CACHE_DIR } from '../../feature-mode.js';
import { writeFileAtomicSync } from '../../io/atomic-file.js';
import { isPresent, readText } from '../../io/json-file.js';
import { printOut } from '../output.js';

const FORMATS = ['ts', 'js', 'json'] as const;
type Format = (typeof FORMATS)[number];

/** The defaults: after `atc init` everything is as it was. */
const FIELDS = [
  ['useMemoryMapped: false', 'history from mapped files'],
  ['useCompression: false', 'compressed cache entries and history'],
  ['compressionLevel: 5', '0 stores, 9 is the smallest'],
  [`cacheDir: '${DEFAULT_CACHE_DIR}'`, 'copies of history; it may be deleted'],
] as const;

export function initCommand(): Command {
  return new Command('init')
    .description('write atc.config.ts, with every feature off')
    .addOption(
      new Option('--format <format>', 'which file: atc.config.ts, .js or .json').choices(FORMATS).default('ts'),
    )
    .action(({ format }: { format: Format }) => {
      const there = CONFIG_FILES.find((name) => isPresent(name)) ?? inManifest();
      if (there !== undefined) {
        const message = `${there} is there already and was left as it is; see it with atc config`;
        throw new AtcError('CONFIG', message, { path: there });
      }
      const file = `atc.config.${format}`;
      writeFileAtomicSync(file, contentOf(format), { replace: false });
      printOut(`${file} written; everything in it is off.\n\n${NEXT}`);
    });
}

/** A section of package.json counts as a configuration too. */
function inManifest(): string | undefined {
  try {
    return 'atc' in JSON.parse(readText('package.json') ?? '{}') ? '"atc" in package.json' : undefined;
  } catch {
    return undefined;
  }
}

const NEXT = `Next:
  npx atc doctor          see what works on this machine
  npx atc bench --quick   see what it would save (about a minute)
Then set useCompression or useMemoryMapped to 'verify', which compares and
changes nothing, and later to true.
The guide: node_modules/atc-memory/docs/guide.md`;

function contentOf(format: Format): string {
  if (format === 'json') {
    const values = { useMemoryMapped: false, useCompression: false, compressionLevel: 5, cacheDir: DEFAULT_CACHE_DIR };
    return `${JSON.stringify(values, null, 2)}\n`;
  }
  const lines = FIELDS.map(([code, what]) => `  ${`${code},`.padEnd(26)} // ${what}`);
  return [
    "import { defineConfig } from 'atc-memory';",
    '',
    "// false, 'read', 'verify' or true: node_modules/atc-memory/docs/services.md",
    'export default defineConfig({',
    ...lines,
    '});',
    '',
  ].join('\n');
}
