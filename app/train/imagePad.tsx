// A picture for the network: drawn with a pointer where images are grey, or chosen from the test images.
import { useEffect, useRef } from 'preact/hooks';

interface ImagePadProps {
  shape: readonly [channels: number, height: number, width: number];
  /** Levels 0 to 255, [channels, height, width]. */
  pixels: Uint8Array;
  onDraw: (pixels: Uint8Array) => void;
}

/** Screen pixels for one of the image. */
const SCALE = 8;

export function ImagePad({ shape, pixels, onDraw }: ImagePadProps) {
  const [channels, height, width] = shape;
  const canvas = useRef<HTMLCanvasElement>(null);
  const pen = useRef<readonly [x: number, y: number] | undefined>(undefined);
  useEffect(() => {
    const rgba = new Uint8ClampedArray(4 * width * height);
    for (let i = 0; i < width * height; i++) {
      const level = (c: number) => pixels[(channels === 3 ? c : 0) * width * height + i]!;
      rgba.set([level(0), level(1), level(2), 255], 4 * i);
    }
    canvas.current!.getContext('2d')!.putImageData(new ImageData(rgba, width, height), 0, 0);
  }, [pixels, channels, height, width]);

  const draw = (event: PointerEvent) => {
    const box = canvas.current!.getBoundingClientRect();
    const at = [
      ((event.clientX - box.left) / box.width) * width,
      ((event.clientY - box.top) / box.height) * height,
    ] as const;
    onDraw(stroked(pixels, { width, height, from: pen.current ?? at, to: at }));
    pen.current = at;
  };
  const isDrawable = channels === 1;
  return (
    <canvas
      ref={canvas}
      class="image-pad"
      width={width}
      height={height}
      role="img"
      aria-label={isDrawable ? 'The picture: draw a digit here' : 'The picture'}
      style={{
        width: `${width * SCALE}px`,
        aspectRatio: `${width} / ${height}`,
        cursor: isDrawable ? 'crosshair' : '',
      }}
      onPointerDown={(event) => {
        if (!isDrawable) return;
        canvas.current!.setPointerCapture(event.pointerId);
        draw(event);
      }}
      onPointerMove={(event) => pen.current && draw(event)}
      onPointerUp={() => {
        pen.current = undefined;
      }}
    />
  );
}

/** The picture with a soft line of about two pixels more. */
function stroked(
  pixels: Uint8Array,
  { width, height, from, to }: { width: number; height: number; from: readonly number[]; to: readonly number[] },
): Uint8Array {
  const drawn = pixels.slice();
  const [dx, dy] = [to[0]! - from[0]!, to[1]! - from[1]!];
  const steps = Math.max(1, Math.ceil(2 * Math.hypot(dx, dy)));
  for (let step = 0; step <= steps; step++) {
    const [x, y] = [from[0]! + (dx * step) / steps, from[1]! + (dy * step) / steps];
    for (let row = Math.max(0, Math.floor(y - 2)); row <= Math.min(height - 1, y + 2); row++) {
      for (let column = Math.max(0, Math.floor(x - 2)); column <= Math.min(width - 1, x + 2); column++) {
        const distance = Math.hypot(column + 0.5 - x, row + 0.5 - y);
        const level = 255 * Math.min(1, Math.max(0, 1.9 - distance));
        drawn[row * width + column] = Math.max(drawn[row * width + column]!, level);
      }
    }
  }
  return drawn;
}
