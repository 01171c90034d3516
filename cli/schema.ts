/** `ratchet schema`: the JSON Schema of a specification, for completion and help in an editor. */
import process from 'node:process';
import { editorSchema } from '../shared/contracts/editor-schema.ts';

export async function run(): Promise<void> {
  process.stdout.write(`${JSON.stringify(editorSchema(), null, 2)}\n`);
}
