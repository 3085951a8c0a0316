import { CompressedFileStore, PackedMemoryStore, withCompression } from 'atc-memory/cache-manager';
import { Keyv, type KeyvOptions } from 'keyv';
import { useWorkspace } from '../io/workspace.js';
import { runKeyvSuite } from './keyv-suite.js';
import { openSqlite, SqliteStore } from './sqlite-store.js';

const workspace = useWorkspace();

/** Hands live `{ value, expires }` to its store. */
class ObjectKeyv extends Keyv {
  constructor(options: KeyvOptions) {
    super({ ...options, serialize: undefined, deserialize: undefined });
  }
}

/** The suite puts options on its stores. */
class MemoryStore extends Map {
  readonly opts = {};
}

/** Compresses everything, however small. */
class WrappedKeyv extends Keyv {
  constructor(options: KeyvOptions) {
    super(options);
    withCompression(this as Keyv, { minBytes: 0 });
  }
}

class WrappedObjectKeyv extends ObjectKeyv {
  constructor(options: KeyvOptions) {
    super(options);
    withCompression(this as Keyv, { minBytes: 0 });
  }
}

describe('CompressedFileStore, Keyv hands over values', () => {
  runKeyvSuite(ObjectKeyv, () => new CompressedFileStore({ directory: workspace.at('objects') }));
});

describe('CompressedFileStore, Keyv hands over its JSON', () => {
  runKeyvSuite(Keyv, () => new CompressedFileStore({ directory: workspace.at('text') }));
});

describe('CompressedFileStore with a size limit, below a Keyv that was wrapped', () => {
  runKeyvSuite(WrappedKeyv, () => new CompressedFileStore({ directory: workspace.at('limit'), maxBytes: 1e6 }));
});

describe('PackedMemoryStore', () => {
  runKeyvSuite(ObjectKeyv, () => new PackedMemoryStore());
});

describe('Map, wrapped', () => {
  runKeyvSuite(WrappedKeyv, () => new MemoryStore());
});

describe('Map of live values, wrapped', () => {
  runKeyvSuite(WrappedObjectKeyv, () => new MemoryStore());
});

describe('SQLite, wrapped', () => {
  const database = openSqlite(workspace.at('keyv.sqlite'));
  afterAll(() => database.close());
  runKeyvSuite(WrappedKeyv, () => new SqliteStore(database));
});
