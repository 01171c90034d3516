import type { InvokeResult } from '../ports.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Buffer;
}

/** An answer of API Gateway's own: `{"message": …}`. */
export function message(status: number, text: string): HttpAnswer {
  const body = Buffer.from(JSON.stringify({ message: text }));
  return { status, headers: { 'content-type': 'application/json' }, body };
}

/** What payload format 2.0 makes of a function's answer: a structured response, or any value as a JSON body. */
export function toAnswer(result: InvokeResult): HttpAnswer {
  if (result.functionError) return message(500, 'Internal Server Error');
  const value: unknown = JSON.parse(result.payload);
  if (typeof value !== 'object' || value === null || !('statusCode' in value)) {
    const text = typeof value === 'string' ? value : result.payload;
    return { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(text) };
  }
  return structured(value as Record<string, unknown>) ?? message(500, 'Internal Server Error');
}

/** API Gateway frames the answer itself. */
const FRAMING = ['connection', 'content-length', 'keep-alive', 'transfer-encoding', 'upgrade'];

function structured(value: Record<string, unknown>): HttpAnswer | undefined {
  const status = Number(value.statusCode);
  const { body = '', headers = {}, cookies = [] } = value;
  const valid = Number.isInteger(status) && status >= 200 && status <= 599 && typeof body === 'string';
  if (!valid || typeof headers !== 'object' || !Array.isArray(cookies)) return undefined;
  const own = Object.entries(headers ?? {}).map(
    ([name, text]) => [name.toLowerCase(), String(text)] as const,
  );
  const { 'set-cookie': cookie, ...rest } = Object.fromEntries(
    own.filter(([name]) => !FRAMING.includes(name)),
  );
  const setCookies = [...cookies.map(String), ...(cookie === undefined ? [] : [cookie])];
  const all = {
    'content-type': 'text/plain; charset=utf-8',
    ...rest,
    ...(setCookies.length > 0 && { 'set-cookie': setCookies }),
  };
  if (!isSendable(all)) return undefined;
  return {
    status,
    headers: all,
    body: Buffer.from(body, value.isBase64Encoded === true ? 'base64' : 'utf8'),
  };
}

function isSendable(headers: HttpAnswer['headers']): boolean {
  try {
    return Boolean(new Headers(Object.entries(headers).map(([name, text]) => [name, String(text)])));
  } catch {
    return false;
  }
}
