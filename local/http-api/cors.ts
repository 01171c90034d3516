import type { IncomingMessage } from 'node:http';

/** `CorsConfiguration` of AWS::ApiGatewayV2::Api. */
export interface Cors {
  readonly AllowOrigins?: readonly string[] | undefined;
  readonly AllowHeaders?: readonly string[] | undefined;
  readonly AllowMethods?: readonly string[] | undefined;
  readonly ExposeHeaders?: readonly string[] | undefined;
  readonly AllowCredentials?: boolean;
  /** Seconds. */
  readonly MaxAge?: number | undefined;
}

/** The headers that API Gateway adds to an answer for the request's origin; none when it is not allowed. */
export function corsHeaders(cors: Cors | undefined, req: IncomingMessage): Record<string, string> {
  const { origin } = req.headers;
  const allowed = cors?.AllowOrigins?.some((each) => each === '*' || each === origin);
  if (!origin || !cors || !allowed) return {};
  return {
    'access-control-allow-origin': cors.AllowOrigins?.includes('*') ? '*' : origin,
    ...(cors.AllowCredentials && { 'access-control-allow-credentials': 'true' }),
    ...(cors.ExposeHeaders && { 'access-control-expose-headers': cors.ExposeHeaders.join(',') }),
    ...(isPreflight(cors, req) && {
      'access-control-allow-methods': (cors.AllowMethods ?? []).join(','),
      'access-control-allow-headers': (cors.AllowHeaders ?? []).join(','),
      ...(cors.MaxAge !== undefined && { 'access-control-max-age': String(cors.MaxAge) }),
    }),
  };
}

export function isPreflight(cors: Cors | undefined, req: IncomingMessage): boolean {
  const { headers, method } = req;
  return cors !== undefined && method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
}
