// Preloaded by a test into a process and its threads: counts what each of them does for a dataset as a whole, and
// appends it to the file ATC_COUNT_LOG as it happens, since threads are ended without notice.
const fs = require('node:fs');
const crypto = require('node:crypto');
const { Worker, threadId } = require('node:worker_threads');
const { syncBuiltinESMExports } = require('node:module');

const log = process.env.ATC_COUNT_LOG;
const { appendFileSync } = fs;
const count = (what) => appendFileSync(log, `${threadId} ${what}\n`);

function counting(object, method, what) {
  const original = object[method];
  object[method] = function (...given) {
    const name = what(...given);
    if (name !== undefined) count(name);
    return original.apply(this, given);
  };
}

const opened = (file) => (String(file).endsWith('catalogue.json') ? 'catalogue' : undefined);
for (const method of ['openSync', 'readFileSync']) counting(fs, method, opened);
counting(crypto, 'createHash', (algorithm) => (algorithm === 'sha256' ? 'hash' : undefined));
counting(Worker.prototype, 'postMessage', () => 'message');
syncBuiltinESMExports();
