// The body of a request, up to so many bytes.

export class TooLargeError extends Error {}

/** @throws TooLargeError as soon as that is known, before all of it has been read: the rest is the caller's to discard */
export async function readBody(request, maxBytes) {
  const tooLarge = () => new TooLargeError(`a picture may have ${maxBytes} bytes`);
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge();
  const chunks = [];
  let total = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    total += chunk.length;
    if (total > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
