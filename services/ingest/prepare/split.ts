export type Side = 'train' | 'validation' | 'test';

/** The side that a hash (uniform in its first 6 bytes) falls on. The same hash always falls on the same side. */
export function sideOf(hash: Buffer, shares: { readonly test: number; readonly validation: number }): Side {
  const place = hash.readUIntBE(0, 6) / 2 ** 48;
  if (place < shares.test) return 'test';
  return place < shares.test + shares.validation ? 'validation' : 'train';
}
