/** Requests to S3 and what speaks its protocol: where the object is, and the signature of the request (SigV4). */
import { AtcError } from '../errors.js';
import type { RemoteLocation } from './location.js';

/** How buckets are reached. What is left out is taken from the environment variables that the AWS tools use. */
export interface S3Access {
  /** Of another server than AWS, such as `http://minio:9000`; then the bucket stands in the path. Default `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`. */
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

/** The URL of an object over HTTP. */
export function httpUrlOf({ url }: RemoteLocation, s3: S3Access = {}): URL {
  if (url.protocol !== 's3:') return url;
  const bucket = url.hostname;
  const { env } = process;
  const endpoint = s3.endpoint ?? env.AWS_ENDPOINT_URL_S3 ?? env.AWS_ENDPOINT_URL;
  // A certificate of *.s3.<region>.amazonaws.com does not hold for a bucket with a dot.
  const isInPath = endpoint !== undefined || bucket.includes('.');
  const host = `s3.${regionOf(s3)}.amazonaws.com`;
  const base = endpoint ?? (isInPath ? `https://${host}` : `https://${bucket}.${host}`);
  let target: URL;
  try {
    target = new URL(base);
  } catch {
    throw new AtcError('ARGUMENT', 's3: endpoint is no URL; it looks like http://minio:9000', { key: 'endpoint' });
  }
  target.pathname = `${target.pathname.replace(/\/+$/, '')}${isInPath ? `/${bucket}` : ''}${url.pathname}`;
  target.search = url.search;
  return target;
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
  return region ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION ?? 'us-east-1';
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
