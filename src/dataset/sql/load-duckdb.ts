/** The package of DuckDB, an optional peer. Apart, so that no declaration of the public API needs its types. */
import type * as DuckDB from '@duckdb/node-api';
import { loadOptional } from '../../formats/optional-package.js';

/** UNSUPPORTED, with the command that installs it, where it is missing. */
export async function loadDuckDB(): Promise<typeof DuckDB> {
  return loadOptional('SQL', ['@duckdb/node-api'], () => import('@duckdb/node-api'));
}
