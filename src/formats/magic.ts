/** The first bytes by which formats that are no text are known. Nothing of what reads them is loaded here. */

/** Begins with the magic word in all versions; encrypted files have another. */
export function isParquet(head: Uint8Array): boolean {
  return ['PAR1', 'PARE'].includes(ascii(head, 4));
}

/**
 * A file, Feather version 1 (to be refused by name), or a stream: messages begin with 0xFFFFFFFF and the length of
 * their metadata.
 */
export function isArrow(head: Uint8Array): boolean {
  if (ascii(head, 6) === 'ARROW1' || ascii(head, 4) === 'FEA1') return true;
  return head.length >= 8 && head.subarray(0, 4).every((byte) => byte === 0xff) && head[6] === 0 && head[7] === 0;
}

/** `DBN` and a version. */
export function isDbn(head: Uint8Array): boolean {
  return head.length >= 4 && ascii(head, 3) === 'DBN' && head[3] < 0x20;
}

export function isNpy(head: Uint8Array): boolean {
  return head[0] === 0x93 && ascii(head.subarray(1), 5) === 'NUMPY';
}

/** A zip archive by that name. */
export function isNpz(head: Uint8Array, name: string): boolean {
  return head[0] === 0x50 && head[1] === 0x4b && /\.npz$/i.test(name);
}

const HST_HEADER_BYTES = 148;

/** MetaTrader's history has a version, and no magic word. */
export function isHst(head: Uint8Array, name: string): boolean {
  if (head.length < HST_HEADER_BYTES || !/\.hst$/i.test(name)) return false;
  const version = new DataView(head.buffer, head.byteOffset).getInt32(0, true);
  return version === 400 || version === 401;
}

const BLOSC_HEADER_BYTES = 16;
/** python-blosc itself makes no larger buffers. */
const MAX_BLOSC_BYTES = 2 ** 31 - 1;

/**
 * A header of version 2 whose lengths fit together: u8 version, codec, flags, type size · u32 bytes, block size, stored
 * bytes.
 */
export function isBlosc(head: Uint8Array): boolean {
  if (head.length < BLOSC_HEADER_BYTES || head[0] !== 2 || head[1] > 2) return false;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const [bytes, blockBytes, stored] = [view.getUint32(4, true), view.getUint32(8, true), view.getUint32(12, true)];
  if (head[3] === 0 || blockBytes === 0 || bytes > MAX_BLOSC_BYTES || stored < BLOSC_HEADER_BYTES) return false;
  return stored <= bytes + BLOSC_HEADER_BYTES + 1024;
}

/** Memory without a header is known by its name, and by bytes that no text has. */
export function isRaw(head: Uint8Array, name: string): boolean {
  return /\.(dat|bin|raw|mmap|memmap|f64)$/i.test(name) && head.subarray(0, 4096).includes(0) && !isPickle(head);
}

/** Protocols 2 to 5 begin with this byte and their number. */
export function isPickle(head: Uint8Array): boolean {
  return head[0] === 0x80 && head[1] >= 2 && head[1] <= 5;
}

function ascii(bytes: Uint8Array, length: number): string {
  return String.fromCharCode(...bytes.subarray(0, length));
}
