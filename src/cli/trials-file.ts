/** All trials of a study as a file for other programs: a row a trial. */
import type { ParameterValue, SweepResult } from 'atc-memory/sweep';
import { AtcError } from '../errors.js';
import { loadOptional } from '../formats/optional-package.js';
import { requireNow } from '../require-now.js';
import { isPage } from './report-file.js';

/**
 * @throws AtcError ARGUMENT for a study that is not finished, UNSUPPORTED where the Parquet writer is not installed.
 */
export async function trialsFile(file: string, result: SweepResult): Promise<string | Uint8Array> {
  if (!result.isFinished) throw new AtcError('ARGUMENT', `--report ${file}: the study is not finished`);
  if (isPage(file)) return (await import('../report/index.js')).studyHtml(result);
  if (/\.parquet$/i.test(file)) return parquetOf(result);
  const trials = Array.from({ length: result.length }, (_, number) => result.trial(number));
  if (/\.json$/i.test(file))
    return `${JSON.stringify({ ...result.identity, report: result.report, trials }, null, 2)}\n`;
  const swept = Object.keys(result.space);
  const rows = trials.map(({ number, id, parameters, figures }) => ({
    trial: number,
    id,
    ...Object.fromEntries(swept.map((name) => [name, parameters[name] ?? ''])),
    ...figures,
  }));
  const { unparse } = requireNow<typeof import('papaparse')>('papaparse');
  return `${unparse(rows, { newline: '\n', escapeFormulae: false })}\n`;
}

/** Numbers as doubles, texts and booleans as they are; null for a parameter that does not apply. */
async function parquetOf(result: SweepResult): Promise<Uint8Array> {
  const { parquetWriteBuffer } = await loadOptional(
    'writing Parquet',
    ['hyparquet-writer'],
    () => import('hyparquet-writer'),
  );
  const { parameters, figures } = result.table;
  const ids = parameters.map((_, number) => result.trial(number).id);
  const columns = [
    { name: 'trial', type: 'INT32' as const, data: Int32Array.from(ids.keys()) },
    { name: 'id', type: 'STRING' as const, data: ids },
    ...Object.keys(result.space).map((name) =>
      parameterColumn(
        name,
        parameters.map((one) => one[name]),
      ),
    ),
    // A dictionary would make one of 0 and -0, and of all NaN.
    ...Object.entries(figures).map(([name, data]) => ({ name, type: 'DOUBLE' as const, data, ...BITS })),
  ];
  return new Uint8Array(parquetWriteBuffer({ columnData: columns as never }));
}

const BITS = { encoding: 'BYTE_STREAM_SPLIT', statistics: false } as const;

function parameterColumn(name: string, values: readonly (ParameterValue | undefined)[]) {
  const types = new Set(values.filter((value) => value !== undefined).map((value) => typeof value));
  const nullable = values.includes(undefined);
  if (types.size === 1 && types.has('boolean')) {
    return { name, type: 'BOOLEAN' as const, nullable, data: values.map((value) => value ?? null) };
  }
  if (types.size === 1 && types.has('number')) {
    return { name, type: 'DOUBLE' as const, nullable, data: values.map((value) => value ?? null) };
  }
  return {
    name,
    type: 'STRING' as const,
    nullable,
    data: values.map((value) => (value === undefined ? null : String(value))),
  };
}
