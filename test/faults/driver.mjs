/**
 * Runs write paths under injected faults, in a process with the shim (shim.c) loaded. A scenario prepares a directory,
 * changes it while faults are armed, and says afterwards whether what can be read is the state before the change or the
 * one after it. Around that the driver counts descriptors, marks of owners and unfinished files.
 *
 * @typedef {object} Scenario
 * @property {string} name
 * @property {(directory: string) => Promise<object>} prepare  makes the state before, in a directory of its own;
 *   faults are off
 * @property {(context: object) => Promise<unknown>} act  the change; faults are on
 * @property {(context: object, outcome: { error?: any }) => Promise<'before' | 'after' | 'either'>} look
 *   what is there, read anew; throws for anything else
 * @property {(context: object) => Promise<void>} [end]  closes what `prepare` has opened
 */
import fs from 'node:fs';
import path from 'node:path';
import { arm, disarm, fired } from './control.mjs';
import { playRole } from './kill-roles.mjs';

const KINDS = {
  open: 1,
  read: 2,
  write: 4,
  sync: 8,
  rename: 16,
  link: 32,
  unlink: 64,
  mkdir: 128,
  list: 256,
  stat: 512,
  close: 1024,
  map: 2048,
};
const ERRORS = { ENOSPC: 28, EIO: 5, EMFILE: 24, EACCES: 13, EROFS: 30 };
/** Errors that a kind of call does not give are left out; a short transfer is none of the errors. */
const FAULTS = {
  open: ['ENOSPC', 'EIO', 'EMFILE', 'EACCES', 'EROFS'],
  read: ['EIO', 'short'],
  write: ['ENOSPC', 'EIO', 'short'],
  sync: ['EIO', 'ENOSPC'],
  rename: ['ENOSPC', 'EIO', 'EACCES', 'EROFS'],
  link: ['ENOSPC', 'EIO', 'EACCES', 'EROFS'],
  unlink: ['EIO', 'EACCES', 'EROFS'],
  mkdir: ['ENOSPC', 'EIO', 'EACCES', 'EROFS'],
  list: ['EIO', 'EMFILE', 'EACCES'],
  stat: ['EIO', 'EACCES'],
  close: ['EIO', 'ENOSPC'],
  map: ['EACCES', 'EMFILE'],
};
/** What was removed late is removed within this: a removal that failed is tried again every second. */
const SETTLE_MS = 2500;
const root = process.env.ATC_FAULT_DIR;

/** A generator of numbers in [0, 1) that a seed repeats. */
function randomOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Names below `directory` that only an unfinished change, a lock or a lease has. */
export function leftovers(directory) {
  return fs
    .readdirSync(directory, { recursive: true })
    .filter((name) => /\.atc-(tmp|lock)$|^(lease|doomed)\.\d|\/(lease|doomed)\.\d/.test(name));
}

/** Descriptors of files below `directory`. */
function descriptors(directory) {
  return fs.readdirSync('/proc/self/fd').flatMap((name) => {
    try {
      const target = fs.readlinkSync(`/proc/self/fd/${name}`);
      return target.startsWith(directory) ? [target] : [];
    } catch {
      return [];
    }
  });
}

/** Every fault there is to try, in an order that a seed decides. */
function plans(random) {
  const all = Object.entries(FAULTS).flatMap(([kind, faults]) =>
    faults.flatMap((fault) => [0, 1].map((sticky) => ({ kind, fault, sticky }))),
  );
  return all
    .map((plan) => [random(), plan])
    .sort(([a], [b]) => a - b)
    .map(([, plan]) => plan);
}

/**
 * Prints one line of JSON: how many faults were tried by scenario, and what went wrong. ATC_FAULT_SEED repeats a run;
 * ATC_FAULT_CASES bounds the number of faults of all scenarios together (0: all of them); ATC_FAULT_ONLY, a regular
 * expression, chooses scenarios by name.
 */
export async function campaign(all) {
  if (await playRole(all)) return;
  const only = new RegExp(process.env.ATC_FAULT_ONLY ?? '');
  const scenarios = all.filter(({ name }) => only.test(name));
  const seed = Number(process.env.ATC_FAULT_SEED ?? 1);
  const most = Number(process.env.ATC_FAULT_CASES ?? 0) || Infinity;
  const random = randomOf(seed);
  const counts = {};
  const problems = [];
  const share = Math.ceil(most / scenarios.length);
  for (const scenario of scenarios) {
    let done = 0;
    for (const plan of plans(random)) {
      if (done >= share) break;
      // A bounded run takes some of the calls, a full one every call until no further one is made.
      for (let nth = 1; done < share; nth += most === Infinity ? 1 : 1 + Math.floor(random() * 6)) {
        const { hits, problem } = await tryOne(scenario, plan, nth);
        if (hits === 0) break;
        done += 1;
        if (problem) problems.push({ scenario: scenario.name, ...plan, nth, problem });
      }
    }
    counts[scenario.name] = done;
  }
  console.log(JSON.stringify({ seed, counts, problems: problems.slice(0, 20), wrong: problems.length }));
}

let rounds = 0;

async function tryOne(scenario, { kind, fault, sticky }, nth) {
  const directory = path.join(root, `${scenario.name}-${rounds++}`);
  fs.mkdirSync(directory);
  let hits = 0;
  try {
    const context = await scenario.prepare(directory);
    const outcome = {};
    arm(KINDS[kind], nth, ERRORS[fault] ?? 0, fault === 'short' ? 1 : 0, sticky);
    try {
      await scenario.act(context);
    } catch (error) {
      outcome.error = error;
    }
    hits = fired();
    disarm();
    return { hits, problem: await judge(scenario, context, directory, outcome) };
  } catch (error) {
    disarm();
    return { hits: Math.max(hits, 1), problem: `it could not be read afterwards: ${error?.code} ${error?.message}` };
  } finally {
    fs.rmSync(directory, { recursive: true, force: true });
  }
}

async function judge(scenario, context, directory, outcome) {
  const { error } = outcome;
  const state = await scenario.look(context, outcome);
  await scenario.end?.(context);
  if (error === undefined && state === 'before') return 'it was acknowledged and is not there';
  if (error !== undefined) {
    if (error.name !== 'AtcError') return `a raw error: ${error.stack}`;
    if (error.code !== 'IO' && error.code !== 'UNSUPPORTED') return `${error.code} instead of IO: ${error.message}`;
    if (error.applied === true && state === 'before') return 'it says that it was applied, and it was not';
    if (error.applied === undefined && state === 'after')
      return `it was rejected, is there, and does not say so: ${error.message}`;
  }
  const until = performance.now() + SETTLE_MS;
  let left = [];
  do {
    left = [...leftovers(directory), ...descriptors(directory)];
    if (left.length === 0) return undefined;
    await new Promise((resolve) => setTimeout(resolve, 100));
  } while (performance.now() < until);
  return `left behind: ${left.join(', ')}`;
}
