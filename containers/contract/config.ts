/**
 * What SageMaker tells a container through its environment, parsed once at start.
 * Source: SageMaker developer guide, "Use your own inference code" and "batch transform".
 */
export interface ContainerConfig {
  /** Root of the contract's folders: `/opt/ml` in a container, a job's own folder on one machine. */
  readonly baseDir: string;
  readonly port: number;
  readonly host: string;
  /** True while a batch transform job, not a live endpoint, sends the requests. */
  readonly batch: boolean;
  /** Largest request in bytes: 6 MB online, `SAGEMAKER_MAX_PAYLOAD_IN_MB` in batch. */
  readonly maxPayloadBytes: number;
  /** Largest body in bytes: a container in front may have made more of the request, features of raw records say. */
  readonly maxBodyBytes: number;
}

const MEBIBYTE = 1024 * 1024;
const MOST_EXPANSION = 8;

/** Parses the environment. Throws an Error that names the variable and what it expected. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): ContainerConfig {
  const baseDir = environment.SAGEMAKER_BASE_DIR;
  const batch = environment.SAGEMAKER_BATCH?.toLowerCase() === 'true';
  const payload = integer(environment, 'SAGEMAKER_MAX_PAYLOAD_IN_MB', 6, 0, 1024);
  // 0 is SageMaker's word for "no limit"; one string still has to hold the body.
  const maxPayloadBytes = (batch ? payload || 256 : 6) * MEBIBYTE;
  return {
    baseDir: baseDir || '/opt/ml',
    port: integer(environment, 'SAGEMAKER_BIND_TO_PORT', 8080, 0, 65_535),
    // Another base directory means a plain process on somebody's machine, which must not face the network.
    host: baseDir ? '127.0.0.1' : '0.0.0.0',
    batch,
    maxPayloadBytes,
    maxBodyBytes: Math.min(MOST_EXPANSION * maxPayloadBytes, 256 * MEBIBYTE),
  };
}

function integer(
  environment: Readonly<Record<string, string | undefined>>,
  name: string,
  fallback: number,
  min: number,
  max: number,
): number {
  const text = environment[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new Error(`${name} must be a whole number from ${min} to ${max}, but is "${text}"`);
  }
  return value;
}
