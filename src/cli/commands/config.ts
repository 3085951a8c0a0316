/** `atc config`: every value that is in force, and where it came from. */
import { Command } from 'commander';
import { loadConfig } from '../../config/load.js';
import type { Provenance, ResolvedConfig } from '../../config/resolve.js';
import { printOut } from '../output.js';
import { formatTable } from '../text.js';

export function configCommand(): Command {
  return new Command('config')
    .description('print the configuration and where it came from')
    .option('--json', 'print it as JSON')
    .action(async (flags: { json?: boolean }) => {
      const config = await loadConfig();
      printOut(flags.json === true ? JSON.stringify(config) : textOf(config));
    });
}

function textOf(config: ResolvedConfig): string {
  const { file, provenance, ...values } = config;
  const rows = flatten(values).map(([key, value]) => [key, JSON.stringify(value), sourceOf(provenance[key])]);
  const head =
    file === undefined ? 'no configuration file found: atc.config.ts would be read' : `configuration file: ${file}`;
  return `${head}\n\n${formatTable(['key', 'value', 'from'], rows)}`;
}

/** Leaves by dotted key; an empty object is a leaf. */
function flatten(value: object, prefix = ''): [string, unknown][] {
  return Object.entries(value).flatMap(([name, inner]): [string, unknown][] => {
    const key = prefix === '' ? name : `${prefix}.${name}`;
    const nested =
      typeof inner === 'object' && inner !== null && !Array.isArray(inner) && Object.keys(inner).length > 0;
    return nested ? flatten(inner, key) : [[key, inner]];
  });
}

function sourceOf(provenance: Provenance | undefined): string {
  if (provenance === undefined) return 'default';
  // The file stands above the table; a variable has a name of its own.
  const isNamed = provenance.source !== 'file' && provenance.place !== undefined;
  return isNamed ? `${provenance.source} ${provenance.place}` : provenance.source;
}
