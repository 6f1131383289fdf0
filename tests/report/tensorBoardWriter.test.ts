// Event files, read field by field by a reader of the test's own, and beside one that PyTorch wrote.
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FormatError, ShapeError } from '../../kernels/errors.ts';
import { eventRecord } from '../../training/node/tensorboard/eventRecord.ts';
import { logMetrics } from '../../training/node/tensorboard/logMetrics.ts';
import { TensorBoardWriter } from '../../training/node/tensorboard/tensorBoardWriter.ts';
import type { MetricRow } from '../../training/report/metricRow.ts';

interface Fixture {
  readonly time: number;
  readonly calls: [kind: string, tag: string, value: unknown, step: number][];
  /** PNG files, base64. */
  readonly images: string[];
  /** Base64. */
  readonly file: string;
}

type Field = { readonly field: number; readonly wire: number; readonly value: number | Buffer };

const fixture = JSON.parse(readFileSync(join(import.meta.dirname, '../fixtures/tensorBoard.json'), 'utf8')) as Fixture;
const root = mkdtempSync(join(tmpdir(), 'wgrad-'));
const test = suite('TensorBoardWriter');
test.after(() => rmSync(root, { recursive: true }));

test('the test reads CRC-32C: the known values of RFC 3720 and of the catalogue of CRCs', () => {
  assert.is(crc32c(Buffer.from('123456789')), 0xe3069283);
  assert.is(crc32c(Buffer.alloc(32)), 0x8a9136aa);
  assert.is(crc32c(Buffer.alloc(32, 0xff)), 0x62a8ab43);
  assert.is(crc32c(Buffer.from(Array.from({ length: 32 }, (_, i) => i))), 0x46dd794e);
});

test('a record is its length, data, and a masked checksum of each', () => {
  const record = Buffer.from(eventRecord(Buffer.from('123456789')));
  assert.is(record.length, 25);
  assert.is(record.readBigUInt64LE(0), 9n);
  assert.is(record.readUInt32LE(8), masked(crc32c(record.subarray(0, 8))));
  assert.is(record.toString('latin1', 12, 21), '123456789');
  // 0xe3069283 rotated right by 15 bits is 0x2507c60d, plus 0xa282ead8
  assert.is(record.readUInt32LE(21), 0xc78ab0e5);
  assert.equal(records(Buffer.from(eventRecord(new Uint8Array()))), [Buffer.alloc(0)]);
});

test('scalars, histograms, texts and images are byte for byte what PyTorch writes', () => {
  let clock = fixture.time;
  const writer = new TensorBoardWriter(join(root, 'pytorch'), { now: () => clock++ });
  const pictures = [...fixture.images];
  for (const [kind, tag, value, step] of fixture.calls) {
    if (kind === 'scalar') writer.scalar(tag, value as number, step);
    else if (kind === 'histogram') writer.histogram(tag, value as number[], step);
    else if (kind === 'text') writer.text(tag, value as string, step);
    else writer.image(tag, Buffer.from(pictures.shift()!, 'base64'), step);
  }
  writer.close();
  const [first, ...found] = records(readFileSync(writer.path));
  const [theirFirst, ...expected] = records(Buffer.from(fixture.file, 'base64'));
  assert.is(found.length, fixture.calls.length);
  for (const [i, record] of found.entries()) assert.equal(record, expected[i], fixture.calls[i]!.join(' '));
  // theirs says also which program wrote it
  assert.equal(fields(first!), fields(theirFirst!).slice(0, 2));
});

test('the first record is the version of the format', () => {
  const [first] = recordsOf({ now: 12.5 }, () => {});
  assert.equal(fields(first!), [
    { field: 1, wire: 1, value: 12.5 },
    { field: 3, wire: 2, value: Buffer.from('brain.Event:2') },
  ]);
});

test('a scalar is an event with time, step, tag and a float32', () => {
  const [, event] = recordsOf({}, (writer) => writer.scalar('loss', 0.1, 2 ** 40, { wallTime: 7.25 }));
  const [wallTime, step, summary] = fields(event!);
  assert.equal(wallTime, { field: 1, wire: 1, value: 7.25 });
  assert.equal(step, { field: 2, wire: 0, value: 2 ** 40 });
  assert.is(summary!.field, 5);
  const [value, ...others] = fields(summary!.value as Buffer);
  assert.is(value!.field, 1);
  assert.equal(others, []);
  assert.equal(fields(value!.value as Buffer), [
    { field: 1, wire: 2, value: Buffer.from('loss') },
    { field: 2, wire: 5, value: Math.fround(0.1) },
  ]);
});

test('a loss that is no number is written as it is', () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
    const [, event] = recordsOf({}, (writer) => writer.scalar('loss', value, 1));
    assert.ok(Object.is(valueFields(event!)[1]!.value, value));
  }
});

test('an image carries its size, its colours and a PNG', () => {
  const image = { width: 3, height: 2, channels: 1 as const, data: new Uint8Array(6) };
  const [, event] = recordsOf({}, (writer) => writer.image('digit', image, 0));
  const [height, width, colorspace, png] = fields(valueFields(event!)[1]!.value as Buffer);
  assert.equal([height!.value, width!.value, colorspace!.value], [2, 3, 1]);
  assert.is((png!.value as Buffer).toString('latin1', 1, 4), 'PNG');
});

test('a histogram counts every finite value once, between limits that enclose it', () => {
  const values = [-1e30, -2, -1e-13, 0, 1e-13, 1, 1, Number.NaN, 3, 1e30, Number.POSITIVE_INFINITY];
  const [, event] = recordsOf({}, (writer) => writer.histogram('weights', values, 1));
  const found = fields(valueFields(event!)[1]!.value as Buffer);
  const numberOf = (field: number) => found.find((each) => each.field === field)!.value as number;
  assert.equal([1, 2, 3].map(numberOf), [-1e30, 1e30, 9]);
  const [limits, counts] = [6, 7].map((field) => doubles(found.find((each) => each.field === field)!.value as Buffer));
  assert.is(limits!.length, counts!.length);
  assert.is(counts![0], 0);
  assert.is(
    counts!.reduce((sum, count) => sum + count),
    9,
  );
  const bucketOfOne = limits!.findIndex((limit) => limit > 1);
  assert.is(counts![bucketOfOne], 2);
  assert.ok(limits![bucketOfOne - 1]! <= 1);
});

test('every file is new, and a link is not followed', () => {
  const folder = join(root, 'names');
  const open = () => new TensorBoardWriter(folder, { now: () => 1700000000.9 });
  const paths = [open(), open()].map((writer) => {
    writer.close();
    return writer.path;
  });
  assert.equal(
    paths.map((path) => path.slice(folder.length + 1)),
    ['events.out.tfevents.1700000000.wgrad.0', 'events.out.tfevents.1700000000.wgrad.1'],
  );
  const target = join(folder, 'target');
  symlinkSync(target, join(folder, 'events.out.tfevents.1700000000.wgrad.2'));
  const third = open();
  third.close();
  assert.match(third.path, /\.wgrad\.3$/);
  assert.not(readdirSync(folder).includes('target'));
});

test('a file is whole after every call, without flush or close', () => {
  const writer = new TensorBoardWriter(join(root, 'open'));
  for (let step = 0; step < 5; step++) {
    writer.scalar('loss', step, step);
    assert.is(records(readFileSync(writer.path)).length, step + 2);
  }
  writer.close();
  writer.close();
  assert.throws(
    () => writer.scalar('loss', 1, 6),
    (error: Error) => error instanceof FormatError && /closed/.test(error.message),
  );
});

test('rows of metrics become curves', () => {
  const epoch = { kind: 'epoch', epoch: 1, step: 2, trainLoss: 1, testLoss: 2, testAccuracy: 0.5 } as const;
  const rows: MetricRow[] = [
    { kind: 'step', step: 1, epoch: 1, loss: 3, lr: 0.5, seconds: 4 },
    { ...epoch, imagesPerSecond: 100, seconds: 6 },
    { ...epoch, split: 'validation', step: 4, imagesPerSecond: 100, seconds: 8 },
  ];
  const found = recordsOf({}, (writer) => logMetrics(writer, rows, { start: 1000 })).slice(1);
  const curves = found.map((event) => {
    const [tag, value] = valueFields(event);
    const [wallTime, step] = fields(event);
    return [String(tag!.value), value!.value, step!.value, wallTime!.value];
  });
  assert.equal(curves, [
    ['loss/train', 3, 1, 1004],
    ['lr', 0.5, 1, 1004],
    ['loss/train epoch', 1, 2, 1006],
    ['loss/test', 2, 2, 1006],
    ['accuracy/test', 0.5, 2, 1006],
    ['images per second', 100, 2, 1006],
    ['loss/train epoch', 1, 4, 1008],
    ['loss/validation', 2, 4, 1008],
    ['accuracy/validation', 0.5, 4, 1008],
    ['images per second', 100, 4, 1008],
  ]);
});

test('what cannot be shown is refused', () => {
  const writer = new TensorBoardWriter(join(root, 'refused'));
  const refuse = (call: () => void, type: typeof ShapeError | typeof FormatError, message: RegExp) =>
    assert.throws(call, (error: Error) => error instanceof type && message.test(error.message));
  for (const step of [-1, 1.5, Number.NaN, 2 ** 53]) refuse(() => writer.scalar('a', 1, step), ShapeError, /a: step/);
  refuse(() => writer.scalar('', 1, 1), ShapeError, /a tag has 1 to 1024 characters, given 0/);
  refuse(() => writer.text('', 'a', 1), ShapeError, /a tag/);
  refuse(() => writer.scalar('a'.repeat(1025), 1, 1), ShapeError, /given 1025/);
  refuse(() => writer.scalar('a', 1, 1, { wallTime: Number.NaN }), ShapeError, /wallTime is NaN/);
  refuse(() => writer.histogram('h', [], 1), ShapeError, /h: a histogram needs a finite value, given none of 0/);
  refuse(() => writer.histogram('h', [Number.NaN], 1), ShapeError, /none of 1/);
  refuse(
    () => writer.image('i', Buffer.from('GIF89a'), 1),
    FormatError,
    /i: expected the bytes of a PNG file, given 6/,
  );
  refuse(() => writer.image('i', { width: 2, height: 2, channels: 3, data: new Uint8Array(4) }, 1), ShapeError, /i: /);
  writer.close();
  assert.is(records(readFileSync(writer.path)).length, 1, 'nothing was written');
});

test.run();

function recordsOf({ now = 1 }: { now?: number }, write: (writer: TensorBoardWriter) => void): Buffer[] {
  const writer = new TensorBoardWriter(mkdtempSync(join(root, 'run-')), { now: () => now });
  write(writer);
  writer.close();
  return records(readFileSync(writer.path));
}

/** The data of every record; both checksums must be right and nothing left over. */
function records(file: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < file.length; ) {
    const length = Number(file.readBigUInt64LE(at));
    assert.is(file.readUInt32LE(at + 8), masked(crc32c(file.subarray(at, at + 8))), `checksum of length at ${at}`);
    const data = file.subarray(at + 12, at + 12 + length);
    assert.is(file.readUInt32LE(at + 12 + length), masked(crc32c(data)), `checksum of data at ${at}`);
    found.push(data);
    at += length + 16;
  }
  return found;
}

/** The fields of the one value in an event's summary. */
function valueFields(event: Buffer): Field[] {
  const summary = fields(event).find(({ field }) => field === 5)!;
  return fields(fields(summary.value as Buffer)[0]!.value as Buffer);
}

/** A message of protocol buffers, one level deep. */
function fields(message: Buffer): Field[] {
  const found: Field[] = [];
  let at = 0;
  const varint = () => {
    let [value, factor] = [0, 1];
    for (; message[at]! >= 0x80; factor *= 128) value += (message[at++]! & 0x7f) * factor;
    return value + message[at++]! * factor;
  };
  const skip = (bytes: number) => {
    at += bytes;
    return at - bytes;
  };
  while (at < message.length) {
    const key = varint();
    const [field, wire] = [key >> 3, key & 7];
    if (wire === 0) found.push({ field, wire, value: varint() });
    else if (wire === 1) found.push({ field, wire, value: message.readDoubleLE(skip(8)) });
    else if (wire === 5) found.push({ field, wire, value: message.readFloatLE(skip(4)) });
    else {
      assert.is(wire, 2, `wire type at ${at}`);
      const start = skip(varint());
      found.push({ field, wire, value: message.subarray(start, at) });
    }
  }
  assert.is(at, message.length);
  return found;
}

function doubles(bytes: Buffer): number[] {
  return Array.from({ length: bytes.length / 8 }, (_, i) => bytes.readDoubleLE(8 * i));
}

/** Bit by bit, from the polynomial (Castagnoli's, reversed). */
function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return ~crc >>> 0;
}

function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
