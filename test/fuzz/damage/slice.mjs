/** Runs the cases [from, to) of a seed; every case depends on its number alone. */
import { Dice, resized, sameBytes, scratchBytes } from './dice.mjs';

/** A reader that takes longer than this, or grows the process by more than that, fails whatever it answers. */
const MOST_MS = 1000;
const MOST_KIB = 256 * 1024;
/** What a reader may answer to bytes that are not what was written; ARGUMENT for values beyond `maxBytes`. */
const CODES = ['CORRUPT', 'FORMAT_VERSION', 'ARGUMENT', 'UNSUPPORTED'];
const TILED_BYTES = 1 << 15;
const MOST_PROBLEMS = 20;

/**
 * @param targets  by name: those of memory-targets.mjs, or with `run` of their own (disk-targets.mjs)
 * @param weights  how often each is chosen
 */
export async function runSlice({ targets, weights, seed, from, to }) {
  const wheel = Object.entries(weights).flatMap(([name, weight]) => Array(weight).fill(name));
  const counts = {};
  const problems = [];
  let slowestMs = 0;
  for (const target of Object.values(targets)) target.baselines ??= target.samples?.map(target.read);
  for (let number = from; number < to && problems.length < MOST_PROBLEMS; number++) {
    const dice = new Dice(seed, number);
    const name = dice.pick(wheel);
    const before = process.resourceUsage().maxRSS;
    const started = cpuMs();
    let verdict;
    try {
      verdict = await (targets[name].run?.(dice) ?? damageOne(targets[name], dice));
    } catch (error) {
      problems.push({ seed, number, name, problem: String(error?.stack ?? error).slice(0, 9000) });
      verdict = 'wrong';
    }
    const ms = cpuMs() - started;
    const grownKib = process.resourceUsage().maxRSS - before;
    slowestMs = Math.max(slowestMs, ms);
    if (ms > MOST_MS) problems.push({ seed, number, name, problem: `it took ${Math.round(ms)} ms` });
    if (grownKib > MOST_KIB) problems.push({ seed, number, name, problem: `it took ${grownKib} KiB` });
    const key = `${name} ${verdict}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return {
    counts,
    problems,
    slowestMs: Math.round(slowestMs),
    peakMib: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}

/** Of this process: another one on the same core must not count. */
function cpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** The verdict: `same` (nothing was changed), `whole`, `forged`, `skipped`, or the code of the error. */
function damageOne(target, dice) {
  const { samples, baselines, reseal, read, check } = target;
  const sample = dice.below(samples.length);
  let { bytes, isSealed } = damaged(target, sample, dice);
  if (dice.below(4) > 0) {
    const sealed = reseal(bytes, sample, dice);
    if (sealed !== undefined) [bytes, isSealed] = [sealed, true];
  }
  if (samples.some((one) => sameBytes(one, bytes))) return 'same';
  const found = answer(read, bytes);
  if (check !== undefined && dice.chance(4)) answer(check, bytes);
  if (target.twin !== undefined && dice.chance(4)) {
    const other = target.twin(() => answer(read, bytes));
    if (other.text !== found.text || other.code !== found.code)
      throw new Error(`the twin answers ${other.code ?? 'otherwise'}, not ${found.code ?? 'the same'}: ${hex(bytes)}`);
  }
  if (found.code !== undefined) return found.code;
  if (target.isOpen) return 'read';
  if (target.skips) {
    const written = new Set(baselines.flatMap((text) => JSON.parse(text).map((one) => JSON.stringify(one))));
    const foreign = JSON.parse(found.text).find((one) => !written.has(JSON.stringify(one)));
    if (foreign !== undefined && !isSealed) throw new Error(`a record that nobody wrote: ${hex(bytes)}`);
    return isSealed ? 'forged' : 'skipped';
  }
  if (found.text === baselines[sample]) return 'whole';
  if (!isSealed || target.isBound) throw new Error(`wrong data from damaged bytes: ${hex(bytes)}`);
  return 'forged';
}

/**
 * Two frames that are joined where a part with a checksum of its own ends count as sealed, and so does a whole file
 * behind another one: each part is whole, and no checksum covers which belongs to which.
 */
function damaged({ samples, part, isSeam }, sample, dice) {
  const original = samples[sample];
  if (dice.chance(400)) return { bytes: tiled(original, dice), isSealed: false };
  if (dice.chance(6)) {
    const other = dice.pick(samples);
    const { bytes, at } = resized(original, other, dice);
    const isBehind = bytes.length > other.length && sameBytes(bytes.subarray(bytes.length - other.length), other);
    return { bytes, isSealed: isBehind || joints(original, other, at).some((one) => isSeam?.(sample, one) === true) };
  }
  const bytes = original.slice();
  const [from, to] = part?.(sample, dice) ?? [0, bytes.length];
  for (let n = 1 + dice.below(3); n > 0; n--) scratchBytes(bytes, from, to, dice);
  return { bytes, isSealed: false };
}

/** Where a join of the two at `at` may as well be: both have the same bytes around it. */
function joints(one, other, at) {
  const found = [at];
  for (let k = at; k > 0 && one[k - 1] === other[k - 1]; k--) found.push(k - 1);
  for (let k = at; k < one.length && one[k] === other[k]; k++) found.push(k + 1);
  return found;
}

/** A part again and again: what takes a reader long. */
function tiled(original, dice) {
  const from = dice.below(original.length);
  const tile = original.subarray(from, from + 1 + dice.below(64));
  const bytes = new Uint8Array(original.length + TILED_BYTES);
  bytes.set(original.subarray(0, from));
  for (let at = from; at + tile.length <= bytes.length; at += tile.length) bytes.set(tile, at);
  bytes.set(original.subarray(from), bytes.length - (original.length - from));
  return bytes;
}

function answer(read, bytes) {
  try {
    return { text: read(bytes) };
  } catch (error) {
    if (error?.isPart) return { code: 'part' };
    if (error?.name === 'AtcError' && CODES.includes(error.code)) return { code: error.code };
    throw new Error(`${error?.stack}: ${hex(bytes)}`);
  }
}

const hex = (bytes) => Buffer.from(bytes.subarray(0, 2000)).toString('hex');
