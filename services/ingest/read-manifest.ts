import type { DropManifest } from '../../shared/contracts/http.ts';
import { PoisonEvent, type Validator, validated } from '../../shared/runtime/handle-event.ts';

/** A dropped manifest's text as what it declares, or what is wrong with it. */
export const buildReadManifest =
  (validate: Validator) =>
  (text: string): DropManifest | { readonly problem: string } => {
    try {
      return validated<DropManifest>(validate, JSON.parse(text));
    } catch (error) {
      if (error instanceof SyntaxError) return { problem: `it is not JSON (${error.message})` };
      if (error instanceof PoisonEvent) return { problem: error.message };
      throw error;
    }
  };
