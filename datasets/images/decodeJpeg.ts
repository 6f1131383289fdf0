// JPEG by mozjpeg in WebAssembly (@jsquash/jpeg): the same values as Pillow's libjpeg-turbo, bit for bit.

import { FormatError, WgradError } from '../../kernels/errors.ts';
import type { NamedBytes } from '../idx.ts';
import type { Image } from './image.ts';
import { readJpegHeader } from './jpegHeader.ts';

/** Adobe's transform of a file whose first three components are luma and chroma of the inks. */
const YCCK = 2;

/** What libjpeg warns of although the picture is whole: encoders' slips, and metadata. Otherwise data is damaged. */
const HARMLESS = /extraneous bytes before marker|Unknown Adobe color transform|Warning: thumbnail|thumbnail image/;

/**
 * Decodes a grey or colour JPEG, baseline or progressive. Stricter than PIL, which pads damaged data with grey.
 * @param options.wasm the decoder, compiled; without it the decoder's script fetches the file that lies beside it, as
 *   browsers can and Node cannot. Each call makes an instance of its own, so nothing outlives a damaged file.
 * @throws FormatError for damaged files, and for CMYK and YCCK, which the decoder does not know; WgradError where the
 *   decoder cannot be fetched.
 */
export async function decodeJpeg(file: NamedBytes, { wasm }: { wasm?: WebAssembly.Module } = {}): Promise<Image> {
  const { components, adobeTransform } = readJpegHeader(file);
  if (components !== 1 && components !== 3) {
    const inks = adobeTransform === YCCK ? 'YCCK' : 'CMYK';
    const found = components === 4 ? `printing inks (${inks}, 4 components)` : `${components} components`;
    throw new FormatError(
      `${file.name}: found a JPEG of ${found}, expected 1 (grey) or 3 (YCbCr or RGB): convert the file, with Pillow by Image.open(path).convert('RGB').save(path)`,
    );
  }
  const complaints: string[] = [];
  const decoder = await createDecoder((complaint) => complaints.push(complaint), wasm);
  complaints.length = 0; // of how the decoder was fetched
  const rgba = decode();
  const damage = complaints.find((complaint) => !HARMLESS.test(complaint));
  if (damage) throw new FormatError(`${file.name}: the JPEG is damaged: ${damage}`);
  return fromRgba(rgba, components);

  function decode(): Rgba {
    try {
      const decoded = decoder.decode(file.bytes as Uint8Array<ArrayBuffer>, false);
      if (decoded) return decoded;
    } catch (cause) {
      const reason = complaints.at(-1) ?? (cause instanceof Error ? cause.message : String(cause));
      throw new FormatError(`${file.name}: the JPEG cannot be decoded: ${reason}`, { cause });
    }
    throw new FormatError(`${file.name}: the JPEG cannot be decoded`);
  }
}

/** Pixels of four bytes, as canvases have them. */
export interface Rgba {
  readonly width: number;
  readonly height: number;
  readonly data: ArrayLike<number>;
}

/** The first or the first three of each pixel's four values. */
export function fromRgba({ width, height, data }: Rgba, channels: 1 | 3): Image {
  const values = new Uint8Array(width * height * channels);
  for (let i = 0, at = 0; at < values.length; i += 4) {
    for (let c = 0; c < channels; c++) values[at++] = data[i + c]!;
  }
  return { width, height, channels, data: values };
}

async function createDecoder(printErr: (complaint: string) => void, wasm?: WebAssembly.Module) {
  const { default: create } = await import('@jsquash/jpeg/codec/dec/mozjpeg_dec.js');
  const options = { noInitialRun: true, printErr, ...(wasm && { instantiateWasm: instantiator(wasm) }) };
  return create(options).catch((cause: unknown) => {
    throw new WgradError(
      `decodeImage: the JPEG decoder could not be fetched (in Node import decodeImage from 'wgrad/datasets/node'): ${cause}`,
      { cause },
    );
  });
}

function instantiator(wasm: WebAssembly.Module) {
  return (imports: WebAssembly.Imports, onInstance: (instance: WebAssembly.Instance) => void) => {
    const instance = new WebAssembly.Instance(wasm, imports);
    onInstance(instance);
    return instance.exports;
  };
}
