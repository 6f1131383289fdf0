// Names of classes and files, and with them errors, come from files: a control character among them would steer the
// terminal of whoever reads them. All that the command line prints passes here.
import { printable } from '../training/report/printable.ts';

/** The part of `process.stdout` and `process.stderr` that is used. */
export interface GuardedStream {
  write(chunk: string | Uint8Array, ...rest: never[]): boolean;
}

/**
 * From here on every control character that is written but line ends and tabs becomes a '?'. What `ProgressBar` draws, a
 * whole line between a return and the code that clears the rest, stays in its place: no text that ends its line can look
 * like it.
 */
export function guardTerminal(stream: GuardedStream): void {
  const write = stream.write.bind(stream);
  stream.write = (chunk, ...rest) => write(typeof chunk === 'string' ? harmless(chunk) : harmlessBytes(chunk), ...rest);
}

/** Writes colours: text of our own, whose parts from elsewhere are `printable`. */
export function writeUnguarded(stream: GuardedStream, text: string): void {
  (Object.getPrototypeOf(stream) as GuardedStream).write.call(stream, text);
}

const RETURN = '\r';
const CLEAR_TO_END = '\x1b[K';

function harmless(text: string): string {
  const isBar = text.startsWith(RETURN) && text.endsWith(CLEAR_TO_END);
  if (!isBar) return text.replace(/[^\n\t]+/g, printable);
  return RETURN + printable(text.slice(RETURN.length, -CLEAR_TO_END.length)) + CLEAR_TO_END;
}

/** What workers print comes in pieces that may end within a character. */
function harmlessBytes(bytes: Uint8Array): Uint8Array {
  const isControl = (byte: number) => (byte < 0x20 && byte !== 0x0a && byte !== 0x09) || byte === 0x7f;
  // U+0080 to U+009F are the two bytes c2 80 to c2 9f
  return bytes.map((byte, i) => (isControl(byte) || (bytes[i - 1] === 0xc2 && byte < 0xa0) ? 0x3f : byte));
}
