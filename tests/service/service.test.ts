// The service as its clients meet it: right answers whatever the batch, and refusals that harm nobody else.
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { preprocess } from '../../datasets/images/preprocess.ts';
import { glyphs } from '../../datasets/index.ts';
import { encodePng } from '../../datasets/node/encodePng.ts';
import type { Device } from '../../engine/device.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { ShapeError } from '../../kernels/errors.ts';
import { createModel } from '../../models/index.ts';
import { createService, type Service, type ServiceLimits } from '../../service/index.ts';
import { topClasses } from '../../training/topClasses.ts';

const test = suite('service');
const digits = glyphs({ train: false, count: 40 });
const preprocessing = { resize: 28, crop: 28, mean: digits.mean, std: digits.std };
const pictures = Array.from({ length: digits.count }, (_, i) => ({
  width: 28,
  height: 28,
  channels: 1 as const,
  data: digits.images.subarray(i * 784, (i + 1) * 784),
}));
const files = pictures.map((picture) => encodePng(picture));

interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the service says
  body: any;
}

/** Devices that the service opened. */
const devices: Device[] = [];
let service: Service;
let address: string;
/** What the model answers, one picture at a time. */
let expected: { index: number; probability: number }[];

async function started(limits: Partial<ServiceLimits> = {}, log: string[] = []) {
  const service = await createService({
    model: 'lenet5',
    open: async () => {
      devices.push(await createDevice());
      return devices.at(-1)!;
    },
    load: async (device) => createModel('lenet5').to(device, { seed: 7 }).eval(),
    preprocessing,
    classes: digits.classes,
    limits: { decoders: 1, maxBatch: 2, ...limits },
    log: (line) => log.push(line),
  });
  return { service, address: await service.listen({ port: 0 }) };
}

test.before(async () => {
  ({ service, address } = await started({ maxBatch: 8 }));
  const device = await createDevice();
  const model = createModel('lenet5').to(device, { seed: 7 }).eval();
  expected = [];
  for (const picture of pictures) {
    const { data, shape } = preprocess(picture, preprocessing);
    using _ = device.scope();
    const logits = device.noGrad(() => model.call(device.tensor(data, [1, ...shape]))) as { data(): Promise<unknown> };
    const [best] = topClasses((await logits.data()) as Float32Array, { names: digits.classes, top: 1 });
    expected.push(best);
  }
  device.destroy();
});
test.after(() => service.close());

async function post(
  body: Buffer | Uint8Array | FormData | string,
  { type, path = '/classify', to = address }: { type?: string; path?: string; to?: string } = {},
): Promise<Answer> {
  const headers: Record<string, string> = body instanceof FormData ? {} : { 'content-type': type ?? 'image/png' };
  const response = await fetch(`${to}${path}`, { method: 'POST', headers, body: body as BodyInit });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

function form(parts: readonly number[]): FormData {
  const data = new FormData();
  for (const i of parts) data.append('file', new Blob([files[i] as BlobPart], { type: 'image/png' }), `${i}.png`);
  return data;
}

function assertRight({ status, body }: Answer, indices: readonly number[]): void {
  assert.is(status, 200, JSON.stringify(body));
  assert.is(body.images.length, indices.length);
  for (const [at, i] of indices.entries()) {
    const [best] = body.images[at].top;
    assert.is(best.index, expected[i].index);
    assert.ok(Math.abs(best.probability - expected[i].probability) < 1e-5);
  }
}

async function assertHealthy(): Promise<void> {
  assertRight(await post(files[0]), [0]);
}

test('a picture, as its body and as a form, has the classes of direct inference', async () => {
  const answer = await post(files[3]);
  assertRight(answer, [3]);
  assert.is(answer.body.model, 'lenet5');
  assert.is(answer.body.images[0].top.length, 5);
  assert.is(answer.body.images[0].top[0].name, digits.classes[expected[3].index]);
  assert.ok(answer.body.milliseconds > 0);
  assertRight(await post(form([1, 2, 5])), [1, 2, 5]);
  const all = await post(files[3], { path: '/classify?top=10' });
  const total = all.body.images[0].top.reduce(
    (sum: number, each: { probability: number }) => sum + each.probability,
    0,
  );
  assert.ok(Math.abs(total - 1) < 1e-6);
});

test('requests of every size of batch, together, are right', async () => {
  for (const size of [1, 2, 3, 7, 8, 20]) {
    const wanted = Array.from({ length: size }, (_, i) => (i * 7 + size) % digits.count);
    const answers = await Promise.all(wanted.map((i) => post(files[i])));
    for (const [at, i] of wanted.entries()) assertRight(answers[at], [i]);
  }
  const metrics = await (await fetch(`${address}/metrics`)).text();
  const [, batches] = /wgrad_batch_images_count (\d+)/.exec(metrics)!;
  const [, images] = /wgrad_images_total (\d+)/.exec(metrics)!;
  assert.ok(Number(batches) < Number(images), `${images} pictures in ${batches} batches`);
});

test('what is no picture is refused with what would be right', async () => {
  const cases: [Promise<Answer>, number, string, RegExp][] = [
    [post('hello'), 422, 'not_a_picture', /expected a JPEG or PNG/],
    [post(files[0].subarray(0, 100)), 422, 'not_a_picture', /truncated|end of the file/],
    [post(''), 400, 'empty', /send the bytes/],
    [post('{}', { type: 'application/json' }), 415, 'media_type', /image\/jpeg or image\/png/],
    [post(new FormData()), 400, 'no_files', /add a picture/],
    [post(files[0], { path: '/classify?top=11' }), 400, 'top', /1 to 10, given 11/],
    [post(files[0], { path: '/classify?top=x' }), 400, 'top', /given x/],
    [post(files[0], { path: '/other' }), 404, 'not_found', /POST \/classify/],
    [post(huge()), 413, 'too_many_pixels', /20000x20000 pixels/],
  ];
  for (const [answer, status, code, message] of cases) {
    const { status: found, body } = await answer;
    assert.is(found, status, JSON.stringify(body));
    assert.is(body.error.code, code);
    assert.match(body.error.message, message);
  }
  const get = await fetch(`${address}/classify`);
  assert.equal([get.status, get.headers.get('allow')], [405, 'POST']);
  await assertHealthy();
});

/** A PNG whose header claims 400 million pixels, with enough data that it may. */
function huge(): Buffer {
  const side = 20_000;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([1, 0, 0, 0, 0], 8);
  const chunk = (type: string, data: Buffer) => {
    const out = Buffer.alloc(12 + data.length);
    out.writeUInt32BE(data.length, 0);
    out.write(type, 4, 'latin1');
    data.copy(out, 8);
    return out;
  };
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', Buffer.alloc(100_000)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

test('bodies that are too large are refused before they are read, and as they come', async () => {
  const small = await started({ maxBytes: 20_000 });
  const declared = await post(Buffer.alloc(9 * 2 ** 20), { to: small.address });
  assert.equal([declared.status, declared.body.error.code], [413, 'too_large']);
  const streamed = await chunked(small.address, 4000, 1000);
  assert.match(streamed, /^HTTP\/1.1 413/);
  assert.is(small.service.bodies.held, 0);
  assertRight(await post(files[2], { to: small.address }), [2]);
  await small.service.close();
});

/** A body of unknown length. */
function chunked(to: string, chunks: number, bytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const { port, hostname } = new URL(to);
    const socket = connect(Number(port), hostname);
    let text = '';
    socket.on('data', (data) => {
      text += data;
      if (text.includes('\r\n\r\n')) {
        resolve(text);
        socket.destroy();
      }
    });
    socket.on('error', (error) => (text ? resolve(text) : reject(error)));
    socket.write('POST /classify HTTP/1.1\r\nhost: x\r\ncontent-type: image/png\r\ntransfer-encoding: chunked\r\n\r\n');
    for (let i = 0; i < chunks; i++) socket.write(`${bytes.toString(16)}\r\n${'x'.repeat(bytes)}\r\n`);
  });
}

test('slow requests end with 408 while others are answered', async () => {
  const strict = await started({ bodyTimeout: 600 });
  const { port, hostname } = new URL(strict.address);
  const slow = Array.from(
    { length: 30 },
    () =>
      new Promise<string>((resolve) => {
        const socket = connect(Number(port), hostname);
        let text = '';
        socket.on('data', (data) => {
          text += data;
        });
        socket.on('close', () => resolve(text));
        socket.on('error', () => {});
        socket.write(
          'POST /classify HTTP/1.1\r\nhost: x\r\ncontent-type: image/png\r\ncontent-length: 5000\r\n\r\nabc',
        );
      }),
  );
  for (let i = 0; i < 10; i++) assertRight(await post(files[i], { to: strict.address }), [i]);
  for (const text of await Promise.all(slow)) assert.match(text, /^HTTP\/1.1 408/);
  assert.equal([strict.service.underWay, strict.service.bodies.held], [0, 0]);
  await strict.service.close();
});

test('beyond the bound of the queue there is 503 with Retry-After, and what was taken is answered', async () => {
  const narrow = await started({ maxQueue: 4, maxBatch: 1 });
  const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => post(files[i], { to: narrow.address })));
  const refused = answers.filter(({ status }) => status === 503);
  const taken = answers.map((answer, i) => ({ answer, i })).filter(({ answer }) => answer.status === 200);
  assert.ok(refused.length > 0 && taken.length >= 4, `${refused.length} refused, ${taken.length} taken`);
  assert.is(refused.length + taken.length, 40);
  for (const { answer, i } of taken) assertRight(answer, [i]);
  for (const { headers, body } of refused) {
    assert.is(body.error.code, 'queue_full');
    assert.ok(Number(headers.get('retry-after')) >= 1);
  }
  assertRight(await post(files[1], { to: narrow.address }), [1]);
  await narrow.service.close();
});

test('a request that waits too long gets 504', async () => {
  const hasty = await started({ requestTimeout: 1, maxDelay: 200 });
  const { status, body } = await post(files[0], { to: hasty.address });
  assert.equal([status, body.error.code], [504, 'timeout']);
  assert.is(hasty.service.underWay, 0);
  await hasty.service.close();
});

test('a client that goes away leaves nothing behind', async () => {
  const patient = await started({ maxDelay: 300 });
  const { port, hostname } = new URL(patient.address);
  const leaving = httpRequest({
    port,
    hostname,
    path: '/classify',
    method: 'POST',
    headers: { 'content-type': 'image/png' },
  });
  leaving.on('error', () => {});
  leaving.end(files[0]);
  await until(() => patient.service.underWay === 1);
  leaving.destroy();
  await until(() => patient.service.underWay === 0);
  assertRight(await post(files[4], { to: patient.address }), [4]);
  await patient.service.close();
});

test('a device that is lost is replaced, and those who waited are answered', async () => {
  const log: string[] = [];
  const sturdy = await started({}, log);
  assertRight(await post(files[0], { to: sturdy.address }), [0]);
  devices.at(-1)!.destroy();
  const answers = await Promise.all([1, 2, 3, 4, 5].map((i) => post(files[i], { to: sturdy.address })));
  for (const [at, i] of [1, 2, 3, 4, 5].entries()) assertRight(answers[at], [i]);
  assert.is(log.length, 1);
  assert.match(log[0], /opening another/);
  assert.match(await (await fetch(`${sturdy.address}/metrics`)).text(), /wgrad_device_losses_total 1/);
  assert.is((await fetch(`${sturdy.address}/ready`)).status, 200);
  await sturdy.service.close();
});

test('closing answers those under way, then nobody', async () => {
  const closing = await started({ maxDelay: 200 });
  const under = [0, 1, 2].map((i) => post(files[i], { to: closing.address }));
  await until(() => closing.service.underWay === 3);
  const closed = closing.service.close();
  assert.not(closing.service.isReady);
  for (const [i, answer] of (await Promise.all(under)).entries()) assertRight(answer, [i]);
  await closed;
  try {
    await post(files[0], { to: closing.address });
    assert.unreachable('nobody listens');
  } catch (error) {
    assert.match(String((error as Error).cause), /ECONNREFUSED/);
  }
});

test('health, readiness, description and metrics', async () => {
  assert.equal(await (await fetch(`${address}/health`)).json(), { status: 'alive' });
  assert.equal(await (await fetch(`${address}/ready`)).json(), { status: 'ready' });
  const about = await (await fetch(address)).json();
  assert.equal([about.model, about.input, about.classes, about.limits.maxBatch], ['lenet5', [1, 28, 28], 10, 8]);
  const response = await fetch(`${address}/metrics`);
  assert.match(response.headers.get('content-type')!, /text\/plain; version=0\.0\.4/);
  const text = await response.text();
  for (const line of [
    /wgrad_requests_total\{route="\/classify",status="200"\} \d+/,
    /wgrad_requests_total\{route="\/classify",status="422"\} 2/,
    /wgrad_classify_seconds_bucket\{le="1"\} \d+/,
    /wgrad_requests_under_way 0/,
    /wgrad_held_bytes 0/,
    /wgrad_gpu_bytes [1-9]\d+/,
    /process_resident_memory_bytes \d+/,
  ]) {
    assert.match(text, line);
  }
});

test('limits and preprocessing that do not fit are refused before a device is opened', async () => {
  const opened = devices.length;
  for (const [given, message] of [
    [{ limits: { maxBatch: 0 } }, /maxBatch must be a whole number from 1, given 0/],
    [{ preprocessing: { resize: 28, mean: [0], std: [1] } }, /one shape/],
  ] as const) {
    try {
      await createService({
        ...{ model: 'x', open: createDevice, load: () => Promise.reject(new Error('no')), preprocessing, classes: [] },
        ...given,
      });
      assert.unreachable();
    } catch (error) {
      assert.instance(error, ShapeError);
      assert.match((error as Error).message, message);
    }
  }
  assert.is(devices.length, opened);
});

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 500; i++) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.unreachable('it did not come');
}

test.run();
