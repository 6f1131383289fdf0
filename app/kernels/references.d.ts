// The rooms' float64 references as text, put in by tools/buildApp.ts.
declare module 'wgrad:references' {
  /** By path below kernels/: `relu/reference.ts`. */
  const sources: Readonly<Record<string, string>>;
  export default sources;
}
