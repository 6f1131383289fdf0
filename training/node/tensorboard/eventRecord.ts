// How TensorBoard frames what it stores (TensorFlow's TFRecord): length, checksum of it, data, checksum of it.
import { createRequire } from 'node:module';

// the package has no types for its second file, which is like the first
const crc32c = createRequire(import.meta.url)('crc-32/crc32c.js') as typeof import('crc-32');

/**
 *     uint64 length    uint32 masked CRC-32C of length    byte data[length]    uint32 masked CRC-32C of data
 *
 * all little-endian.
 * https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details
 */
export function eventRecord(data: Uint8Array): Uint8Array<ArrayBuffer> {
  const record = new Uint8Array(data.length + 16);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc(record.subarray(0, 8)), true);
  record.set(data, 12);
  view.setUint32(12 + data.length, maskedCrc(data), true);
  return record;
}

/** Rotated and shifted, because a checksum of data that holds its own checksum is weak. */
function maskedCrc(bytes: Uint8Array): number {
  const crc = crc32c.buf(bytes) >>> 0;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
