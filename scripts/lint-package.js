// publint over what npm would publish; builds first because it looks at the files that `exports` names.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
execFileSync(process.execPath, [path.join(root, 'scripts/build.js')], { stdio: 'inherit' });
const { messages, pkg } = await publint({ pkgDir: root, level: 'suggestion', strict: true });
for (const message of messages) console.error(formatMessage(message, pkg));
if (messages.length > 0) process.exitCode = 1;
