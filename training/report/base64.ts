// Bytes as base64, in every runtime.

/** Spread at once, larger arrays overflow the stack. */
const CHUNK = 2 ** 15;

/** RFC 4648, section 4. */
export function base64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += CHUNK) text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return btoa(text);
}
