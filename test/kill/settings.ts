/** How many kills, drawn from which seed. `main.ts` passes them as jest's globals; without it there are CI's. */
export interface KillSettings {
  readonly count: number;
  readonly seed: number;
  /** File that gets the KillReport. */
  readonly report?: string;
}

const CI: KillSettings = { count: 20, seed: 20_261_123 };

export const settings: KillSettings = { ...CI, ...(globalThis as { kill?: Partial<KillSettings> }).kill };
