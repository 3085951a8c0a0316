/** Configuration files that are broken, cut short or begin with a byte order mark, as the command meets them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runAtc, temporaryFolder } from './run-atc.js';

const folder = temporaryFolder();
let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(path.join(folder.path, 'config-'));
  writeFileSync(path.join(cwd, 'package.json'), '{}');
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

test.each([
  ['package.json', '{ "name": "user",\n  "atc": { "useCompression": true\n', 2],
  ['package.json', '{ "name": "user",\n  "atc": { "useCompression": tru } }\n', 2],
  ['package.json', '\uFEFF{ "atc": { "useCompression": true } }', 1],
  ['atc.config.json', '{\n  "useCompression": true,\n', 2],
  ['atc.config.yaml', 'useCompression: true\nservices: [1,\n', 3],
  ['atc.config.js', 'export default {\n  useCompression: tru,\n};\n', 2],
  ['atc.config.ts', 'export default {\n  useCompression: tru e,\n};\n', 2],
])('%s (%#): exit code 2, one message with file and line, no stack', async (name, text, line) => {
  writeFileSync(path.join(cwd, name), text);
  const { code, stdout, stderr } = await runAtc(['config'], { cwd });
  expect([code, stdout]).toEqual([2, '']);
  // What runs and fails has no column: that of its stack is one of the compiled text.
  const column = text.includes('tru,') ? '' : ':\\d+';
  expect(stderr).toMatch(new RegExp(`^atc: .*${name.replace('.', '\\.')}:${line}${column}: .+\\n$`));
  expect(stderr).not.toMatch(/ {4}at /);
});
