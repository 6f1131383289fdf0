// The Kernels page in a real Chromium: kernels are read, changed, checked, timed and shared; hostile ones end in a
// message.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { silu } from '../../kernels/silu/silu.ts';
import { openApp } from './openApp.ts';

const test = suite('the Kernels page');
/** As the page shows it. */
const original = silu.shaders.find(({ label }) => label === 'silu/forward')!.code;
/** What its last function returns, and where. */
const body = /return (x .+);/.exec(original)![1]!;
const line = original.slice(0, original.indexOf(body)).split('\n').length;
const axe = createRequire(import.meta.url).resolve('axe-core');

test('a kernel stands beside its reference and passes its check', async () => {
  const { page, close } = await openApp({ route: '/kernels?operation=silu' });
  try {
    await page.getByLabel('WGSL of silu/forward').waitFor();
    assert.match(
      (await page.getByLabel('Source of kernels/silu/reference.ts').textContent())!,
      'export const reference',
    );
    await check(page);
    await summary(page, /^all \d+ passed$/);
    assert.equal(await page.locator('.check td .bad').count(), 0);
    await isAccessible(page);
  } finally {
    await close();
  }
});

test('a wrong edit fails with case and element, a right one passes, and a link brings it back', async () => {
  const { page, close } = await openApp({ route: '/kernels?operation=silu&shader=silu/forward' });
  try {
    await edit(page, original.replace(body, `${body} + Element(0.5)`));
    await check(page);
    await summary(page, /failed/);
    const failed = page.locator('.check tr', { hasText: 'an odd number of elements' });
    assert.match((await failed.textContent())!, /fails.*y\[0, 0, 0\] \(element 0\) is -?[\d.]+, expected -?[\d.]+/s);

    await edit(page, original.replace(`${body};`, `${body} * Element(1); // the same`));
    await check(page);
    await summary(page, /^all \d+ passed; \d+ ran the edited text$/);

    await page.waitForURL(/edit=/);
    const link = page.url();
    await page.goto('about:blank');
    await page.goto(link);
    await page.getByText('// the same').waitFor();
    assert.is(await page.getByLabel('Shader').inputValue(), 'silu/forward');
    await page.getByRole('button', { name: 'Revert' }).click();
    await page.waitForURL((url) => !url.href.includes('edit='));
    assert.is(await page.getByText('// the same').count(), 0);
  } finally {
    await close();
  }
});

test('hostile texts end in a message, and the page goes on', async () => {
  const { page, close } = await openApp({ route: '/kernels?operation=silu&shader=silu/forward' });
  try {
    await edit(page, original.replace(body, `${body} +`));
    await page
      .locator('.messages .error', { hasText: `line ${line}:` })
      .first()
      .waitFor();
    await check(page);
    await summary(page, /^1 failed/);
    assert.match((await page.locator('.check .message').textContent())!, 'does not compile');

    await edit(
      page,
      original.replace(/binding\(1\)/, 'binding(7)').replace('elements: u32', 'elements: u32, more: u32'),
    );
    await page.locator('.messages .error', { hasText: "no field of Params 'more'" }).waitFor();

    const loop = 'var turns = 1u;\n  loop {\n    turns = turns * 3u + 1u;\n    if (turns == 0u) { break; }\n  }\n';
    await edit(page, original.replace(`return ${body}`, `${loop}  return Element(f32(turns)) * ${body}`));
    await check(page);
    await summary(page, /^1 failed, 0 passed/); // no other case is tried
    const stopped = page.locator('.check .message').first();
    assert.match((await stopped.textContent())!, new RegExp(`silu/forward: the loop at line ${line + 1} did not end`));

    await page.getByLabel('Problems, one a line').fill('{"x": [105]}');
    await page.getByRole('button', { name: 'Time the edited kernel' }).click();
    await page.locator('.time .error', { hasText: `the loop at line ${line + 1} did not end` }).waitFor();

    await page.getByRole('button', { name: 'Revert' }).click();
    await check(page);
    await summary(page, /^all \d+ passed$/);
  } finally {
    await close();
  }
});

test('what does not come back is ended, and can be started again', async () => {
  const { page, close } = await openApp({ route: '/models' });
  try {
    await page.getByRole('heading', { name: 'Models' }).waitFor();
    await page.clock.install();
    await page.route(
      '**/kernels.worker.js',
      (route) => route.fulfill({ contentType: 'text/javascript', body: 'onmessage = () => {};' }),
      { times: 1 },
    );
    await page.evaluate("location.hash = '#/kernels?operation=silu'");
    await page.getByText('Asking the adapter').waitFor();
    await page.clock.runFor(15_100);
    const notice = page.getByRole('alert');
    assert.match((await notice.textContent())!, 'the start did not come back within 15 s');
    await page.getByRole('button', { name: 'Start again' }).click();
    await page.getByLabel('WGSL of silu/forward').waitFor();
    assert.is(await notice.count(), 0);
  } finally {
    await close();
  }
});

test('variants are timed over problems, compared and saved', async () => {
  const { page, close } = await openApp({ route: '/kernels?operation=softmax' });
  try {
    const problems = page.getByLabel('Problems, one a line');
    await problems.fill('{"x": [4, "many"]}');
    await page.getByRole('button', { name: 'Time', exact: true }).click();
    await page.getByText('problem 1: x must be a shape').waitFor();
    await problems.fill('{"x": [4, 16], "options": {"dim": 1}}\n{"x": [8, 32], "options": {"dim": 1}}');
    await page.getByRole('button', { name: 'Time', exact: true }).click();
    await page.getByText(/^2 timed, by (timestamps|the wall clock), \d+ runs$/).waitFor();
    assert.is(await page.locator('.time .table-scroll tbody tr').count(), 4, 'two problems, forward and backward');
    await page.locator('.time .line-chart canvas').waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save JSON' }).click(),
    ]);
    const report = JSON.parse(readFileSync(await download.path(), 'utf8'));
    assert.is(report.operation, 'softmax');
    assert.equal(report.timings[1].inputs.x.shape, [8, 32]);
    assert.equal(
      report.timings[1].phases.map((each: { phase: string }) => each.phase),
      ['forward', 'backward'],
    );
  } finally {
    await close();
  }
});

test('a phone shows it in the dark without scrolling sideways', async () => {
  const viewport = { width: 390, height: 844 };
  const route = '/kernels?operation=conv2d&variant=wide';
  const { page, close } = await openApp({ route, viewport, colorScheme: 'dark' });
  try {
    await page.locator('.cm-content').first().waitFor();
    assert.is(await page.getByLabel('Variant').inputValue(), 'wide');
    const { x, width } = (await page.getByLabel('Shader').boundingBox())!; // its options are long
    assert.ok(x + width <= 390);
    assert.is(await page.evaluate<number>('document.documentElement.scrollWidth'), 390);
    await isAccessible(page);
  } finally {
    await close();
  }
});

test.run();

/** By keyboard: messages that come and go above move the button. */
async function check(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Check/ }).press('Enter');
}

async function summary(page: Page, expected: RegExp): Promise<void> {
  const status = page.locator('.check .summary');
  await status
    .filter({ hasText: expected })
    .waitFor()
    .catch(async () =>
      assert.unreachable(`the check says '${await page.locator('.check').textContent()}', not ${expected}`),
    );
}

/** Types over the whole text. */
async function edit(page: Page, text: string): Promise<void> {
  assert.is.not(text, original, 'the edit found its place');
  const editor = page.getByLabel('WGSL of silu/forward');
  await editor.press('ControlOrMeta+a');
  // text that comes before the editor has its selection is put before the old one
  await page.waitForFunction(() => getSelection()!.toString().length > 200);
  await page.keyboard.insertText(text);
}

async function isAccessible(page: Page): Promise<void> {
  await page.addScriptTag({ path: axe });
  const { violations } = await page.evaluate<{
    violations: { id: string; impact: string; nodes: { html: string }[] }[];
  }>('axe.run()');
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  assert.equal(
    serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
    [],
  );
}
