/** The shortest decimal that reads back as the same single-precision number, always with an exponent, as XGBoost
 * writes it (`1E0`, `-2.5E-1`): its JSON reader takes a bare integer for an integer and then refuses the array. */
export function floatText(value: number): string {
  const single = Math.fround(value);
  if (!Number.isFinite(single)) throw new RangeError(`${value} has no place in a model`);
  for (let digits = 0; digits < 8; digits++) {
    const text = single.toExponential(digits);
    if (Math.fround(Number(text)) === single) return tidy(text);
  }
  return tidy(single.toExponential(8));
}

function tidy(text: string): string {
  return text.replace('e+', 'E').replace('e', 'E');
}

export function floatArray(values: Float32Array): string {
  return `[${Array.from(values, floatText).join(',')}]`;
}
