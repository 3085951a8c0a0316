/**
 * A study on disk: `study.json` says what is searched, `units/` has what is finished (trials [a, b) over one symbol, a
 * file each, complete or absent), and once all is finished `trials.frame` and `report.json` take their place. What is
 * in the files depends on the study alone: not on how often it was stopped, nor on how many processes worked on it.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { AtcError } from '../errors.js';
import { writeFileAtomicSync } from '../io/atomic-file.js';
import { createHash } from '../io/crypto.js';
import { attempt } from '../io/io-error.js';
import { isPresent, readText } from '../io/json-file.js';
import { decodeValue, encodeValue } from '../value/value-frame.js';
import type { Evaluation } from './evaluate.js';
