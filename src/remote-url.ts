/** Locations on servers and in buckets, distinguished from paths. */
import { AtcError } from './errors.js';

/** A location that is read over the network. */
export type RemoteUrl = `http://${string}` | `https://${string}` | `s3://${string}`;

/** Whether a text is such a location. */
export function isRemoteUrl(text: unknown): text is RemoteUrl {
  return typeof text === 'string' && /^(https?|s3):\/\//i.test(text);
}

/** UNSUPPORTED for a URL where the data has to be on this machine. */
export function requireLocal(source: string): void {
  if (!isRemoteUrl(source)) return;
  const where = withoutSecrets(source);
  const advice = 'openDataset of atc-memory reads it, and dataByHash of atc-memory/remote brings it to this machine';
  throw new AtcError('UNSUPPORTED', `${where} is not on this machine, which is needed here; ${advice}`, {
    path: where,
  });
}

/** A URL without user, password and query, for messages. */
function withoutSecrets(text: string): string {
  if (!URL.canParse(text)) return 'the source, a URL that cannot be read,';
  const { protocol, host, pathname } = new URL(text);
  return `${protocol}//${host}${pathname}`.replace(/\/$/, '');
}
