// What stands around every page: the way there by address, click and keyboard, and what is said without WebGPU.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openApp } from './openApp.ts';

const test = suite('laboratory');

test('every page is reached by its link, named in the title, and gets the focus', async () => {
  const { page, close } = await openApp({ route: '/models' });
  for (const title of ['Kernels', 'Train', 'Classify', 'Models']) {
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: title }).click();
    await page.getByRole('heading', { level: 1, name: title, exact: true }).waitFor();
    assert.is(await page.title(), `${title} · wgrad laboratory`);
    assert.is(await page.locator('nav a[aria-current=page]').textContent(), title);
    assert.is(await page.evaluate(() => document.activeElement?.tagName), 'MAIN');
  }
  await close();
});

test('an address that names no page shows the first', async () => {
  const { page, close } = await openApp({ route: '/nowhere' });
  await page.getByRole('heading', { level: 1, name: 'Kernels', exact: true }).waitFor();
  await close();
});

test('by keyboard, the first stop leads past the links', async () => {
  const { page, close } = await openApp({ route: '/models' });
  await page.getByRole('heading', { level: 1, name: 'Models', exact: true }).waitFor();
  await page.keyboard.press('Tab');
  assert.is(await page.evaluate(() => document.activeElement?.textContent?.trim()), 'Skip to the page');
  await page.keyboard.press('Enter');
  assert.is(await page.evaluate(() => document.activeElement?.id), 'content');
  await close();
});

test('without WebGPU the pages that compute say how to get it', async () => {
  for (const route of ['/kernels', '/train', '/classify']) {
    const { page, close } = await openApp({ route: '/models' });
    await page.addInitScript(() => Object.defineProperty(Navigator.prototype, 'gpu', { value: undefined }));
    await page.goto(page.url().replace(/#.*/, `?without#${route}`));
    await page.getByRole('alert').getByText('This browser has no WebGPU').waitFor();
    assert.match((await page.locator('.adapter').textContent()) ?? '', /WebGPU is missing/);
    await close();
  }
});

test.run();
