/**
 * The roles of processes that are killed at a call (kill-calls.mjs runs them). One prepares a scenario and changes it,
 * with the shim told to kill the process before or after its n-th call; one counts the calls of a change; one looks,
 * without the shim, at what killed ones have left.
 */
import fs from 'node:fs';
import path from 'node:path';
import { arm, counted, disarm } from './control.mjs';

const ALL_KINDS = 4095;
const [KILL_BEFORE, KILL_AFTER] = [2, 3];

/** Runs the role that the environment names; true when there is one. */
export async function playRole(scenarios) {
  const { ATC_KILL_ROLE: role, ATC_KILL_DIR: directory, ATC_KILL_NAME: name, ATC_KILL_NTH: nth } = process.env;
  if (role === undefined) return false;
  if (role === 'names') console.log(JSON.stringify(scenarios.map((scenario) => scenario.name)));
  else {
    const scenario = scenarios.find((one) => one.name === name);
    if (role === 'look') console.log(JSON.stringify(await lookAtAll(scenario, directory)));
    else await change(scenario, directory, role, Number(nth));
  }
  return true;
}

async function change(scenario, directory, role, nth) {
  fs.mkdirSync(directory, { recursive: true });
  const context = await scenario.prepare(directory);
  arm(ALL_KINDS, role === 'count' ? 2 ** 30 : nth, 0, role === 'after' ? KILL_AFTER : KILL_BEFORE, 0);
  await scenario.act(context);
  const calls = counted();
  disarm();
  // It made fewer calls than the one that was counted: what it has done is looked at as it is.
  if (role === 'count') await scenario.end?.(context);
  console.log(JSON.stringify({ calls }));
}

/** What was wrong with each directory `<n>-<before|after>` below `directory`. */
async function lookAtAll(scenario, directory) {
  const model = path.join(directory, 'model');
  fs.mkdirSync(model);
  const problems = [];
  let looked = 0;
  for (const name of fs.readdirSync(directory)) {
    if (name === 'model') continue;
    // A context of the same form, whose paths lead to what the dead process had.
    const own = path.join(model, name);
    fs.mkdirSync(own);
    const context = await scenario.prepare(own);
    try {
      await scenario.look(moved(context, own, path.join(directory, name)), {});
    } catch (error) {
      problems.push({ scenario: scenario.name, killed: name, problem: String(error.stack).slice(0, 600) });
    }
    looked++;
    await scenario.end?.(context);
  }
  return { looked, problems };
}

function moved(context, from, to) {
  const at = (text) => (text.startsWith(from) ? to + text.slice(from.length) : text);
  return Object.fromEntries(
    Object.entries(context).map(([key, value]) => {
      if (typeof value === 'string') return [key, at(value)];
      // Generations are their directory.
      if (value?.constructor?.name === 'Generations') return [key, new value.constructor(at(value.directory))];
      return [key, value];
    }),
  );
}
