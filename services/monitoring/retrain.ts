/** A retraining's data are made one object; the request is written down with the event that asks for it. */
import { type Decision, retrainingRequested, retrainingSuppressed, type Turn } from './announcements.ts';
import { unitedPart } from './labelled-rows.ts';
import type { Facts, Monitor } from './monitor.ts';
import { retrainingView } from './next-step.ts';
import { labelledKey } from './object-names.ts';
import type { MonitoringPorts } from './ports.ts';
import { type LabelledPart, requestOf } from './retraining.ts';

/** Unites labelled objects: the header once, then the rows of all, in the order of their names. */
export function buildUniteParts({ objects, settings }: Pick<MonitoringPorts, 'objects' | 'settings'>) {
  const address = (pipeline: string, name: string) => ({
    bucket: settings.artifactsBucket,
    key: labelledKey(pipeline, name),
  });

  async function* rows(pipeline: string, names: readonly string[]): AsyncIterable<string> {
    for (const [i, name] of names.entries()) {
      let isHeader = true;
      for await (const line of objects.lines(address(pipeline, name))) {
        if (!isHeader || i === 0) yield line;
        isHeader = false;
      }
    }
  }

  return async (pipeline: string, parts: readonly LabelledPart[]): Promise<LabelledPart> => {
    const united = unitedPart(parts);
    const names = parts.map(({ name }) => name).sort();
    if (names.length > 1) await objects.writeLines(address(pipeline, united.name), rows(pipeline, names));
    return united;
  };
}

export const withUnited = (state: Monitor, part: LabelledPart): Decision<Monitor> => ({
  state: { ...state, labelled: { ...state.labelled, parts: [part] } },
  events: [],
});

export function withRequest(
  state: Monitor,
  part: LabelledPart,
  reason: string,
  { facts, turn }: { facts: Facts; turn: Turn },
): Decision<Monitor> {
  const request = requestOf(state.pipeline, reason, retrainingView(state, facts), part, turn.now);
  const last = { request: request.request, at: turn.now };
  return {
    state: {
      ...state,
      labelled: { ...state.labelled, parts: [] },
      retraining: { ...state.retraining, inFlight: request, last },
    },
    events: [retrainingRequested(turn, request)],
  };
}

/** The run that was asked for is not there: the event may be lost. */
export function withAnotherAsk(state: Monitor, turn: Turn): Decision<Monitor> {
  const { inFlight } = state.retraining;
  if (!inFlight) return { state, events: [] };
  const asked = { ...inFlight, askedAt: turn.now, asks: inFlight.asks + 1 };
  return {
    state: { ...state, retraining: { ...state.retraining, inFlight: asked } },
    events: [retrainingRequested(turn, asked)],
  };
}

export function withSuppressed(state: Monitor, reason: string, turn: Turn): Decision<Monitor> {
  if (!state.episode) return { state, events: [] };
  const episode = { ...state.episode, suppressed: reason };
  return { state: { ...state, episode }, events: [retrainingSuppressed(turn, episode, reason)] };
}
