/** The package's own version, read where it is asked for. */
import { createRequire } from 'node:module';

export function packageVersion(): string {
  return (createRequire(import.meta.url)('atc-memory/package.json') as { version: string }).version;
}
