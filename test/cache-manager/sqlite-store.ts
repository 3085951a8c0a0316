/**
 * A Keyv store in an SQLite file, with the table of @keyv/sqlite: one text column for values. The engine is SQLite
 * built for WASM.
 */
import { EventEmitter } from 'node:events';
import sqlite from 'node-sqlite3-wasm';

export type SqliteDatabase = InstanceType<typeof sqlite.Database>;

/** One database may be behind several stores, each with its own namespace. */
export function openSqlite(file: string): SqliteDatabase {
  const database = new sqlite.Database(file);
  database.exec('CREATE TABLE IF NOT EXISTS keyv (key VARCHAR(255) PRIMARY KEY, value TEXT)');
  return database;
}

export class SqliteStore extends EventEmitter {
  namespace?: string;
  readonly opts = { dialect: 'sqlite', url: 'sqlite://' };

  readonly #database: SqliteDatabase;

  constructor(database: SqliteDatabase) {
    super();
    this.#database = database;
  }

  async get(key: string): Promise<string | undefined> {
    return this.#rows('SELECT value FROM keyv WHERE key = ?', [key])[0]?.value;
  }

  async getMany(keys: string[]): Promise<(string | undefined)[]> {
    return Promise.all(keys.map((key) => this.get(key)));
  }

  async set(key: string, value: string): Promise<void> {
    if (typeof value !== 'string') throw new TypeError('this store keeps text');
    this.#database.run('INSERT INTO keyv VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value', [
      key,
      value,
    ]);
  }

  async delete(key: string): Promise<boolean> {
    return this.#database.run('DELETE FROM keyv WHERE key = ?', [key]).changes > 0;
  }

  async clear(): Promise<void> {
    this.#database.run('DELETE FROM keyv WHERE key LIKE ?', [this.namespace ? `${this.namespace}:%` : '%']);
  }

  async *iterator(namespace?: string): AsyncGenerator<[string, string]> {
    const like = namespace ? `${namespace}:%` : '%';
    for (const { key, value } of this.#rows('SELECT key, value FROM keyv WHERE key LIKE ?', [like])) yield [key, value];
  }

  #rows(sql: string, values: string[]): { key: string; value: string }[] {
    return this.#database.all(sql, values) as { key: string; value: string }[];
  }
}
