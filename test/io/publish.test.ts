/** A publication that fails at any of its steps leaves what was there, says whether it is in force, and no files. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { AtcError } from '../../src/errors.js';
import { DirectoryWriter } from '../../src/io/atomic-directory.js';
import { publish } from '../../src/io/publish.js';
import { useWorkspace } from './workspace.js';

const workspace = useWorkspace();
const failure = (applied?: true) => new AtcError('IO', 'the disk is full', { path: 'x', applied });

/** `writer: false`: a generation that differs in its catalogue only. */
interface Shape {
  readonly writer?: false;
  /** What readers see in the end, where it is not what `show` did. */
  readonly seen?: number;
}
type Steps = Shape &
  Partial<Record<'requireHeld' | 'beforeShown' | 'show' | 'shown' | 'collect', (directory: string) => void>>;
let rounds = 0;

/** Publishes g2 over g1 in a directory of its own, with what the steps do besides. */
function publishOne({ requireHeld, beforeShown, show, collect, shown, ...shape }: Steps) {
  const directory = workspace.at(`d${rounds++}`);
  mkdirSync(path.join(directory, 'g1'), { recursive: true });
  const writer =
    shape.writer === false ? undefined : new DirectoryWriter(path.join(directory, 'g2'), { durability: 'process' });
  if (writer !== undefined) writeFileSync(path.join(writer.temporary, 'x'), 'new');
  let generation = 1;
  let error: AtcError | undefined;
  try {
    publish({
      directory,
      lock: { requireHeld: () => requireHeld?.(directory), release: () => undefined },
      generation: 2,
      writer,
      ...(beforeShown && { beforeShown: () => beforeShown(directory) }),
      show: () => {
        show?.(directory);
        generation = 2;
      },
      shown: () => {
        shown?.(directory);
        return shape.seen ?? generation;
      },
      collect: () => collect?.(directory),
    });
  } catch (thrown) {
    error = thrown as AtcError;
  }
  return { directory, error, names: readdirSync(directory).sort(), isThere: existsSync(path.join(directory, 'g2/x')) };
}

const fail = () => {
  throw failure();
};
const failApplied = () => {
  throw failure(true);
};
/** Fails the second time. */
const failLater = () => {
  let calls = 0;
  return () => {
    if (++calls === 2) throw failure();
  };
};

test('a publication shows its files', () => {
  expect(publishOne({})).toMatchObject({ error: undefined, names: ['g1', 'g2'], isThere: true });
});

test.each([
  ['the lock is lost before anything is committed', { requireHeld: fail }],
  ['the lock is lost before it is shown', { requireHeld: failLater() }],
  ['the step before it is shown fails', { beforeShown: fail }],
  ['the step before it is shown fails after a rename of its own', { beforeShown: failApplied }],
  ['showing it fails', { show: fail }],
])('nothing is left when %s', (_, steps) => {
  const { error, names } = publishOne(steps);
  expect(error?.code).toBe('IO');
  expect(error?.applied).toBeUndefined();
  expect(names).toEqual(['g1']);
});

test('a renamed generation is in force whatever comes after the rename', () => {
  const { error, names, isThere } = publishOne({ show: failApplied });
  expect(error).toMatchObject({ code: 'IO', applied: true });
  expect([names, isThere]).toEqual([['g1', 'g2'], true]);
});

test('files stay while it is unknown whether they are in force', () => {
  const { error, names } = publishOne({ show: fail, shown: fail });
  expect(error?.applied).toBeUndefined();
  expect(names).toEqual(['g1', 'g2']);
});

test('a location that another process has taken is not touched', () => {
  const { directory, error, names } = publishOne({
    requireHeld: (directory) => mkdirSync(path.join(directory, 'g2/theirs'), { recursive: true }),
  });
  expect(error?.message).toContain('exists already');
  expect(names).toEqual(['g1', 'g2']);
  expect(readdirSync(path.join(directory, 'g2'))).toEqual(['theirs']);
});

test('files that cannot be collected are left to the next writer; other errors are reported', () => {
  expect(publishOne({ collect: fail })).toMatchObject({ error: undefined, isThere: true });
  const wrong = new Error('a mistake');
  const collect = () => {
    throw wrong;
  };
  expect(publishOne({ collect }).error).toBe(wrong);
});

test('a generation without files of its own is published and refused alike', () => {
  expect(publishOne({ writer: false })).toMatchObject({ error: undefined, names: ['g1'] });
  for (const steps of [{ requireHeld: fail }, { show: fail }]) {
    const { error, names } = publishOne({ writer: false, ...steps });
    expect([error?.code, error?.applied, names]).toEqual(['IO', undefined, ['g1']]);
  }
});

test('a directory instead of the pointer publishes nothing, and the new files are deleted', () => {
  const blocked = () => {
    const cause = Object.assign(new Error('EISDIR: illegal operation on a directory'), { code: 'EISDIR' });
    throw new AtcError('IO', 'cannot read', { path: 'x', cause });
  };
  const { error, names } = publishOne({ show: fail, shown: blocked });
  expect([error?.code, error?.applied, names]).toEqual(['IO', undefined, ['g1']]);
});

test('what readers see is in force, whatever showing it reported', () => {
  let isShown = false;
  const { error, names } = publishOne({
    // The rename has happened and its answer was lost.
    show: () => {
      isShown = true;
      throw failure();
    },
    shown: () => {
      if (!isShown) throw failure();
    },
    seen: 2,
  });
  expect([error?.applied, names]).toEqual([true, ['g1', 'g2']]);
});
