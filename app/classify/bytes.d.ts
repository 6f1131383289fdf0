// What esbuild makes of `with { type: 'bytes' }`.
declare module '*.wasm' {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}
