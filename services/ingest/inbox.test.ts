import fc from 'fast-check';
import { arrived, emptyInbox, type Inbox, partsOf, seal, sealed, sealOf, sealsAt } from './inbox.ts';
import type { DroppedObject } from './ports.ts';

const object = (key: string, sequencer: string): DroppedObject => ({
  bucket: 'drop',
  key,
  versionId: `${key}-${sequencer}`,
  size: 1,
  sequencer,
  modifiedAt: 0,
});

describe('an inbox', () => {
  it('may be sealed once it has been quiet since its last arrival, whatever order the clocks tell', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 1 }), fc.nat(), (times, quiet) => {
        const inbox = times.reduce(arrived, emptyInbox('wine'));
        expect(sealsAt(inbox, quiet)).toBe(Math.max(...times) + quiet);
      }),
    );
    expect(sealsAt(emptyInbox('wine'), 1_000)).toBeUndefined();
  });

  it('opens the next batch when it is sealed, and remembers the last one until its run is there', () => {
    const scanned: Inbox = { ...arrived(emptyInbox('wine'), 5), scannedUntil: 4 };
    const closing = seal(scanned);
    expect(closing).toEqual({ pipeline: 'wine', batch: 2, sealing: 1, scannedUntil: 4 });
    expect(arrived(closing, 9)).toMatchObject({ batch: 2, sealing: 1, lastArrival: 9 });
    expect(sealed(closing)).toEqual({ pipeline: 'wine', batch: 2, scannedUntil: 4 });
  });

  it.each([
    ['each', { kind: 'each' }],
    ['manifest', { kind: 'manifest' }],
    ['quiet 1 minute', { kind: 'quiet', ms: 60_000 }],
    ['quiet 90 seconds', { kind: 'quiet', ms: 90_000 }],
  ])('is sealed as "%s" declares', (text, rule) => {
    expect(sealOf(text)).toEqual(rule);
  });
});

describe('the parts of a batch', () => {
  const numbers = fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat({ max: 70_000 })), {
    selector: ([key, n]) => `${key}${n}`,
  });

  it('are the latest version of each key, in key order, however the events came and how often', () => {
    fc.assert(
      fc.property(
        numbers.chain((all) =>
          fc.tuple(fc.constant(all), fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 })),
        ),
        ([all, order]) => {
          const parts = partsOf(order.map(([key, n]) => object(key, n.toString(16).toUpperCase())));
          const keys = [...new Set(all.map(([key]) => key))].sort();
          expect(parts.map(({ key }) => key)).toEqual(keys);
          for (const { key, versionId } of parts) {
            const last = Math.max(...all.filter(([other]) => other === key).map(([, n]) => n));
            expect(versionId).toBe(`${key}-${last.toString(16).toUpperCase()}`);
          }
        },
      ),
    );
  });

  /** What is told of one key's versions, the oldest first: the sweep's listing has no sequencers, and shows a version
   * only some seconds after it came, if no other came since. Some answers tell a time without its milliseconds. */
  const history = fc
    .array(fc.record({ wait: fc.nat({ max: 9_000 }), isExact: fc.boolean(), isListed: fc.boolean() }), {
      minLength: 1,
    })
    .map((versions) => {
      let at = 0;
      const times = versions.map(({ wait }) => {
        at += wait;
        return at;
      });
      return versions.map(({ isExact, isListed }, n): DroppedObject => {
        const came = times[n] as number;
        const bySweep = isListed && (times[n + 1] ?? Number.POSITIVE_INFINITY) - came >= 3_000;
        const modifiedAt = isExact ? came : came - (came % 1_000);
        return { ...object('a', bySweep ? '' : n.toString(16)), versionId: String(n), modifiedAt };
      });
    });

  it('are the latest versions, too, when the sweep has found some', () => {
    fc.assert(
      fc.property(
        history.chain((all) =>
          fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
        ),
        ([all, order]) => {
          expect(partsOf(order).map(({ versionId }) => versionId)).toEqual([String(all.length - 1)]);
        },
      ),
    );
  });
});
