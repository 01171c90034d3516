const COMMA = 44;
const NEWLINE = 10;
const ZERO = 48;
const LARGEST_NUMBER = 32;

/** One output row `target,features…\n` in bytes, made anew for each row. Numbers take JavaScript's shortest form,
 * which reads back as the same number; a missing value is an empty cell. */
export class Line {
  readonly bytes: Buffer;
  length = 0;
  /** Where the features begin, behind the target's comma. */
  features = 0;

  constructor(features: number) {
    this.bytes = Buffer.allocUnsafe((features + 1) * LARGEST_NUMBER + 1);
  }

  write(target: number, features: Float64Array): void {
    const { bytes } = this;
    let at = put(bytes, 0, target);
    bytes[at++] = COMMA;
    this.features = at;
    for (let feature = 0; feature < features.length; feature++) {
      if (feature > 0) bytes[at++] = COMMA;
      at = put(bytes, at, features[feature]!);
    }
    bytes[at++] = NEWLINE;
    this.length = at;
  }
}

/** Writes the number at `at`; answers where it ends. */
function put(bytes: Buffer, at: number, value: number): number {
  const whole = value | 0;
  if (whole !== value || whole < 0 || whole > 999)
    return Number.isNaN(value) ? at : putText(bytes, at, String(value));
  let end = at;
  if (whole > 99) bytes[end++] = ZERO + ((whole / 100) | 0);
  if (whole > 9) bytes[end++] = ZERO + (((whole / 10) | 0) % 10);
  bytes[end++] = ZERO + (whole % 10);
  return end;
}

function putText(bytes: Buffer, at: number, text: string): number {
  for (let here = 0; here < text.length; here++) bytes[at + here] = text.charCodeAt(here);
  return at + text.length;
}
