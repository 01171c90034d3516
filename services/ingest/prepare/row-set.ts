/** A set of 128-bit hashes in open addressing: at most 64 bytes a row, the moment of growing included. */
const WORDS = 4;
const FULL = 0.75;

export class RowSet {
  #slots = 1024;
  #size = 0;
  #table = new Uint32Array(this.#slots * WORDS);

  get size(): number {
    return this.#size;
  }

  /** Adds the first 16 bytes of `hash`; false when they are there already. */
  add(hash: Buffer): boolean {
    if (this.#size + 1 > this.#slots * FULL) this.#grow();
    // Four zeros mark a free slot.
    const a = hash.readUInt32LE(0) || 1;
    const added = this.#insert(a, hash.readUInt32LE(4), hash.readUInt32LE(8), hash.readUInt32LE(12));
    if (added) this.#size++;
    return added;
  }

  #insert(a: number, b: number, c: number, d: number): boolean {
    const table = this.#table;
    const mask = this.#slots - 1;
    for (let slot = d & mask; ; slot = (slot + 1) & mask) {
      const at = slot * WORDS;
      if (table[at] === 0) {
        table[at] = a;
        table[at + 1] = b;
        table[at + 2] = c;
        table[at + 3] = d;
        return true;
      }
      if (table[at] === a && table[at + 1] === b && table[at + 2] === c && table[at + 3] === d) return false;
    }
  }

  #grow(): void {
    const old = this.#table;
    this.#slots *= 2;
    this.#table = new Uint32Array(this.#slots * WORDS);
    for (let at = 0; at < old.length; at += WORDS) {
      if (old[at] !== 0) this.#insert(old[at]!, old[at + 1]!, old[at + 2]!, old[at + 3]!);
    }
  }
}
