// Follows docs/guide.md literally in an empty folder: installs the packed tarball, runs every block, ends with the
// benchmark.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runPage } from './doc-blocks.js';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const folder = mkdtempSync(path.join(tmpdir(), 'atc-guide-'));
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
try {
  execFileSync(process.execPath, [path.join(root, 'scripts/build.js')], { stdio: 'inherit' });
  const pack = ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder];
  execFileSync(npm, pack, { cwd: root, stdio: 'ignore' });
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  writeFileSync(path.join(folder, 'package.json'), '{ "type": "module", "private": true }\n');
  execFileSync(npm, ['install', '--silent', '--no-audit', '--no-fund', `./${tarball}`], {
    cwd: folder,
    stdio: 'inherit',
  });
  const blocks = runPage(path.join(root, 'docs/guide.md'), folder);
  console.log(`guide smoke: ${blocks} blocks of docs/guide.md, as written`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
