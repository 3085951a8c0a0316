/** Requests to S3 and what speaks its protocol: where the object is, and the signature of the request (SigV4). */
import { requireKnownOptions } from '../arguments.js';
import { AtcError, shown } from '../errors.js';
import type { RemoteLocation } from './location.js';

/** How buckets are reached. What is left out is taken from the environment variables that the AWS tools use. */
export interface S3Access {
  /**
   * Of another server than AWS, such as `http://minio:9000`; then the bucket stands in the path. Default
   * `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`.
   */
  readonly endpoint?: string;
  /** Default `AWS_REGION`, `AWS_DEFAULT_REGION`, 'us-east-1'. */
  readonly region?: string;
  /** Default `AWS_ACCESS_KEY_ID`; requests are not signed where there is none. */
  readonly accessKeyId?: string;
  /** Default `AWS_SECRET_ACCESS_KEY`. */
  readonly secretAccessKey?: string;
  /** Of temporary credentials. Default `AWS_SESSION_TOKEN`. */
  readonly sessionToken?: string;
}

/** @throws AtcError ARGUMENT for options that there are not, or that are no texts. Secrets are not repeated. */
export function requireS3Access(s3: unknown): void {
  requireKnownOptions(s3, ['endpoint', 'region', 'accessKeyId', 'secretAccessKey', 'sessionToken'], 's3');
  for (const [key, value] of Object.entries(s3 ?? {})) {
    if (value === undefined || typeof value === 'string') continue;
    throw new AtcError('ARGUMENT', `s3: ${key} must be a text, got ${shown(value)}`, { key });
  }
}

/** The URL of an object over HTTP. */
export function httpUrlOf({ url }: RemoteLocation, s3: S3Access = {}): URL {
  if (url.protocol !== 's3:') return url;
  const bucket = url.hostname;
  const { env } = process;
  // A variable that is set to nothing counts as none.
  const endpoint = s3.endpoint ?? (env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL || undefined);
  // A certificate of *.s3.<region>.amazonaws.com does not hold for a bucket with a dot.
  const isInPath = endpoint !== undefined || bucket.includes('.');
  const host = `s3.${regionOf(s3)}.amazonaws.com`;
  const base = endpoint ?? (isInPath ? `https://${host}` : `https://${bucket}.${host}`);
  const target = endpointOf(base);
  // As the signature has them: some servers compare what was sent, and it takes a plus for a blank.
  const key = url.pathname.replace(/[+!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  target.pathname = `${target.pathname.replace(/\/+$/, '')}${isInPath ? `/${bucket}` : ''}${key}`;
  target.search = url.search;
  return target;
}

/** ARGUMENT for what is no server. Its text may hold a secret and is not repeated. */
function endpointOf(text: string): URL {
  const reject = (what: string): never => {
    throw new AtcError('ARGUMENT', `s3: endpoint ${what}; it looks like http://minio:9000`, { key: 'endpoint' });
  };
  if (!URL.canParse(text)) return reject('is no URL');
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return reject(`is one of ${url.protocol}`);
  const hasSecret = url.username !== '' || url.password !== '';
  return hasSecret ? reject('has user and password; they go into accessKeyId and secretAccessKey') : url;
}

/** `headers` and the signature; those without one where there are no credentials. UNSUPPORTED without aws4fetch. */
export async function signed(url: URL, headers: Headers, s3: S3Access = {}): Promise<Headers> {
  const { env } = process;
  const accessKeyId = s3.accessKeyId ?? env.AWS_ACCESS_KEY_ID;
  const secretAccessKey = s3.secretAccessKey ?? env.AWS_SECRET_ACCESS_KEY;
  if (!accessKeyId || !secretAccessKey) return headers;
  const { AwsV4Signer } = await loadSigner();
  const signer = new AwsV4Signer({
    url: url.href,
    headers,
    accessKeyId,
    secretAccessKey,
    sessionToken: s3.sessionToken ?? env.AWS_SESSION_TOKEN,
    service: 's3',
    region: regionOf(s3),
  });
  return (await signer.sign()).headers;
}

function regionOf({ region }: S3Access): string {
  const found = region || process.env.AWS_REGION || process.env.AWS_DEFAULT_REGION || 'us-east-1';
  if (/^[\w-]+$/.test(found)) return found;
  throw new AtcError('ARGUMENT', `s3: region is ${shown(found)}; it looks like eu-central-1`, { key: 'region' });
}

async function loadSigner(): Promise<typeof import('aws4fetch')> {
  try {
    return await import('aws4fetch');
  } catch (cause) {
    const { code } = cause as { code?: string };
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw cause;
    throw new AtcError('UNSUPPORTED', 's3:// with credentials needs the package aws4fetch: npm install aws4fetch', {
      cause,
    });
  }
}
