/** Wrong configuration files and what is reported about each: the file, the key, what was found, what is allowed. */
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isAtcError, loadConfig, loadConfigSync } from 'atc-memory';

interface WrongFile {
  name: string;
  file: string;
  content: string;
  /** How the message begins; parsers of others add their own words after it. */
  message: string;
}

const cases: WrongFile[] = JSON.parse(readFileSync(path.join(import.meta.dirname, 'wrong-files.json'), 'utf8'));

test.each(cases.map((one) => [one.name, one] as const))('%s', async (_, { file, content, message }) => {
  const directory = realpathSync(mkdtempSync(path.join(tmpdir(), 'atc-wrong-')));
  try {
    writeFileSync(path.join(directory, 'package.json'), '{}');
    writeFileSync(path.join(directory, file), content);
    const options = { cwd: directory, environment: {} };
    const errors = [
      await loadConfig(options).catch((error: unknown) => error),
      await Promise.resolve()
        .then(() => loadConfigSync(options))
        .catch((error: unknown) => error),
    ];
    for (const error of errors) {
      expect(isAtcError(error, 'CONFIG')).toBe(true);
      const said = (error as Error).message.replaceAll(directory, '<dir>');
      // A message of ours is compared whole, one of a parser by its beginning; it is one line, and names the file once.
      if (message.includes('cannot be read')) expect(said.split('\n')).toHaveLength(1);
      if (/\.(json|ya?ml)$/.test(file)) expect(said.split('<dir>')).toHaveLength(2);
      expect(message.includes('cannot be read') ? said.slice(0, message.length) : said).toBe(message);
      expect((error as { path?: string }).path).toBe(path.join(directory, file));
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
