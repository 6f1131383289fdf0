// Makes small zip archives for the tests.
import { deflateRawSync } from 'node:zlib';
import crc32 from 'crc-32';

/**
 * @param entries paths and contents
 * @param options.size what each entry claims to unpack to; packs them. Default: stored, and true
 */
export function zipBytes(
  entries: readonly (readonly [string, Uint8Array])[],
  { size }: { size?: number } = {},
): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [path, content] of entries) {
    const bytes = size === undefined ? content : deflateRawSync(content);
    const name = Buffer.from(path);
    const sizes = {
      packed: bytes.length,
      claimed: size ?? bytes.length,
      method: size === undefined ? 0 : 8,
      checksum: crc32.buf(content),
    };
    const local = Buffer.concat([header(0x04034b50, 30, 18, sizes, name), name, bytes]);
    const central = header(0x02014b50, 46, 20, sizes, name);
    central.writeUInt32LE(offset, 42);
    parts.push(local);
    directory.push(Buffer.concat([central, name]));
    offset += local.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, listed, end]);
}

/** Where its two sizes stand, and after them the length of the name, depends on which header it is. */
function header(
  signature: number,
  length: number,
  at: number,
  { packed, claimed, method, checksum }: { packed: number; claimed: number; method: number; checksum: number },
  name: Buffer,
): Buffer {
  const bytes = Buffer.alloc(length);
  bytes.writeUInt32LE(signature, 0);
  bytes.writeUInt16LE(method, at - 10);
  bytes.writeInt32LE(checksum, at - 4);
  bytes.writeUInt32LE(packed, at);
  bytes.writeUInt32LE(claimed, at + 4);
  bytes.writeUInt16LE(name.length, at + 8);
  return bytes;
}
