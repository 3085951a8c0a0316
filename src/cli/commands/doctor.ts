/** `atc doctor`: what works on this machine, and what to do about what does not. */
import { Command } from 'commander';
import { compressionBackends } from '../../codec/natives.js';
import { loadConfig } from '../../config/load.js';
import { isAtcError } from '../../errors.js';
import { probeWritable } from '../../io/path-kind.js';
import { listBackends, selectBackend } from '../../io/select-backend.js';
import { readForgotten } from '../../services/forgotten-marks.js';
import { EXIT } from '../exit.js';
import { escapeLine, printOut } from '../output.js';
import { packageVersion } from '../version.js';

interface Finding {
  readonly what: string;
  readonly state: 'ok' | 'note' | 'problem';
  readonly detail: string;
}

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('check what works on this machine')
    .option('--json', 'print the findings as JSON')
    .action(async (flags: { json?: boolean }) => {
      const findings = [...platform(), ...backends(), ...compression(), ...(await configuration())];
      const marks = { ok: 'ok     ', note: 'note   ', problem: 'PROBLEM' };
      const lines = findings.map(({ what, state, detail }) => `${marks[state]} ${what}: ${escapeLine(detail)}`);
      printOut(flags.json === true ? JSON.stringify(findings) : lines.join('\n'));
      if (findings.some(({ state }) => state === 'problem')) process.exitCode = EXIT.failed;
    });
}

function platform(): Finding[] {
  const { node } = process.versions;
  const [major, minor] = node.split('.').map(Number);
  const supported = major > 20 || (major === 20 && minor >= 19);
  return [
    { what: 'atc-memory', state: 'ok', detail: packageVersion() },
    {
      what: 'Node',
      state: supported ? 'ok' : 'problem',
      detail: `${node} on ${process.platform} ${process.arch}${supported ? '' : '; 20.19 or later is needed'}`,
    },
  ];
}

function backends(): Finding[] {
  const findings = listBackends().map(
    ({ name, available, reason }): Finding => ({
      what: `mapping with ${name}`,
      state: available ? 'ok' : 'note',
      detail: available ? 'available' : `not available (${reason})`,
    }),
  );
  const { name } = selectBackend('auto');
  const detail = name === 'read' ? 'read: files are read instead of mapped; same results, slower random access' : name;
  return [...findings, { what: 'mapping in use', state: name === 'read' ? 'note' : 'ok', detail }];
}

function compression(): Finding[] {
  const { lz4, inflate } = compressionBackends();
  return [
    {
      what: 'LZ4',
      state: lz4 === 'typescript' ? 'note' : 'ok',
      detail: `${lz4}${lz4 === 'typescript' ? ' (same bytes, slower)' : ''}`,
    },
    { what: 'inflate', state: 'ok', detail: inflate },
  ];
}

async function configuration(): Promise<Finding[]> {
  try {
    const config = await loadConfig();
    const problem = probeWritable(config.cacheDir);
    return [
      { what: 'configuration', state: 'ok', detail: config.file ?? 'no file found, defaults are in force' },
      {
        what: 'cache directory',
        state: problem === undefined ? 'ok' : 'problem',
        detail: problem ?? `${config.cacheDir} can be written`,
      },
      ...marks(config.cacheDir),
    ];
  } catch (error) {
    if (!isAtcError(error)) throw error;
    return [{ what: 'configuration', state: 'problem', detail: error.message }];
  }
}

/** Marked classes that were left over when a process ended. */
function marks(cacheDir: string): Finding[] {
  return Object.entries(readForgotten(cacheDir)).map(([name, at]) => ({
    what: `class ${name}`,
    state: 'note',
    detail: `marked and switched on, but the process that ended at ${at} wrapped no instance; docs/frameworks.md`,
  }));
}
