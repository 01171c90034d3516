import type { IncomingMessage } from 'node:http';

/** `CorsConfiguration` of AWS::ApiGatewayV2::Api. */
export interface Cors {
  /** Origins, `*`, or any of a scheme: `http://*`, `https://*`. */
  readonly AllowOrigins?: readonly string[] | undefined;
  readonly AllowHeaders?: readonly string[] | undefined;
  readonly AllowMethods?: readonly string[] | undefined;
  readonly ExposeHeaders?: readonly string[] | undefined;
  readonly AllowCredentials?: boolean;
  /** Seconds. */
  readonly MaxAge?: number | undefined;
}

type Headers = Readonly<Record<string, string | readonly string[]>>;

/** An answer's headers with those that the configuration gives to the request's origin, none when it is not allowed;
 * where there is a configuration, the function's own CORS headers are dropped
 * (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html). */
export function withCors(headers: Headers, cors: Cors | undefined, req: IncomingMessage): Headers {
  if (!cors) return headers;
  const own = Object.entries(headers).filter(([name]) => !name.startsWith('access-control-'));
  return { ...Object.fromEntries(own), ...corsHeaders(cors, req) };
}

function corsHeaders(cors: Cors, req: IncomingMessage): Headers {
  const { origin } = req.headers;
  const allowed = cors.AllowOrigins?.find((each) =>
    each.endsWith('*') ? origin?.startsWith(each.slice(0, -1)) : each === origin,
  );
  if (!origin || !allowed) return {};
  const preflight = isPreflight(cors, req);
  const found = {
    'access-control-allow-origin': allowed === '*' ? '*' : origin,
    'access-control-allow-credentials': cors.AllowCredentials && 'true',
    'access-control-expose-headers': cors.ExposeHeaders?.join(','),
    'access-control-allow-methods': preflight && cors.AllowMethods?.join(','),
    'access-control-allow-headers': preflight && cors.AllowHeaders?.join(','),
    'access-control-max-age': preflight && cors.MaxAge?.toString(),
  };
  return Object.fromEntries(Object.entries(found).filter((entry): entry is [string, string] => !!entry[1]));
}

/** A request that API Gateway answers itself, unless a route takes it. */
export function isPreflight(cors: Cors | undefined, { headers, method }: IncomingMessage): boolean {
  const asked = headers.origin !== undefined && headers['access-control-request-method'] !== undefined;
  return cors !== undefined && method === 'OPTIONS' && asked;
}
