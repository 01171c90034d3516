/** Which of several p-values are discoveries when the share of false ones among them shall stay at `rate`
 * (Benjamini and Hochberg, 1995). Answers one flag per p-value, in their order. */
export function discoveries(pValues: readonly number[], rate: number): readonly boolean[] {
  const sorted = [...pValues].sort((a, b) => a - b);
  let threshold = -1;
  for (const [i, p] of sorted.entries()) {
    if (p <= ((i + 1) * rate) / sorted.length) threshold = p;
  }
  return pValues.map((p) => p <= threshold);
}
