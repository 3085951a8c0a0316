/** Generations in directories of their own. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Generations } from '../../src/cache-directory/generations.js';
import { ownerToken } from '../../src/io/process-owner.js';
import { useWorkspace } from '../io/workspace.js';

export const workspace = useWorkspace();
let number = 0;
export const fresh = () => new Generations(workspace.at(`generations-${number++}`));
export const writing = (text: string) => (directory: string) => writeFileSync(`${directory}/content`, text);
export const content = (lease: { path: string }) => readFileSync(`${lease.path}/content`, 'utf8');

/** The token of a process that is deleted: this one's pid with another start time. */
export const dead = ownerToken().replace(/-(\d+)-/, '-1-');

/** The names that are not hidden. */
export const names = (directory: string) =>
  readdirSync(directory)
    .filter((name) => !name.startsWith('.'))
    .sort();
