/** `atc verify`: reads everything and checks every checksum. */
import { Command } from 'commander';
import { isFrame } from '../../codec/frame-layout.js';
import { verifyFrame } from '../../codec/frame-verify.js';
import { verifyDataset } from '../../dataset/verify.js';
import { AtcError } from '../../errors.js';
import { openFileReader } from '../../io/file-reader.js';
import { isDirectory } from '../../io/path-kind.js';
import { createProgress } from '../progress.js';
import { formatBytes, formatCount } from '../text.js';

export function verifyCommand(): Command {
  return new Command('verify')
    .description('check every byte of a dataset or a packed file')
    .argument('<path>', 'a dataset directory or a frame (.atc)')
    .option('--json', 'print the outcome as JSON')
    .action((target: string, flags: { json?: boolean }) => {
      const report = isDirectory(target) ? verifyDirectory(target) : verifyFile(target);
      process.stdout.write(
        `${flags.json === true ? JSON.stringify({ ok: true, ...report.facts }) : `${target}: ${report.text}`}\n`,
      );
    });
}

function verifyDirectory(directory: string) {
  const progress = createProgress('verify', 'symbols');
  try {
    const facts = verifyDataset(directory, (_symbol, done) => progress.update(done));
    const text = `ok, ${formatCount(facts.symbols)} symbols, ${formatCount(facts.rows)} rows, ${formatBytes(facts.bytes)} checked`;
    return { facts, text };
  } finally {
    progress.stop();
  }
}

function verifyFile(file: string) {
  const source = openFileReader(file);
  try {
    if (!isFrame(source.read(0, Math.min(16, source.byteLength)))) {
      throw new AtcError('UNSUPPORTED', `${file} is not a frame of this package, so there are no checksums to check`, {
        path: file,
      });
    }
    const facts = verifyFrame(source);
    const codecs = Object.entries(facts.codecs).map(([name, count]) => `${name} ${count}`);
    return {
      facts,
      text: `ok, ${formatCount(facts.rows)} rows in ${formatCount(facts.blocks)} blocks, chunks: ${codecs.join(', ')}`,
    };
  } finally {
    source.close();
  }
}
