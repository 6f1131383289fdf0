// What the network was shown, with a map over it: where a class's logit comes from.
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { HeatMap } from './classActivationMap.ts';
import { heatPixels } from './heatPixels.ts';
import type { Prediction } from './session.ts';

interface HeatViewProps {
  view: Prediction['view'];
  map: HeatMap | undefined;
  /** 0 to 1. */
  opacity: number;
  /** Of the whole, for those who do not see it. */
  label: string;
}

export function HeatView({ view, map, opacity, label }: HeatViewProps) {
  const picture = useRef<HTMLCanvasElement>(null);
  const overlay = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    draw(picture.current!, view.width, view.height, view.rgba);
  }, [view]);
  useLayoutEffect(() => {
    if (map) draw(overlay.current!, map.width, map.height, heatPixels(map));
  }, [map]);
  const ratio = `${view.width} / ${view.height}`;
  return (
    <div class="heat-view" role="img" aria-label={label} style={{ aspectRatio: ratio }}>
      <canvas ref={picture} class={view.width < 128 ? 'coarse' : undefined} />
      <canvas ref={overlay} class="heat" hidden={!map} style={{ opacity }} />
    </div>
  );
}

function draw(canvas: HTMLCanvasElement, width: number, height: number, rgba: Uint8ClampedArray<ArrayBuffer>): void {
  canvas.width = width;
  canvas.height = height;
  canvas.getContext('2d')!.putImageData(new ImageData(rgba, width, height), 0, 0);
}
