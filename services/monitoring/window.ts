/** Windows of captured inferences: open until full, then waiting for their verdict. One model, one window. */
import type { CaptureObject } from './object-names.ts';
import { hasSeen, remember } from './seen.ts';

/** Inferences by capture object: hour (`yyyy/mm/dd/hh`) → name → count. */
export type CaptureCounts = Readonly<Record<string, Readonly<Record<string, number>>>>;

export interface OpenWindow {
  readonly inferences: number;
  readonly objects: number;
  readonly captures: CaptureCounts;
}

export interface ClosingWindow extends OpenWindow {
  /** `<model>-w<number>`; `number` counts the pipeline's windows. */
  readonly id: string;
  readonly model: string;
  readonly number: number;
  readonly closedAt: number;
}

export interface Windows {
  readonly count: number;
  readonly open: Readonly<Record<string, OpenWindow>>;
  /** Full, not yet judged; by model. */
  readonly closing: Readonly<Record<string, ClosingWindow>>;
  /** Objects that are in a window, or were. */
  readonly seen: string;
}

export const noWindows: Windows = { count: 0, open: {}, closing: {}, seen: '' };

/** The one before still waits for its verdict: the capture has to come again. */
export class WindowStillClosing extends Error {
  readonly code = 'WindowStillClosing';
}

/** So many objects fill a window whatever they hold, so that its list stays small; with at least one inference each
 * they are still as many as the statistics need. */
export const MOST_OBJECTS = 200;
const MOST_OBJECTS_BEHIND = 50;

export interface CountedCapture {
  readonly object: CaptureObject;
  readonly inferences: number;
}

/** Puts an object into its model's window, and closes the window when that makes it full. The same object again
 * changes nothing: the same `windows` come back. Throws WindowStillClosing. */
export function admit(windows: Windows, capture: CountedCapture, size: number, now: number): Windows {
  const { object, inferences } = capture;
  const name = `${object.model}/${object.place}`;
  if (inferences === 0 || hasSeen(windows.seen, name)) return windows;
  const window = withCapture(
    windows.open[object.model] ?? { inferences: 0, objects: 0, captures: {} },
    capture,
  );
  const seen = remember(windows.seen, name);
  const isFull = window.inferences >= size || window.objects >= MOST_OBJECTS;
  if (windows.closing[object.model]) {
    if (window.objects > MOST_OBJECTS_BEHIND)
      throw new WindowStillClosing(`${object.model} waits for a verdict`);
    return { ...windows, seen, open: { ...windows.open, [object.model]: window } };
  }
  if (!isFull) return { ...windows, seen, open: { ...windows.open, [object.model]: window } };
  return close({ ...windows, seen }, object.model, window, now);
}

function close(windows: Windows, model: string, window: OpenWindow, now: number): Windows {
  const number = windows.count + 1;
  const closing: ClosingWindow = { ...window, id: `${model}-w${number}`, model, number, closedAt: now };
  return {
    ...windows,
    count: number,
    open: without(windows.open, model),
    closing: { ...windows.closing, [model]: closing },
  };
}

/** Takes a judged window out; one that filled up behind it closes in turn. */
export function judged(windows: Windows, model: string, size: number, now: number): Windows {
  const left = { ...windows, closing: without(windows.closing, model) };
  const next = windows.open[model];
  return next && next.inferences >= size ? close(left, model, next, now) : left;
}

/** Drops the windows of models that no longer serve. */
export function keepOnly(windows: Windows, models: readonly string[]): Windows {
  const kept = <T>(all: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(all).filter(([model]) => models.includes(model)));
  return { ...windows, open: kept(windows.open), closing: kept(windows.closing) };
}

/** The places (`yyyy/mm/dd/hh/<name>`) of a window's objects, in order. */
export const placesOf = ({ captures }: OpenWindow): readonly string[] =>
  Object.entries(captures)
    .flatMap(([hour, names]) => Object.keys(names).map((name) => `${hour}/${name}`))
    .sort();

function withCapture(window: OpenWindow, { object, inferences }: CountedCapture): OpenWindow {
  const at = object.place.lastIndexOf('/');
  const [hour, name] = [object.place.slice(0, at), object.place.slice(at + 1)];
  return {
    inferences: window.inferences + inferences,
    objects: window.objects + 1,
    captures: { ...window.captures, [hour]: { ...window.captures[hour], [name]: inferences } },
  };
}

function without<T>(all: Readonly<Record<string, T>>, name: string): Record<string, T> {
  const { [name]: _, ...rest } = all;
  return rest;
}
