/** What a request that got no answer has failed with, in words, and whether another one may succeed. */

/** The reason, and whether it stays the same however often the request is repeated. */
export interface NetworkCause {
  readonly text: string;
  readonly isFinal: boolean;
}

/** By the codes of Node, of its HTTP client and of OpenSSL. */
const MEANINGS: readonly (readonly [pattern: RegExp, meaning: string, isFinal: boolean])[] = [
  [/^ECONNREFUSED$/, 'nothing listens at this host and port', false],
  [/^(ENOTFOUND|EAI_\w+)$/, 'the name of the host is not known', false],
  [/^(ENETUNREACH|EHOSTUNREACH|ENETDOWN|EHOSTDOWN)$/, 'the host cannot be reached', false],
  [/^(ECONNRESET|EPIPE|UND_ERR_SOCKET)$/, 'the connection was cut', false],
  [/^(ETIMEDOUT|UND_ERR_(CONNECT|HEADERS|BODY)_TIMEOUT)$/, 'the server did not answer in time', false],
  [/^UND_ERR_HEADERS_OVERFLOW$/, 'the headers of the answer are too long', true],
  [/^HPE_/, 'what answers there does not speak HTTP as it should', false],
  [/^Z_|^ERR__ERROR|BROTLI/, 'the answer is compressed, and damaged', false],
  [/^(ERR_SSL_WRONG_VERSION_NUMBER|EPROTO)$/, 'what answers there does not speak TLS; is it http?', true],
  [
    /CERT|^UNABLE_TO_|^ERR_TLS_|^HOSTNAME_MISMATCH$/,
    'its certificate is not accepted; NODE_EXTRA_CA_CERTS names others',
    true,
  ],
  [/^ERR_SSL_/, 'TLS was not agreed on', true],
];

/**
 * `cause`: what `fetch`, or reading the body of its answer, threw. Its own text may hold the URL and is not repeated.
 */
export function causeOf(cause: unknown): NetworkCause {
  const inner = ((cause as Error)?.cause ?? cause ?? {}) as { readonly code?: unknown; readonly message?: unknown };
  const { code } = inner;
  if (typeof code !== 'string') return withoutCode(inner.message);
  const [, meaning, isFinal] = MEANINGS.find(([pattern]) => pattern.test(code)) ?? [];
  if (meaning === undefined) return { text: `the connection failed (${code})`, isFinal: false };
  return { text: `${meaning} (${code})`, isFinal: isFinal ?? false };
}

/** fetch refuses some ports, with a text alone. */
function withoutCode(message: unknown): NetworkCause {
  if (message === 'bad port')
    return { text: 'fetch does not connect to this port, which is that of other services', isFinal: true };
  return { text: 'the connection failed', isFinal: false };
}
