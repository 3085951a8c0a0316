import { useWorkspace } from '../io/workspace.js';

export const workspace = useWorkspace();
let number = 0;
export const fresh = (extension = 'npy') => workspace.at(`array-${number++}.${extension}`);
export const ramp = (length: number) => Float64Array.from({ length }, (_, i) => i / 3 - 5);

export const HOSTILE = [
  -0,
  Number.NaN,
  Infinity,
  -Infinity,
  5e-324,
  2 ** 53 - 1,
  2 ** 53,
  2 ** 53 + 2,
  Number.MAX_VALUE,
];
