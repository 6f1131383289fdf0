// Class names come from files: a control character among them would break an SVG or steer the reader's terminal.

/** `text` with every control character replaced by '?'. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '?');
}
