/**
 * What a user names as a source -> paths of files: folders and patterns (`*`, `?`, `[ab]`, `**`) are expanded, in
 * natural order.
 */
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { attempt } from './io-error.js';
import { isPresent } from './json-file.js';

/** Months and contracts in the order people read them: `2` before `10`. */
const natural = new Intl.Collator('en', { numeric: true });

/** Files below a folder, hidden ones left out. */
export function filesBelow(directory: string): string[] {
  const found: string[] = [];
  const visit = (folder: string) => {
    const entries = attempt('list', folder, () => readdirSync(folder, { withFileTypes: true }));
    for (const entry of entries.sort((a, b) => natural.compare(a.name, b.name))) {
      if (entry.name.startsWith('.') || entry.name === '__MACOSX') continue;
      const full = path.join(folder, entry.name);
      const isFolder = entry.isSymbolicLink() ? isDirectoryLink(full) : entry.isDirectory();
      if (isFolder && !entry.isSymbolicLink()) visit(full);
      else if (!isFolder) found.push(full);
    }
  };
  visit(directory);
  return found;
}

function isDirectoryLink(full: string): boolean {
  return statSync(full, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Whether a path is a pattern and no file of that name. */
export function isPattern(given: string): boolean {
  return /[*?[]/.test(given) && !isPresent(given);
}

/** The folder that a pattern begins in: the part before its first wildcard. */
export function patternRoot(pattern: string): string {
  const parts = pattern.split(/[\\/]/);
  const fixed = parts.slice(
    0,
    parts.findIndex((part) => /[*?[]/.test(part)),
  );
  return fixed.length === 0 ? '.' : fixed.join('/') || path.parse(pattern).root;
}

/** Files and folders that a pattern matches. */
export function matchPattern(pattern: string): string[] {
  const parts = pattern.split(/[\\/]/);
  const root = path.isAbsolute(pattern) ? path.parse(pattern).root : '';
  let found = [root];
  for (const part of parts.filter((one, k) => one !== '' && !(k === 0 && root !== ''))) {
    found = found.flatMap((base) =>
      part === '**' ? foldersBelow(base) : /[*?[]/.test(part) ? matching(base, part) : [path.join(base, part)],
    );
  }
  return found.filter(isPresent);
}

function foldersBelow(base: string): string[] {
  const inner = entriesOf(base).filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'));
  return [base, ...inner.flatMap((entry) => foldersBelow(path.join(base, entry.name)))];
}

function matching(base: string, part: string): string[] {
  const source = part
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replace(/\*/g, '[^/]*')
    .replace(/\?/g, '[^/]');
  const expression = new RegExp(`^${source.replace(/\[!/g, '[^')}$`);
  const names = entriesOf(base).map(({ name }) => name);
  const wanted = names.filter((name) => expression.test(name) && (part.startsWith('.') || !name.startsWith('.')));
  return wanted.sort(natural.compare).map((name) => path.join(base, name));
}

function entriesOf(base: string) {
  const folder = base === '' ? '.' : base;
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  return attempt('list', folder, () => readdirSync(folder, { withFileTypes: true }));
}
