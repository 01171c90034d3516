/** Debian's Chromium, driven as a person would drive it. */
import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { OutsideClient } from '../support/outside-client.ts';

const PROGRAM = '/usr/bin/chromium';

export const chromiumOfDebian: OutsideClient = {
  name: 'Chromium (Debian)',
  missing: existsSync(PROGRAM)
    ? undefined
    : 'Chromium is missing; install it with "apt-get install chromium"',
};

/** As root, in a container, Chromium has no sandbox of its own. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: PROGRAM, args: ['--no-sandbox', '--disable-gpu'] });

/** What a page did beside showing itself. */
export interface Witness {
  /** Messages of errors and warnings, and exceptions. */
  readonly complaints: readonly string[];
  /** Addresses that were asked for beside the page's own file. */
  readonly requests: readonly string[];
}

export function watch(page: Page): Witness {
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    if (!request.isNavigationRequest() && !request.url().startsWith('data:')) requests.push(request.url());
  });
  return { complaints, requests };
}
