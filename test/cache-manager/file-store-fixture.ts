import { readdirSync } from 'node:fs';
import path from 'node:path';
import { useWorkspace } from '../io/workspace.js';
import { realClock } from './clock.js';

export const workspace = useWorkspace();

afterEach(realClock);

export function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(directory, path.join(entry.parentPath, entry.name)));
}
