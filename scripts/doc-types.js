// Checks every block of TypeScript in documentation pages against the types of the build, all of them in one program:
//   node scripts/doc-types.js PAGE …
// A block is a module of its own, with its setup before it (scripts/doc-blocks.js).
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { blocksOf, COMPILER_OPTIONS } from './doc-blocks.js';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const options = {
  ...COMPILER_OPTIONS,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
  types: ['node'],
  strict: true,
  skipLibCheck: true,
  noEmit: true,
};

/** Source by the name of a file that is not on the disk; below this package, so that `atc-memory` is this build. */
function sourcesOf(pages) {
  const sources = new Map();
  for (const page of pages) {
    for (const { language, tag, code, setup, line } of blocksOf(page)) {
      if (language !== 'ts' || tag === 'runner') continue;
      const file = path.join(root, '.cache', `${path.basename(page, '.md')}-${line}.ts`);
      sources.set(file, { page, line, text: `${setup}\n${code}\nexport {};\n` });
    }
  }
  return sources;
}

export function typeErrors(pages) {
  const sources = sourcesOf(pages);
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile } = host;
  host.fileExists = (file) => sources.has(file) || fileExists(file);
  host.readFile = (file) => sources.get(file)?.text ?? readFile(file);
  host.getCurrentDirectory = () => root;
  const getSourceFile = host.getSourceFile;
  host.getSourceFile = (file, target, ...rest) => {
    const source = sources.get(file);
    return source === undefined
      ? getSourceFile(file, target, ...rest)
      : ts.createSourceFile(file, source.text, {
          languageVersion: ts.ScriptTarget.ES2022,
          impliedNodeFormat: ts.ModuleKind.ESNext,
        });
  };
  const program = ts.createProgram([...sources.keys()], options, host);
  const errors = ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const text = ts.flattenDiagnosticMessageText(messageText, '\n');
    const source = file === undefined ? undefined : sources.get(file.fileName);
    if (source === undefined) return text;
    const row = file.getLineAndCharacterOfPosition(start).line;
    return `${source.page}:${source.line}: ${source.text.split('\n')[row].trim()}: ${text}`;
  });
  return { count: sources.size, errors };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { count, errors } = typeErrors(process.argv.slice(2));
  for (const error of errors) console.error(error);
  console.log(`doc-types: ${count} blocks`);
  process.exitCode = errors.length > 0 ? 1 : 0;
}
