// Filters or feature maps side by side on a canvas.
import { useEffect, useRef } from 'preact/hooks';
import type { Maps } from './maps.ts';

interface MapGridProps {
  label: string;
  maps: Maps;
  /** Pixels of the page for one of the map. Default: as many as make a map 56 wide. */
  scale?: number;
}

export function MapGrid({ label, maps, scale = Math.max(1, Math.round(56 / maps.width)) }: MapGridProps) {
  return (
    <figure class="map-grid">
      <figcaption>{label}</figcaption>
      <div>
        {Array.from({ length: Math.min(maps.count, 32) }, (_, index) => (
          <MapCanvas key={index} maps={maps} index={index} scale={scale} label={`${label}, ${index + 1}`} />
        ))}
      </div>
    </figure>
  );
}

function MapCanvas({ maps, index, scale, label }: { maps: Maps; index: number; scale: number; label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width, height, levels } = maps;
  useEffect(() => {
    const rgba = new Uint8ClampedArray(4 * width * height);
    const start = index * width * height;
    for (let i = 0; i < width * height; i++) {
      const level = levels[start + i]!;
      rgba.set([level, level, level, 255], 4 * i);
    }
    canvas.current!.getContext('2d')!.putImageData(new ImageData(rgba, width, height), 0, 0);
  }, [levels, index, width, height]);
  return (
    <canvas
      ref={canvas}
      width={width}
      height={height}
      role="img"
      aria-label={label}
      style={{ width: `${width * scale}px`, height: `${height * scale}px` }}
    />
  );
}
