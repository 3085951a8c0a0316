/** `atc verify`: reads everything and checks every checksum. */
import { Command } from 'commander';
import { isFrame } from '../../codec/frame-format.js';
import { verifyFrameSteps } from '../../codec/frame-verify.js';
import { verifyDataset } from '../../dataset/verify.js';
import { AtcError } from '../../errors.js';
import { openFileReader } from '../../io/file-reader.js';
import { isDirectory } from '../../io/path-kind.js';
import { Turns } from '../../io/turns.js';
import { requireLocal } from '../../remote-url.js';
import { candleStoreFacts, isCandleStore } from '../candle-store-report.js';
import { interruptSignal } from '../interrupt.js';
import { printOut } from '../output.js';
import { createProgress } from '../progress.js';
import { formatBytes, formatCount, formatNumber } from '../text.js';

export function verifyCommand(): Command {
  return new Command('verify')
    .description('check every byte of a dataset or a packed file')
    .argument('<path>', 'a dataset, a candle store or a packed file (.atc)')
    .option('--json', 'print the outcome as JSON')
    .action(async (target: string, flags: { json?: boolean }) => {
      requireLocal(target);
      const report = isDirectory(target)
        ? await verifyDirectory(target, flags.json === true)
        : await verifyFile(target);
      printOut(flags.json === true ? JSON.stringify({ ok: true, ...report.facts }) : `${target}: ${report.text}`);
    });
}

async function verifyDirectory(directory: string, quiet: boolean) {
  if (isCandleStore(directory)) {
    const facts = await candleStoreFacts(directory, true);
    const { series, candles, byteLength } = facts;
    const what = `${formatCount(series.length)} series, ${formatNumber(candles, 'candle')}`;
    return { facts, text: `ok, ${what}, ${formatBytes(byteLength)} checked` };
  }
  const progress = createProgress('verify', 'rows', { quiet });
  try {
    const facts = await verifyDataset(directory, { signal: interruptSignal(), onRows: progress.update });
    const versions = facts.versions === 0 ? '' : `, ${formatNumber(facts.versions, 'retained version')}`;
    const what = `${formatNumber(facts.symbols, 'symbol')}, ${formatNumber(facts.rows, 'row')}${versions}`;
    const text = `ok, ${what}, ${formatBytes(facts.bytes)} checked`;
    return { facts, text };
  } finally {
    progress.stop();
  }
}

async function verifyFile(file: string) {
  const source = openFileReader(file);
  try {
    if (!isFrame(source.read(0, Math.min(16, source.byteLength)))) {
      throw new AtcError('UNSUPPORTED', `${file} is not a frame of this package, so there are no checksums to check`, {
        path: file,
      });
    }
    const facts = await inTurns(verifyFrameSteps(source));
    const codecs = Object.entries(facts.codecs).map(([name, count]) => `${name} ${count}`);
    return {
      facts,
      text:
        `ok, ${formatNumber(facts.rows, 'row')} in ${formatNumber(facts.blocks, 'block')}, chunks: ` +
        `${codecs.join(', ')}`,
    };
  } finally {
    source.close();
  }
}

/** Ctrl-C is heard between two steps. */
async function inTurns<Result>(steps: Generator<void, Result>): Promise<Result> {
  const turns = new Turns(interruptSignal());
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (turns.due) await turns.take();
  }
}
