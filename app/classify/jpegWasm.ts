// mozjpeg's WebAssembly within the bundle: a static folder needs no further file, and its server no media type for it.
import wasm from '@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm' with { type: 'bytes' };

export function compileJpegDecoder(): Promise<WebAssembly.Module> {
  return WebAssembly.compile(wasm);
}
