/**
 * Where remote files are: `http://`, `https://` and `s3://` locations, joined with relative paths and shown without
 * secrets.
 */
import { AtcError, shown } from '../errors.js';
import { isRemoteUrl } from '../remote-url.js';

/** A URL with the credentials taken out of it. */
export class RemoteLocation {
  /** Without user and password; the query (a signature, say) stays. */
  readonly url: URL;
  /** Value of the header `Authorization` for the user and password of the URL. */
  readonly authorization: string | undefined;

  private constructor(url: URL, authorization: string | undefined) {
    this.url = url;
    this.authorization = authorization;
  }

  /** ARGUMENT, opened by `where`, for what is no such location. */
  static parse(text: unknown, where: string): RemoteLocation {
    if (!isRemoteUrl(text)) throw wrongLocation(text, where);
    let url: URL;
    try {
      url = new URL(text);
    } catch {
      // Not as the cause: its message has the whole text, password included.
      throw wrongLocation(undefined, where);
    }
    const { username, password } = url;
    url.username = '';
    url.password = '';
    url.hash = '';
    if (url.hostname === '') throw wrongLocation(undefined, where);
    if (username === '' && password === '') return new RemoteLocation(url, undefined);
    const pair = `${plain(username, where)}:${plain(password, where)}`;
    return new RemoteLocation(url, `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`);
  }

  /** Protocol and host: what is known of a server holds for all of its files. */
  get origin(): string {
    return `${this.url.protocol}//${this.url.host}`;
  }

  /** For messages: neither credentials nor query. */
  get shown(): string {
    return `${this.origin}${this.url.pathname}`.replace(/\/$/, '');
  }

  /** A file below it; `relative` has `/` and is taken literally. */
  file(relative: string): RemoteLocation {
    const url = new URL(this.url);
    const encoded = relative.split('/').map(encodeURIComponent).join('/');
    url.pathname = `${url.pathname.replace(/\/+$/, '')}/${encoded}`;
    return new RemoteLocation(url, this.authorization);
  }
}

/** A text of a URL without its percent signs. The error does not repeat it. */
function plain(encoded: string, where: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    const what = `user or password in the URL of ${where} has a percent sign that begins no character`;
    throw new AtcError('ARGUMENT', `${what}; % itself is written %25`);
  }
}

function wrongLocation(text: unknown, where: string): AtcError {
  const got = text === undefined ? 'one that is no URL' : shown(text);
  return new AtcError('ARGUMENT', `${where} must be a URL (http://, https:// or s3://bucket/prefix), got ${got}`);
}
