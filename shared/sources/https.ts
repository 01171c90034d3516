/** Files behind https:// addresses. */
import { lookup as resolveName } from 'node:dns';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { Readable } from 'node:stream';
import { getCACertificates } from 'node:tls';
import { createGunzip } from 'node:zlib';
import type { Fetched, FetchSource, PullLimits, Validators } from './fetched.ts';
import { SourceProblem, shown, tooSlow } from './problem.ts';
import type { IsAllowedAddress } from './public-address.ts';
import { type Saving, saveSource } from './save.ts';

const MOST_REDIRECTS = 5;
const REDIRECTS = [301, 302, 303, 307, 308];

export interface DownloadOptions {
  readonly isAllowed: IsAllowedAddress;
  readonly limits: PullLimits;
  /** Authorities that are trusted beside Node's own, as PEM. */
  readonly authorities?: readonly string[];
}

/** Certificates are checked as Node does it (its own authorities and those of NODE_EXTRA_CA_CERTS). Redirects go to
 * https:// addresses only. `Content-Encoding: gzip` is undone; what the content itself is stays as it is. */
export function createFetchHttps(options: DownloadOptions): FetchSource {
  const { bytes: limitBytes, timeoutMs } = options.limits;
  const { authorities = [] } = options;
  const lookup = checkedLookup(options.isAllowed);
  const ca = authorities.length === 0 ? undefined : [...getCACertificates('default'), ...authorities];

  return async (address, { known, path }) => {
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const response = await follow(address, known, { ...options, lookup, ca, signal });
      if (response.statusCode === 304) {
        response.destroy();
        return { kind: 'unchanged' };
      }
      return await save(address, response, { path, limitBytes, signal });
    } catch (error) {
      throw problemOf(address, error, signal, timeoutMs);
    }
  };
}

interface Asking extends DownloadOptions {
  readonly lookup: LookupFunction;
  readonly ca: string[] | undefined;
  readonly signal: AbortSignal;
}

/** Answers the response of the last address: 200, or 304 when something was known. */
async function follow(address: string, known: Validators, asking: Asking): Promise<IncomingMessage> {
  let at = checkedUrl(address, address, asking.isAllowed);
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    const response = await ask(at, known, asking);
    const { statusCode = 0, statusMessage = '', headers } = response;
    if (statusCode === 200 || (statusCode === 304 && isKnown(known))) return response;
    response.destroy();
    if (!REDIRECTS.includes(statusCode) || !headers.location) {
      throw new SourceProblem(
        `${shown(address)} answered ${`${statusCode} ${statusMessage}`.trim()} instead of a file; see that anybody with this address may read it`,
      );
    }
    at = checkedUrl(
      URL.parse(headers.location, at.href)?.href ?? headers.location,
      address,
      asking.isAllowed,
    );
  }
  throw new SourceProblem(
    `${shown(address)} redirects more than ${MOST_REDIRECTS} times; declare the address where the file is`,
  );
}

const isKnown = ({ etag, lastModified }: Validators): boolean =>
  etag !== undefined || lastModified !== undefined;

/** Throws where an address may not be asked. `source` is the declared one, which the message names. */
function checkedUrl(address: string, source: string, isAllowed: IsAllowedAddress): URL {
  const via = address === source ? shown(source) : `${shown(source)} redirects to ${shown(address)}, which`;
  const url = URL.parse(address);
  if (url?.protocol !== 'https:') throw new SourceProblem(`${via} is no https:// address; declare one`);
  if (url.username || url.password) {
    throw new SourceProblem(
      'The address of a source holds a user name or password, which everybody can read in the specification; use an address that needs none',
    );
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) && !isAllowed(host)) throw notPublic(host);
  return url;
}

/** Node asks this for every name that it connects to, and connects to what it answers: no other resolution follows. */
function checkedLookup(isAllowed: IsAllowedAddress): LookupFunction {
  return (hostname, options, callback) => {
    resolveName(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const refused = addresses.find(({ address }) => !isAllowed(address));
      if (refused) return callback(notPublic(hostname, refused.address), []);
      if (options.all) return callback(null, addresses);
      callback(null, addresses[0]?.address ?? '', addresses[0]?.family);
    });
  };
}

const notPublic = (host: string, address = host): SourceProblem =>
  new SourceProblem(
    `${host} ${address === host ? 'is' : `is at ${address},`} no public address; only a stage whose SOURCE_NETWORKS names its network may read from there`,
  );

function ask(url: URL, known: Validators, { lookup, ca, signal, limits }: Asking): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asked = request(url, {
      // A connection of its own: none that was checked for another address is taken up again.
      agent: false,
      lookup,
      signal,
      ...(ca ? { ca } : {}),
      headers: {
        accept: '*/*',
        'accept-encoding': 'gzip',
        'user-agent': 'ratchet',
        ...(known.etag ? { 'if-none-match': known.etag } : {}),
        ...(known.lastModified ? { 'if-modified-since': known.lastModified } : {}),
      },
    });
    asked.setTimeout(limits.idleMs, () =>
      asked.destroy(new SourceProblem(`${shown(url.href)} was silent for ${limits.idleMs / 1000} s`)),
    );
    asked.once('response', resolve);
    asked.on('error', reject);
    asked.end();
  });
}

async function save(address: string, response: IncomingMessage, saving: Saving): Promise<Fetched> {
  const { etag, 'last-modified': lastModified, 'content-length': length } = response.headers;
  const content = decoded(address, response);
  // Of content that travels packed nobody says how much it is.
  const declared = content === response && length !== undefined ? Number(length) : undefined;
  const saved = await saveSource(address, content, declared, saving);
  return { kind: 'fetched', ...saved, ...(etag ? { etag } : {}), ...(lastModified ? { lastModified } : {}) };
}

/** The content without the encoding that it travelled in. */
function decoded(address: string, response: IncomingMessage): Readable {
  const encoding = (response.headers['content-encoding'] ?? '').trim().toLowerCase();
  if (encoding === '' || encoding === 'identity') return response;
  if (encoding === 'gzip' || encoding === 'x-gzip') return response.compose(createGunzip());
  response.destroy();
  throw new SourceProblem(
    `${shown(address)} answered in the content encoding "${encoding.slice(0, 40)}", which was not asked for; let it answer plainly or in gzip`,
  );
}

/** What the network and the other side did is theirs; a full disk is ours. */
function problemOf(address: string, error: unknown, signal: AbortSignal, timeoutMs: number): unknown {
  if (error instanceof SourceProblem) return error;
  if (signal.aborted) return tooSlow(address, timeoutMs);
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (/^(ENOSPC|EACCES|EMFILE|EIO)$/.test(code)) return error;
  return new SourceProblem(`${shown(address)} could not be read: ${message || code}`);
}
