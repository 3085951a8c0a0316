/**
 * Configuration files that are broken, cut short or begin with a byte order mark: read, or CONFIG with the file and,
 * where it is known, the line.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isAtcError, loadConfig, loadConfigSync } from 'atc-memory';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(path.join(tmpdir(), 'atc-damaged-'));
  writeFileSync(path.join(cwd, 'package.json'), '{ "name": "user", "private": true }');
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const BOM = '\uFEFF';
const json = '{\n  "useCompression": true,\n  "compressionLevel": 7\n}\n';
const yaml = 'useCompression: true\ncompressionLevel: 7\n';
const script = 'export default {\n  useCompression: true,\n  compressionLevel: 7,\n};\n';

test.each([
  ['atc.config.json', BOM + json],
  ['atc.config.yaml', BOM + yaml],
  ['atc.config.ts', BOM + script],
  ['atc.config.mjs', BOM + script],
  ['atc.config.json', json.replaceAll('\n', '\r\n')],
  ['atc.config.yaml', yaml.replaceAll('\n', '\r\n')],
])('%s with a byte order mark or CRLF is read', async (name, text) => {
  writeFileSync(path.join(cwd, name), text);
  for (const config of [loadConfigSync({ cwd, environment: {} }), await loadConfig({ cwd, environment: {} })]) {
    expect(config).toMatchObject({ useCompression: true, compressionLevel: 7 });
  }
});

test('package.json with a byte order mark is read', async () => {
  writeFileSync(path.join(cwd, 'package.json'), `${BOM}{ "name": "user", "atc": { "useCompression": true } }`);
  expect(loadConfigSync({ cwd, environment: {} }).useCompression).toBe(true);
  expect((await loadConfig({ cwd, environment: {} })).useCompression).toBe(true);
});

test.each<[string, string | Uint8Array, number | undefined]>([
  ['atc.config.json', json.slice(0, 30), 2],
  ['atc.config.json', json.replace('true,', 'true'), 3],
  ['atc.config.json', '\n\n{ "useCompression": tru }', 3],
  ['atc.config.yaml', 'useCompression: true\nservices: { Cache: {\n', 3],
  ['atc.config.yaml', 'useCompression: true\n  compressionLevel: 7\n', 2],
  ['atc.config.ts', script.slice(0, 40), undefined],
  ['atc.config.ts', script.replace('true,', 'tru e,'), 2],
  ['atc.config.mjs', 'export default {\n  useCompression: true,\n  compressionLevel: nowhere,\n};\n', 3],
  ['package.json', '{\n  "name": "user",\n  "atc": { "useCompression": true\n', undefined],
  ['atc.config.json', Buffer.from('{ "useCompression": true }', 'utf16le'), undefined],
  ['atc.config.json', Uint8Array.of(0x7b, 0xff, 0xfe, 0x7d), undefined],
])('%s, broken: CONFIG with the file and the line (%#)', async (name, bytes, line) => {
  const file = path.join(cwd, name);
  writeFileSync(file, bytes);
  const failures = [
    await loadConfig({ cwd, environment: {} }).catch((error: unknown) => error),
    await Promise.resolve()
      .then(() => loadConfigSync({ cwd, environment: {} }))
      .catch((error: unknown) => error),
  ];
  for (const error of failures) {
    expect([(error as Error).message, isAtcError(error, 'CONFIG')]).toEqual([expect.stringContaining(file), true]);
    expect((error as { path?: string }).path).toBe(file);
    if (line !== undefined) expect((error as { line?: number }).line).toBe(line);
  }
});
