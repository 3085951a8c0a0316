/** What identifies some files: their names, sizes and SHA-256, and one hash over all of that. */
import { AtcError, shown } from '../errors.js';
import { createHash } from '../io/crypto.js';

/** One file of a manifest. */
export interface DataFile {
  /** Relative, with `/`. */
  readonly path: string;
  /** Its size. */
  readonly bytes: number;
  /** 64 hexadecimal digits. */
  readonly sha256: string;
}

/** Files that belong together; plain data, so that it travels as JSON. */
export interface DataManifest {
  /** SHA-256 over paths, sizes and hashes of the files: identifies all of them, bit by bit. */
  readonly hash: string;
  /** In the order of their paths. */
  readonly files: readonly DataFile[];
}

const SHA256 = /^[0-9a-f]{64}$/;

/** The manifest of these files. */
export function manifestOf(files: readonly DataFile[]): DataManifest {
  const sorted = files
    .map(({ path, bytes, sha256 }) => ({ path, bytes, sha256 }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  const facts = sorted.map(({ path, bytes, sha256 }) => [path, bytes, sha256]);
  return { hash: createHash('sha256').update(JSON.stringify(facts)).digest('hex'), files: sorted };
}

/** ARGUMENT unless it is a manifest whose hash is right and whose paths stay inside a directory. */
export function requireManifest(value: unknown): DataManifest {
  const { hash, files } = (typeof value === 'object' && value !== null ? value : {}) as Partial<DataManifest>;
  const fail = (what: string): never => {
    throw new AtcError('ARGUMENT', `dataByHash: manifest: ${what}; describeData makes one`, { key: 'manifest' });
  };
  if (typeof hash !== 'string' || !Array.isArray(files) || files.length === 0) {
    return fail(`hash and files are needed, got ${shown(value)}`);
  }
  for (const file of files as readonly Partial<DataFile>[]) {
    const { path, bytes, sha256 } = file ?? {};
    if (typeof path !== 'string' || !isInside(path)) return fail(`the path ${shown(path)} is none inside a directory`);
    if (!Number.isSafeInteger(bytes) || (bytes as number) < 0) return fail(`${path}: bytes is ${shown(bytes)}`);
    if (typeof sha256 !== 'string' || !SHA256.test(sha256)) return fail(`${path}: sha256 is ${shown(sha256)}`);
  }
  if (new Set(files.map(({ path }) => path)).size !== files.length) return fail('a path is there twice');
  const right = manifestOf(files);
  return right.hash === hash ? right : fail(`its hash is ${right.hash}, it says ${shown(hash)}`);
}

function isInside(path: string): boolean {
  const parts = path.split('/');
  return !/^[a-z]:|\\|\0/i.test(path) && parts.every((part) => part !== '' && part !== '.' && part !== '..');
}
