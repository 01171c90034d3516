/**
 * The answers to each body, in the order of the bodies, with at most `most` questions under way (1 for 0 and
 * undefined). Rejects with the first failure in that order.
 */
export async function* inOrder<Body, Answer>(
  bodies: AsyncIterable<Body>,
  most: number | undefined,
  ask: (body: Body) => Promise<Answer>,
): AsyncGenerator<Answer> {
  const asked: Promise<Answer>[] = [];
  for await (const body of bodies) {
    const answer = ask(body);
    // Its turn to be awaited comes later, or never when one before it fails.
    answer.catch(() => undefined);
    asked.push(answer);
    if (asked.length >= (most || 1)) yield await asked.shift()!;
  }
  for (const answer of asked) yield await answer;
}
