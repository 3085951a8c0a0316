/** Datasets in both layouts, and servers of the directory that they lie in, for the tests of one file. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type CandleTable, type DirectoryDataset, type TypedArray, writeDataset } from 'atc-memory';
import { type FileServer, type ServerOptions, serveFiles } from './file-server.js';
import { minutes } from './made-up-history.js';

export const root = mkdtempSync(path.join(tmpdir(), 'remote-'));
/** The packed one, open. */
export let local: DirectoryDataset;
const servers: FileServer[] = [];

beforeAll(async () => {
  local = await writeDataset(path.join(root, 'packed'), pieces(3, 40_000), { durability: 'process' });
  (
    await writeDataset(path.join(root, 'mapped'), pieces(2, 40_000), { layout: 'mapped', durability: 'process' })
  ).close();
});
afterEach(async () => {
  while (servers.length > 0) await servers.pop()!.close();
});
afterAll(() => {
  local.close();
  rmSync(root, { recursive: true });
});

export function* pieces(symbols: number, rows: number) {
  for (let k = 0; k < symbols; k += 1) yield { symbol: `S${k}`, columns: minutes(rows, k) };
}

export async function serve(directory = 'packed', options: ServerOptions = {}) {
  const server = await serveFiles(path.join(root, directory), options);
  servers.push(server);
  return server;
}

export type Rows = Record<string, { length: number; bits: string }>;

/** Number and bits of the elements of every column. */
export async function rowsOf(
  blocks: AsyncIterable<{ length: number; columns: Record<string, TypedArray> }>,
): Promise<Rows> {
  const parts: Record<string, TypedArray[]> = {};
  for await (const block of blocks) {
    for (const [name, values] of Object.entries(block.columns)) {
      expect(values).toHaveLength(block.length);
      (parts[name] ??= []).push(values);
    }
  }
  return Object.fromEntries(Object.entries(parts).map(([name, arrays]) => [name, bitsOf(...arrays)]));
}

export const rowsOn = (table: CandleTable) =>
  Object.fromEntries(table.columns.map((name) => [name, bitsOf(table.column(name))]));

export function bitsOf(...arrays: TypedArray[]) {
  const hash = createHash('sha256');
  for (const { buffer, byteOffset, byteLength } of arrays) hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  return { length: arrays.reduce((sum, { length }) => sum + length, 0), bits: hash.digest('hex') };
}

export const NO_ROWS = bitsOf();
