import { percentDecode } from '../percent-decode.ts';
/** A route of the HTTP API, as `RouteKey` and its integration say. */
export interface Route {
  /** An HTTP method, `ANY`, or `$default` (so is the path then). */
  readonly method: string;
  /** For example `/v1/runs/{run}` or `/{proxy+}`. */
  readonly path: string;
  readonly functionName: string;
  /** `AWS_IAM`: the event tells who signed. */
  readonly authorization?: 'AWS_IAM' | 'NONE';
  /** How long the function may take; at most, and by default, API Gateway's 30 s. */
  readonly timeoutMs?: number | undefined;
}

export interface RouteMatch {
  readonly route: Route;
  readonly pathParameters: Readonly<Record<string, string>>;
}

export const DEFAULT_ROUTE = '$default';

export function routeKey(route: Route): string {
  return route.path === DEFAULT_ROUTE ? DEFAULT_ROUTE : `${route.method} ${route.path}`;
}

/** Finds the route of a request by its decoded path: a full match before a greedy one, the most specific first, a
 * named method before ANY, `$default` last
 * (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html). */
export function createRouter(
  routes: readonly Route[],
): (method: string, path: string) => RouteMatch | undefined {
  const ordered = routes
    .map((route) => ({ route, pattern: pattern(route.path), rank: rank(route) }))
    .sort((a, b) => (a.rank < b.rank ? -1 : 1));
  return (method, path) => {
    for (const { route, pattern } of ordered) {
      if (![method, 'ANY', DEFAULT_ROUTE].includes(route.method)) continue;
      const found = pattern.exec(path);
      if (found) return { route, pathParameters: parameters(route.path, found) };
    }
    return undefined;
  };
}

/** Sorts full paths before greedy ones; literals before variables, segment by segment; a named method before ANY. */
function rank({ path, method }: Route): string {
  if (path === DEFAULT_ROUTE) return '9';
  const kinds = path.split('/').map((segment) => (segment.startsWith('{') ? 2 : 1));
  return `${path.endsWith('+}') ? 1 : 0}${kinds.join('')}${method === 'ANY' ? 1 : 0}`;
}

const VARIABLE = /\{([^}+]+)(\+?)\}/g;

function pattern(path: string): RegExp {
  if (path === DEFAULT_ROUTE) return /^/;
  const literals = path.split(/(\{[^}]+\})/).map((part) => {
    if (part.endsWith('+}')) return '(.+)';
    return part.startsWith('{') ? '([^/]+)' : part.replace(/[^\w/]/g, '\\$&');
  });
  return new RegExp(`^${literals.join('')}$`, 's');
}

function parameters(path: string, found: RegExpExecArray): Record<string, string> {
  const names = [...path.matchAll(VARIABLE)].map((variable) => variable[1]);
  return Object.fromEntries(names.map((name, index) => [name, percentDecode(found[index + 1] ?? '')]));
}

/** The path as an HTTP API sees it (observed on AWS): every escape is decoded but `%25`. A slash that was escaped
 * therefore divides segments, too. */
export function decodePath(path: string): string {
  return path.replace(/(?:%(?!25)[0-9a-f]{2})+/gi, percentDecode);
}
