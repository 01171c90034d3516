/** For tests: a process that dies in the middle of its work. What it wrote before stays written. */
export class Died extends Error {
  readonly code = 'Died';
}

type Deed = (...args: never[]) => Promise<unknown>;

export interface Mortal {
  /** Lets the process die right after its `count`-th write from now; the write itself is done. */
  dieAfter(count: number): void;
  /** Another process goes on. */
  revive(): void;
  readonly isDead: boolean;
  /** Writes that were done so far. */
  readonly writes: number;
  /** The same port in the hands of the mortal process; `writes` are the names of its writing members. */
  port<T extends object>(target: T, writes: readonly (keyof T & string)[]): T;
  deed<T extends Deed>(write: T): T;
}

export function createMortal(): Mortal {
  let dead = false;
  let writes = 0;
  let last = Number.POSITIVE_INFINITY;

  function alive(): void {
    if (dead) throw new Died('The process is dead');
  }

  function deed<T extends Deed>(write: T): T {
    const done = async (...args: never[]): Promise<unknown> => {
      alive();
      const answer = await write(...args);
      writes += 1;
      dead ||= writes >= last;
      alive();
      return answer;
    };
    return done as T;
  }

  function look<T extends Deed>(read: T): T {
    const done = async (...args: never[]): Promise<unknown> => {
      alive();
      return read(...args);
    };
    return done as T;
  }

  return {
    dieAfter: (count) => {
      last = writes + count;
    },
    revive: () => {
      dead = false;
      last = Number.POSITIVE_INFINITY;
    },
    get isDead() {
      return dead;
    },
    get writes() {
      return writes;
    },
    port: <T extends object>(target: T, writing: readonly (keyof T & string)[]): T =>
      Object.fromEntries(
        Object.entries(target).map(([name, member]) => {
          if (typeof member !== 'function') return [name, member];
          const isWrite = (writing as readonly string[]).includes(name);
          return [name, isWrite ? deed(member as Deed) : look(member as Deed)];
        }),
      ) as T,
    deed,
  };
}
