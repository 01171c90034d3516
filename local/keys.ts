import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SecretOf } from './signature.ts';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Whose signatures are right when signatures must be. */
export interface Keys {
  /** The account's own key, for people and their applications. */
  readonly user: Credentials;
  /** The secret of every role's key, and of SageMaker's; another at each start. */
  readonly inner: string;
  readonly secretOf: SecretOf;
}

/** As SageMaker signs what it reads and writes for jobs and endpoints. */
export const SAGEMAKER_KEY = 'sagemaker';

/** The user's key is made once for a folder, and kept there for nobody else to read. */
export function openKeys(dir: string): Keys {
  const file = join(dir, 'credentials.json');
  if (!existsSync(file)) {
    const made = {
      accessKeyId: `RATCHET${randomBytes(6).toString('hex').toUpperCase()}`,
      secretAccessKey: secret(),
    };
    writeFileSync(file, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600 });
  }
  const user = JSON.parse(readFileSync(file, 'utf8')) as Credentials;
  const inner = secret();
  return {
    user,
    inner,
    secretOf: (id) => {
      if (id === user.accessKeyId) return user.secretAccessKey;
      return id === SAGEMAKER_KEY || id.startsWith('role.') ? inner : undefined;
    },
  };
}

const secret = (): string => randomBytes(30).toString('base64url');
