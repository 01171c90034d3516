import type { Slot, SlotRun } from './pipeline.ts';

/** What asking for a slot leads to. `displaced` is a waiting run that a newer one has made superfluous. */
export type SlotAnswer =
  | { readonly kind: 'held'; readonly slot: Slot; readonly displaced?: SlotRun }
  | { readonly kind: 'waits'; readonly slot: Slot; readonly displaced?: SlotRun }
  | { readonly kind: 'superseded'; readonly by: SlotRun };

const same = (a: SlotRun | undefined, b: SlotRun): boolean => a?.runId === b.runId;

/** Asks for a slot. The holder keeps it, whoever asks; of those who wait only the newest stays. `holderIsGone`
 * says that the stored holder has left the phase that the slot is for (it crashed before it gave the slot back). */
export function takeSlot(slot: Slot, run: SlotRun, holderIsGone = false): SlotAnswer {
  if (same(slot.holder, run)) return { kind: 'held', slot };
  const free = !slot.holder || holderIsGone;
  const { holder, waiting } = slot;
  if (!free && holder && holder.number > run.number) return { kind: 'superseded', by: holder };
  if (waiting && !same(waiting, run) && waiting.number > run.number)
    return { kind: 'superseded', by: waiting };
  const displaced = waiting && !same(waiting, run) ? { displaced: waiting } : {};
  return free
    ? { kind: 'held', slot: { holder: run }, ...displaced }
    : { kind: 'waits', slot: { ...slot, waiting: run }, ...displaced };
}

/** Gives a slot back: the waiting run becomes the holder. A run that neither holds nor waits changes nothing. */
export function releaseSlot(slot: Slot, runId: string): Slot {
  if (slot.holder?.runId === runId) return slot.waiting ? { holder: slot.waiting } : {};
  if (slot.waiting?.runId === runId) return slot.holder ? { holder: slot.holder } : {};
  return slot;
}
