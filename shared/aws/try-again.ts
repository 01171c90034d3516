import { Conflict } from './item-store.ts';

const ROUNDS = 6;

/** Repeats a load-decide-commit round as long as another writer was faster, at most six times; then the Conflict
 * goes to the caller, and the trigger's own retry takes over. */
export async function tryAgainOnConflict<T>(round: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await round();
    } catch (error) {
      if (!(error instanceof Conflict) || attempt === ROUNDS) throw error;
    }
  }
}
