// The page's state in its URL: `#/kernels?operation=relu&variant=…&shader=relu/forward&edit=…`, the edited texts
// compressed, so that a link is all that one needs to show a kernel to somebody.
import { ShapeError } from '../../kernels/errors.ts';

export interface KernelState {
  readonly operation: string | undefined;
  readonly variant: string | undefined;
  readonly shader: string | undefined;
  /** Texts by label of the shader. */
  readonly edits: Readonly<Record<string, string>>;
}

/** Characters of compressed texts that an address may hold. */
const MOST_CHARACTERS = 12_000;
/** Of a text that comes out of an address: kernels have some 20,000. */
const MOST_BYTES = 2 ** 18;

/** @throws ShapeError for edited texts that are damaged or too long */
export async function stateFrom(query: URLSearchParams): Promise<KernelState> {
  const edit = query.get('edit');
  return {
    operation: query.get('operation') ?? undefined,
    variant: query.get('variant') ?? undefined,
    shader: query.get('shader') ?? undefined,
    edits: edit === null ? {} : await unpacked(edit),
  };
}

/** The text of a query that `stateFrom` reads back; `isWhole` is false where the edited texts are too long for it. */
export async function queryOf({ edits, ...names }: KernelState): Promise<{ query: string; isWhole: boolean }> {
  const given = Object.entries(names).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const query = new URLSearchParams(given);
  const edit = Object.keys(edits).length ? await packed(edits) : '';
  const isWhole = edit.length <= MOST_CHARACTERS;
  if (edit && isWhole) query.set('edit', edit);
  return { query: query.toString(), isWhole };
}

async function packed(edits: Readonly<Record<string, string>>): Promise<string> {
  const stream = new Blob([JSON.stringify(edits)]).stream().pipeThrough(new CompressionStream('deflate-raw'));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

async function unpacked(edit: string): Promise<Record<string, string>> {
  if (edit.length > MOST_CHARACTERS) {
    throw new ShapeError(`the edit in this address has ${edit.length} characters; ${MOST_CHARACTERS} is the most`);
  }
  try {
    const binary = atob(edit.replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    const value: unknown = JSON.parse(await inflated(bytes));
    if (typeof value !== 'object' || value === null) throw new Error('it holds no texts');
    const texts = Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
    return Object.fromEntries(texts);
  } catch (error) {
    throw new ShapeError(`the edit in this address cannot be read: ${(error as Error).message}. Copy the link again`);
  }
}

async function inflated(bytes: BlobPart): Promise<string> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  const decoder = new TextDecoder();
  let text = '';
  let length = 0;
  for (const reader = stream.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    length += value.length;
    if (length > MOST_BYTES) {
      await reader.cancel();
      throw new Error(`it has more than ${MOST_BYTES} bytes`);
    }
    text += decoder.decode(value, { stream: true });
  }
}
