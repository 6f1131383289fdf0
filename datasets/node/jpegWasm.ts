// mozjpeg, compiled from the file in its package: the package fetches it by URL, which Node cannot.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const path = createRequire(import.meta.url).resolve('@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm');

/** Compiled when this module is first imported, once in a process. */
export const jpegWasm: WebAssembly.Module = await WebAssembly.compile(await readFile(path));
