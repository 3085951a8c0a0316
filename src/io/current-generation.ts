/**
 * A place on disk that holds one thing at a time, complete or absent: immutable generations `g-<random>/`, and `current.json`,
 * renamed last, that names the one in force. Readers that lose the race with a replacement look again.
 */
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { crc32c } from '../codec/crc32c.js';
import { AtcError } from '../errors.js';
import { DirectoryWriter } from './atomic-directory.js';
import { writeFileAtomicSync } from './atomic-file.js';
import type { Durability } from './durability.js';
import { attempt, systemCode } from './io-error.js';
import { sweepTemporaries } from './temporary.js';

const CURRENT = 'current.json';
const GENERATION = /^g-[0-9a-f]{16}$/;

export interface Generation<Facts> {
  /** Absolute path of its directory. */
  readonly directory: string;
  readonly facts: Facts;
}

/** The generation in force, or undefined. Facts are JSON, as they were written. CORRUPT for a damaged `current.json`. */
export function currentGeneration(place: string): Generation<unknown> | undefined {
  let text: string;
  try {
    text = readFileSync(path.join(place, CURRENT), 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    return attempt('read', path.join(place, CURRENT), () => {
      throw error;
    });
  }
  const { generation, facts, checksum } = parsed(text);
  const isWhole = typeof generation === 'string' && checksum === checksumOf(generation, facts);
  // A name from a file is not a path until it has been looked at.
  if (isWhole && GENERATION.test(generation)) return { directory: path.join(place, generation), facts };
  const file = path.join(place, CURRENT);
  throw new AtcError('CORRUPT', `${file} is damaged; remove ${place}, it is made again`, { path: file, offset: 0 });
}

interface Current {
  readonly generation?: unknown;
  readonly facts?: unknown;
  readonly checksum?: unknown;
}

function parsed(text: string): Current {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

function checksumOf(generation: string, facts: unknown): number {
  return crc32c(new TextEncoder().encode(JSON.stringify([generation, facts])));
}

/** Makes a new generation with `fill(directory)`, puts it in force and removes the old ones. Nothing is left when `fill` throws. */
export function replaceGeneration<Facts>(
  place: string,
  fill: (directory: string) => Facts,
  durability: Durability = 'process',
): Generation<Facts> {
  const generation = `g-${randomBytes(8).toString('hex')}`;
  const writer = new DirectoryWriter(path.join(place, generation), { durability });
  let facts: Facts;
  try {
    facts = fill(writer.temporary);
    writer.commit();
  } catch (error) {
    writer.abort();
    throw error;
  }
  const current = JSON.stringify({ generation, facts, checksum: checksumOf(generation, facts) });
  writeFileAtomicSync(path.join(place, CURRENT), current, { durability });
  removeOthers(place, generation);
  return { directory: writer.path, facts };
}

/** Files that are mapped stay readable on POSIX systems; Windows refuses to remove them, and the next replacement tries again. */
function removeOthers(place: string, current: string): void {
  sweepTemporaries(place);
  for (const name of attempt('list', place, () => readdirSync(place))) {
    if (name === current || !GENERATION.test(name)) continue;
    try {
      rmSync(path.join(place, name), { recursive: true, force: true });
    } catch {
      // Tried again at the next replacement.
    }
  }
}
