/** The profile of a dataset as a browser shows it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { profilePage } from '../../services/ingest/profile/profile-page.ts';
import { exampleProfile } from '../../services/ingest/profile/testing/example-profile.ts';
import { describeWith } from '../support/outside-client.ts';
import { chromiumOfDebian, openBrowser, watch } from './browser.ts';

/** The least contrast of text that WCAG 2.2 asks for (success criterion 1.4.3). */
const READABLE = 4.5;
const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 375, height: 800 };

describeWith(chromiumOfDebian, 'The profile page', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ratchet-profile-'));
  let browser: Browser;

  beforeAll(async () => {
    browser = await openBrowser();
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function show(columns: number, options: Parameters<Browser['newPage']>[0] = { viewport: DESKTOP }) {
    const path = join(folder, `${columns}.html`);
    writeFileSync(path, profilePage(exampleProfile(columns)));
    const page = await browser.newPage(options);
    const witness = watch(page);
    await page.goto(pathToFileURL(path).href, { waitUntil: 'load' });
    return { page, witness };
  }

  it.each([0, 1, 12, 1_000])(
    'with %i measures shows itself without complaint or request',
    async (columns) => {
      const { page, witness } = await show(columns);
      expect(witness).toEqual({ complaints: [], requests: [] });
      const headings = await page.getByRole('heading', { level: 2 }).allTextContents();
      expect(headings).toEqual(
        expect.arrayContaining([
          'What cleaning changed',
          'Distributions',
          'Missing values',
          'Correlations',
          'Files',
        ]),
      );
      await page.close();
    },
  );

  it('draws what it says: a histogram for each number, a flow, a heat map', async () => {
    const { page } = await show(12);
    const named = await page
      .getByRole('img')
      .evaluateAll((drawings) => drawings.map((drawing) => drawing.getAttribute('aria-label') ?? ''));
    expect(named.filter((name) => name.startsWith('Distribution of'))).toHaveLength(13);
    expect(named.filter((name) => name.startsWith('Rows read: 1,090'))).toHaveLength(1);
    expect(named.filter((name) => name.startsWith('Heat map'))).toHaveLength(1);
    const sizes = await page
      .locator('svg[role=img]')
      .evaluateAll((drawings) =>
        drawings
          .map((drawing) => drawing.getBoundingClientRect())
          .map(({ width, height }) => Math.min(width, height)),
      );
    expect(Math.min(...sizes)).toBeGreaterThan(50);
    expect(await page.locator('section#columns rect.train').count()).toBe(13 * 10);
    await page.close();
  });

  it('shows values that look like markup as text', async () => {
    const { page } = await show(1);
    await expect(page.getByText('<script>alert(1)</script>').count()).resolves.toBe(1);
    expect(await page.locator('script').count()).toBe(0);
    await page.close();
  });

  it('unfolds a thousand columns when asked', async () => {
    const { page } = await show(1_000);
    const hidden = page.locator('section#columns').getByText('measure_900', { exact: true });
    expect(await hidden.isVisible()).toBe(false);
    await page.locator('section#columns summary').click();
    expect(await hidden.isVisible()).toBe(true);
    await page.close();
  });

  it.each([
    ['light', DESKTOP],
    ['dark', DESKTOP],
    ['light', PHONE],
  ] as const)('is readable in %s colours on %o', async (colorScheme, viewport) => {
    const { page } = await show(12, { viewport, colorScheme });
    const faint = (await page.evaluate(contrasts)).filter(({ contrast }) => contrast < READABLE);
    expect(faint).toEqual([]);
    const overflow = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
    expect(overflow).toBeLessThanOrEqual(0);
    await page.close();
  });

  it('is walked by keyboard from the contents to a section', async () => {
    const { page } = await show(1);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(new URL(page.url()).hash).toBe('#rows');
    await page.close();
  });
});

declare const document: { querySelectorAll(selector: string): Iterable<Shown>; documentElement: Shown };
declare const getComputedStyle: (element: Shown) => { color: string; backgroundColor: string };
interface Shown {
  readonly parentElement: Shown | null;
  readonly textContent: string;
  readonly childElementCount: number;
}

/** Runs in the page: the contrast of each text with the nearest background that is not transparent. */
function contrasts(): { text: string; contrast: number }[] {
  const channels = (color: string): number[] => (color.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (color: string): number => {
    const [r = 0, g = 0, b = 0] = channels(color).map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const backgroundOf = (element: Shown | null): string => {
    if (!element) return 'rgb(255, 255, 255)';
    const { backgroundColor } = getComputedStyle(element);
    return channels(backgroundColor)[3] === 0 ? backgroundOf(element.parentElement) : backgroundColor;
  };
  const texts = [
    ...document.querySelectorAll(
      'h1,h2,h3,p,a,li,dt,dd,th,td,caption,code,.soft:not(svg *),.badge,summary,pre,footer',
    ),
  ];
  return texts
    .filter(({ textContent }) => textContent.trim() !== '')
    .map((element) => {
      const [a, b] = [luminance(getComputedStyle(element).color), luminance(backgroundOf(element))];
      const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      return { text: element.textContent.slice(0, 40), contrast: Number(contrast.toFixed(2)) };
    });
}
