// A small font for text in PNGs, drawn here pixel by pixel: printable ASCII, 5 wide, 7 high and one row for descenders.

/** Size of a character in pixels; the next one starts one pixel further. */
export const GLYPH_WIDTH = 5;
export const GLYPH_HEIGHT = 8;

/**
 * Rows of a character, top first; 'x' is ink.
 * @param char one character; what the font lacks is drawn as '?'
 */
export function glyph(char: string): string[] {
  for (const [chars, rows] of BANDS) {
    const column = chars.indexOf(char);
    if (column >= 0) {
      return rows.map((row) => row.slice(column * (GLYPH_WIDTH + 1), column * (GLYPH_WIDTH + 1) + GLYPH_WIDTH));
    }
  }
  return glyph('?');
}

/** Bands of characters side by side, as they look. */
const BANDS: [chars: string, rows: string[]][] = [
  [
    ' !"#$%&\'()*+,-./',
    [
      '..... ..x.. .x.x. .x.x. ..x.. xx..x .xx.. ..x.. ...x. .x... ..... ..... ..... ..... ..... .....',
      '..... ..x.. .x.x. .x.x. .xxxx xx..x x..x. ..x.. ..x.. ..x.. ..x.. ..x.. ..... ..... ..... ....x',
      '..... ..x.. ..... xxxxx x.x.. ...x. x.x.. ..... .x... ...x. x.x.x ..x.. ..... ..... ..... ...x.',
      '..... ..x.. ..... .x.x. .xxx. ..x.. .x... ..... .x... ...x. .xxx. xxxxx ..... xxxxx ..... ..x..',
      '..... ..x.. ..... xxxxx ..x.x .x... x.x.x ..... .x... ...x. x.x.x ..x.. ..x.. ..... ..... .x...',
      '..... ..... ..... .x.x. xxxx. x..xx x..x. ..... ..x.. ..x.. ..x.. ..x.. ..x.. ..... .xx.. x....',
      '..... ..x.. ..... .x.x. ..x.. x..xx .xx.x ..... ...x. .x... ..... ..... .x... ..... .xx.. .....',
      '..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... .....',
    ],
  ],
  [
    '0123456789:;<=>?',
    [
      '.xxx. ..x.. .xxx. .xxx. ...x. xxxxx ..xx. xxxxx .xxx. .xxx. ..... ..... ...x. ..... .x... .xxx.',
      'x...x .xx.. x...x x...x ..xx. x.... .x... ....x x...x x...x .xx.. .xx.. ..x.. ..... ..x.. x...x',
      'x..xx ..x.. ....x ....x .x.x. xxxx. x.... ...x. x...x x...x .xx.. .xx.. .x... xxxxx ...x. ....x',
      'x.x.x ..x.. ...x. ..xx. x..x. ....x xxxx. ..x.. .xxx. .xxxx ..... ..... x.... ..... ....x ...x.',
      'xx..x ..x.. ..x.. ....x xxxxx ....x x...x .x... x...x ....x .xx.. .xx.. .x... xxxxx ...x. ..x..',
      'x...x ..x.. .x... x...x ...x. x...x x...x .x... x...x ...x. .xx.. ..x.. ..x.. ..... ..x.. .....',
      '.xxx. .xxx. xxxxx .xxx. ...x. .xxx. .xxx. .x... .xxx. .xx.. ..... .x... ...x. ..... .x... ..x..',
      '..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... .....',
    ],
  ],
  [
    '@ABCDEFGHIJKLMNO',
    [
      '.xxx. .xxx. xxxx. .xxx. xxxx. xxxxx xxxxx .xxx. x...x .xxx. ..xxx x...x x.... x...x x...x .xxx.',
      'x...x x...x x...x x...x x...x x.... x.... x...x x...x ..x.. ...x. x..x. x.... xx.xx xx..x x...x',
      '....x x...x x...x x.... x...x x.... x.... x.... x...x ..x.. ...x. x.x.. x.... x.x.x x.x.x x...x',
      '.xx.x xxxxx xxxx. x.... x...x xxxx. xxxx. x.xxx xxxxx ..x.. ...x. xx... x.... x.x.x x..xx x...x',
      'x.x.x x...x x...x x.... x...x x.... x.... x...x x...x ..x.. ...x. x.x.. x.... x...x x...x x...x',
      'x.x.x x...x x...x x...x x...x x.... x.... x...x x...x ..x.. x..x. x..x. x.... x...x x...x x...x',
      '.xxx. x...x xxxx. .xxx. xxxx. xxxxx x.... .xxxx x...x .xxx. .xx.. x...x xxxxx x...x x...x .xxx.',
      '..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... .....',
    ],
  ],
  [
    'PQRSTUVWXYZ[\\]^_',
    [
      'xxxx. .xxx. xxxx. .xxxx xxxxx x...x x...x x...x x...x x...x xxxxx .xxx. ..... .xxx. ..x.. .....',
      'x...x x...x x...x x.... ..x.. x...x x...x x...x x...x x...x ....x .x... x.... ...x. .x.x. .....',
      'x...x x...x x...x x.... ..x.. x...x x...x x...x .x.x. .x.x. ...x. .x... .x... ...x. x...x .....',
      'xxxx. x...x xxxx. .xxx. ..x.. x...x x...x x.x.x ..x.. ..x.. ..x.. .x... ..x.. ...x. ..... .....',
      'x.... x.x.x x.x.. ....x ..x.. x...x x...x x.x.x .x.x. ..x.. .x... .x... ...x. ...x. ..... .....',
      'x.... x..x. x..x. ....x ..x.. x...x .x.x. xx.xx x...x ..x.. x.... .x... ....x ...x. ..... .....',
      'x.... .xx.x x...x xxxx. ..x.. .xxx. ..x.. x...x x...x ..x.. xxxxx .xxx. ..... .xxx. ..... xxxxx',
      '..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... .....',
    ],
  ],
  [
    '`abcdefghijklmno',
    [
      '.x... ..... x.... ..... ....x ..... ..xx. ..... x.... ..x.. ...x. x.... .xx.. ..... ..... .....',
      '..x.. ..... x.... ..... ....x ..... .x... ..... x.... ..... ..... x.... ..x.. ..... ..... .....',
      '..... .xxx. xxxx. .xxx. .xxxx .xxx. xxxx. .xxxx xxxx. .xx.. ..xx. x..x. ..x.. xx.x. xxxx. .xxx.',
      '..... ....x x...x x.... x...x x...x .x... x...x x...x ..x.. ...x. x.x.. ..x.. x.x.x x...x x...x',
      '..... .xxxx x...x x.... x...x xxxxx .x... x...x x...x ..x.. ...x. xx... ..x.. x.x.x x...x x...x',
      '..... x...x x...x x.... x...x x.... .x... x...x x...x ..x.. ...x. x.x.. ..x.. x.x.x x...x x...x',
      '..... .xxxx xxxx. .xxx. .xxxx .xxx. .x... .xxxx x...x .xxx. x..x. x..x. .xxx. x...x x...x .xxx.',
      '..... ..... ..... ..... ..... ..... ..... xxxx. ..... ..... .xx.. ..... ..... ..... ..... .....',
    ],
  ],
  [
    'pqrstuvwxyz{|}~',
    [
      '..... ..... ..... ..... .x... ..... ..... ..... ..... ..... ..... ...xx ..x.. xx... .....',
      '..... ..... ..... ..... .x... ..... ..... ..... ..... ..... ..... ..x.. ..x.. ..x.. .....',
      'xxxx. .xxxx x.xx. .xxxx xxxx. x...x x...x x...x x...x x...x xxxxx ..x.. ..x.. ..x.. .x...',
      'x...x x...x xx..x x.... .x... x...x x...x x.x.x .x.x. x...x ...x. .x... ..x.. ...x. x.x.x',
      'x...x x...x x.... .xxx. .x... x...x x...x x.x.x ..x.. x...x ..x.. ..x.. ..x.. ..x.. ...x.',
      'x...x x...x x.... ....x .x..x x...x .x.x. x.x.x .x.x. x...x .x... ..x.. ..x.. ..x.. .....',
      'xxxx. .xxxx x.... xxxx. ..xx. .xxxx ..x.. .x.x. x...x .xxxx xxxxx ...xx ..x.. xx... .....',
      'x.... ....x ..... ..... ..... ..... ..... ..... ..... xxxx. ..... ..... ..... ..... .....',
    ],
  ],
];
