import path from 'node:path';
import { bytesOf } from '../../src/dtype.js';
import { useWorkspace } from '../io/workspace.js';

export const workspace = useWorkspace();
export const fixture = (name: string) => path.join(process.cwd(), 'test/array/fixtures', `${name}.npy`);
export const bits = (values: ArrayBufferView) => Buffer.from(bytesOf(values)).toString('hex');
