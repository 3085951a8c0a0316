/**
 * Runs a script in a process of its own over the built package, for what cannot be shown inside one: signals, kills,
 * unmapping.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

const root = process.cwd();

export interface Child {
  readonly process: ChildProcess;
  /** The next line on its standard output. */
  line(): Promise<string>;
  /** How it ended, with all that it wrote to standard error. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; stderr: string }>;
}

/**
 * `script` is the body of an ES module; `dist` is the folder of the built ES modules, to import from. `shellLimit` is a
 * shell command that
 * runs before it in the same process (ulimit).
 */
export function startChild(
  script: (dist: string) => string,
  { args = [], shellLimit }: { readonly args?: readonly string[]; readonly shellLimit?: string } = {},
): Child {
  const dist = path.join(root, 'dist/esm/src');
  if (!existsSync(path.join(dist, 'io'))) throw new Error('dist is missing: npm run build first (npm test does)');
  const command = [process.execPath, ...args, '--input-type=module', '-e', script(dist)];
  const [file, ...rest] = shellLimit ? ['sh', '-c', `${shellLimit} && exec "$@"`, 'sh', ...command] : command;
  const child = spawn(file, rest, { stdio: ['pipe', 'pipe', 'pipe'] });
  const lines: string[] = [];
  const waiting: ((line: string) => void)[] = [];
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    const whole = text.split('\n');
    text = whole.pop() ?? '';
    for (const line of whole) {
      const next = waiting.shift();
      if (next) next(line);
      else lines.push(line);
    }
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  const ended = new Promise<Awaited<Child['ended']>>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, stderr }));
  });
  const line = () =>
    new Promise<string>((resolve, reject) => {
      const ready = lines.shift();
      if (ready !== undefined) return resolve(ready);
      waiting.push(resolve);
      return void ended.then(({ code, stderr: said }) =>
        reject(new Error(`child ended (${code}) before a line: ${said}`)),
      );
    });
  return { process: child, line, ended };
}
