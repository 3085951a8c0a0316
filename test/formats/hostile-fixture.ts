/** Files as users have them, and what reading them gives. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { readDataset } from '../../src/dataset/dataset.js';
import type { AtcError } from '../../src/errors.js';
import type { ImportOptions } from '../../src/formats/options.js';

export let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'atc-formats-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

export const at = (name: string) => path.join(folder, name);

export function write(name: string, content: string | Uint8Array): string {
  mkdirSync(path.dirname(at(name)), { recursive: true });
  writeFileSync(at(name), content);
  return at(name);
}

export async function refusal(source: string | string[], options?: ImportOptions): Promise<AtcError> {
  try {
    (await readDataset(source, options)).close();
  } catch (error) {
    return error as AtcError;
  }
  throw new Error('expected a refusal');
}

export async function closes(source: string | string[], options?: ImportOptions): Promise<Record<string, number[]>> {
  const dataset = await readDataset(source, options);
  return Object.fromEntries(
    dataset.symbols.map((symbol) => [symbol, Array.from(dataset.table(symbol).column('close'), Number)]),
  );
}

export const CSV = 'timestamp,close\n1706655600000,1\n1706655660000,2\n';

/** A zip archive of members; `method` 0 stores, 8 deflates. */
export function zip(
  members: Readonly<Record<string, string | Uint8Array>>,
  change: (local: Buffer, data: Buffer) => void = () => undefined,
): Buffer {
  const parts: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(members)) {
    const plain = Buffer.from(content as string);
    const data = deflateRawSync(plain);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(20, 4);
    local.writeUInt16LE(8, 8);
    local.writeUInt32LE(crc32(plain), 14);
    local.writeUInt32LE(data.length, 18);
    local.writeUInt32LE(plain.length, 22);
    local.writeUInt16LE(name.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    local.copy(entry, 6, 4, 30);
    entry.writeUInt32LE(offset, 42);
    change(entry, data);
    parts.push(local, Buffer.from(name), data);
    central.push(entry, Buffer.from(name));
    offset += 30 + name.length + data.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Object.keys(members).length, 8);
  end.writeUInt16LE(Object.keys(members).length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, directory, end]);
}
