/** The control file of the shim: what it counts, and what it does to which call (shim.c). */
import fs from 'node:fs';

const file = process.env.ATC_FAULT_CONTROL;
const control = file && fs.openSync(file, 'r+');
const BYTES = 32;

function setControl(...fields) {
  const bytes = Buffer.alloc(BYTES);
  fields.forEach((value, k) => {
    bytes.writeInt32LE(value, k * 4);
  });
  fs.writeSync(control, bytes, 0, BYTES, 0);
}

function field(index) {
  const bytes = Buffer.alloc(BYTES);
  fs.readSync(control, bytes, 0, BYTES, 0);
  return bytes.readInt32LE(index * 4);
}

export const arm = (kinds, nth, error, mode, sticky) => setControl(1, kinds, nth, error, mode, sticky, 0, 0);
export const disarm = () => setControl(0);
/** Calls of these kinds since `arm`. */
export const counted = () => field(6);
/** Calls hit since `arm`. */
export const fired = () => field(7);
