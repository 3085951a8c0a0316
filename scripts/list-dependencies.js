// Lists every package that installing this one brings: version range, licence, install scripts, size, and who asks
// for it; into docs/dependencies.md. Read off node_modules, so that nothing is listed that was not installed. `--check`
// writes nothing: direct dependencies have to stand in the page as they are, and whatever came with them has to have
// a licence and install scripts that were looked at. (There is no lockfile: what comes with them may change any day,
// and a day's new package is no reason to fail.)
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const target = path.join(root, 'docs/dependencies.md');
const read = (file) => JSON.parse(readFileSync(file, 'utf8'));

/**
 * Where Node would find `name` from a package's directory; undefined where it is not installed (another platform's
 * binary).
 */
function locate(name, from) {
  for (let folder = from; ; folder = path.dirname(folder)) {
    const candidate = path.join(folder, 'node_modules', name, 'package.json');
    if (existsSync(candidate)) return path.dirname(candidate);
    if (folder === root || folder === path.dirname(folder)) return undefined;
  }
}

/** Licences that ask for no more than their text to be passed on. */
const LICENCES =
  /^\(?(MIT|ISC|BSD-[23]-Clause|Apache-2\.0|0BSD|BlueOak-1\.0\.0|Python-2\.0|Zlib|CC0-1\.0|Unlicense)( (AND|OR) [\w.-]+)?\)?$/;
/**
 * Packages whose install scripts were read: they compile the mapping module, or look for a binary that npm has
 * already brought.
 */
const MAY_RUN_AT_INSTALL = ['mmap-io', 'koffi'];
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall'];

/** What npm runs at install, as package.json declares it; a binding.gyp without a script of its own is built by npm. */
function installScripts(manifest, directory) {
  const named = INSTALL_SCRIPTS.filter((script) => manifest.scripts?.[script] !== undefined);
  if (named.length === 0 && existsSync(path.join(directory, 'binding.gyp'))) return 'node-gyp';
  return named.map((script) => `${script}: \`${manifest.scripts[script]}\``).join(', ');
}

/**
 * Every package reachable from `names`, each with the first that asked for it. Platform binaries (optional, not ours)
 * are one row.
 */
function reachable(names) {
  const found = new Map();
  const queue = names.map((name) => ({ name, from: root, by: 'atc-memory' }));
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const directory = locate(next.name, next.from);
    if (directory === undefined || found.has(directory)) continue;
    const manifest = read(path.join(directory, 'package.json'));
    found.set(directory, { name: next.name, manifest, directory, by: next.by });
    for (const name of Object.keys(manifest.dependencies ?? {})) queue.push({ name, from: directory, by: next.name });
  }
  return [...found.values()];
}

/**
 * One row a package name: a name that is installed in two majors stands once. Versions are left out: they move daily.
 */
function rows(list) {
  const byName = new Map(list.map((one) => [one.name, one]));
  return [...byName.values()]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, manifest, directory, by }) => {
      const real = manifest.name === name ? name : `${name} (${manifest.name})`;
      const scripts = installScripts(manifest, directory) || 'none';
      return `| ${real} | ${licenceOf(manifest, directory)} | ${scripts} | ${by} |`;
    });
}

function licenceOf(manifest, directory) {
  const declared = manifest.license ?? manifest.licenses?.map(({ type }) => type).join(' or ');
  if (declared === undefined) throw new Error(`${directory}: no licence in package.json`);
  return typeof declared === 'string' ? declared : declared.type;
}

const installed = (name) => locate(name, root) !== undefined;
const manifest = read(path.join(root, 'package.json'));
const plain = reachable(Object.keys(manifest.dependencies));
const optional = reachable(Object.keys(manifest.optionalDependencies)).filter(
  ({ directory }) => !plain.some((one) => one.directory === directory),
);

function page() {
  const head = ['| package | licence | runs at install | asked for by |', '|---|---|---|---|'];
  return [
    '# What an installation brings',
    '',
    'Written by `node scripts/list-dependencies.js` from the manifests of the installed packages. Why each direct ' +
      'dependency is there:',
    '[CONTRIBUTING.md](../CONTRIBUTING.md). Development dependencies are not installed by users and are not listed.',
    '',
    '## Dependencies',
    '',
    ...head,
    ...rows(plain),
    '',
    '## Optional: used where they install, done without elsewhere',
    '',
    ...head,
    ...rows(optional),
    '',
    'Packages that hold a prebuilt binary for one platform (of lz4-napi and koffi) come with the package that names ' +
      'them, under its licence.',
    'With `npm install --ignore-scripts` nothing is run at install: mapping then goes through koffi, whose binary ' +
      'npm brings ready-made.',
    '',
  ].join('\n');
}

/** What is wrong with what is installed here, a line each. */
function complaints() {
  const text = existsSync(target) ? readFileSync(target, 'utf8') : '';
  const direct = [...plain, ...optional].filter(({ by }) => by === manifest.name);
  const missing = rows(direct).filter((row) => !text.includes(row));
  const unknown = [...plain, ...optional].filter((one) => !LICENCES.test(licenceOf(one.manifest, one.directory)));
  const running = [...plain, ...optional].filter(
    (one) => installScripts(one.manifest, one.directory) !== '' && !MAY_RUN_AT_INSTALL.includes(one.name),
  );
  return [
    ...missing.map((row) => `docs/dependencies.md lacks ${row}: run node scripts/list-dependencies.js`),
    ...unknown.map((one) => `${one.name}: licence ${licenceOf(one.manifest, one.directory)} was not looked at yet`),
    ...running.map(
      (one) => `${one.name} (asked for by ${one.by}) runs at install: ${installScripts(one.manifest, one.directory)}`,
    ),
  ];
}

const absent = Object.keys(manifest.optionalDependencies).filter((name) => !installed(name));
if (process.argv.includes('--check')) {
  if (absent.length > 0) console.warn(`list-dependencies: ${absent.join(', ')} not installed here and not looked at`);
  const wrong = complaints();
  for (const line of wrong) console.error(`list-dependencies: ${line}`);
  if (wrong.length > 0) process.exitCode = 1;
} else if (absent.length > 0) {
  console.error(
    `list-dependencies: not written: ${absent.join(', ')} not installed here, so the list would not be whole`,
  );
  process.exitCode = 1;
} else writeFileSync(target, page());
