import { spawn } from 'node:child_process';
import process from 'node:process';

/** Asks the desktop to open a file. Answers false where there is none to ask. */
export async function openInBrowser(path: string): Promise<boolean> {
  const asked = opener(path);
  if (!asked) return false;
  const [program, ...args] = asked;
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'ignore', detached: true });
    child.once('error', () => resolve(false));
    child.once('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
}

function opener(path: string): readonly [string, ...string[]] | undefined {
  switch (process.platform) {
    case 'darwin':
      return ['open', path];
    case 'win32':
      return ['explorer.exe', path];
    default:
      return process.env.DISPLAY || process.env.WAYLAND_DISPLAY ? ['xdg-open', path] : undefined;
  }
}
