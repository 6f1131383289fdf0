// A figure whose boxes can be chosen by click, Enter or Space.
import { useEffect, useRef } from 'preact/hooks';
import type { ChosenLayer } from './useFigure.ts';

interface DiagramViewProps {
  /** Interactive: see `diagram`. */
  svg: string;
  selected: ChosenLayer | undefined;
  onSelect: (layer: ChosenLayer) => void;
}

export function DiagramView({ svg, selected, onSelect }: DiagramViewProps) {
  const view = useRef<HTMLDivElement>(null);
  useEffect(() => {
    for (const box of view.current!.querySelectorAll<SVGGElement>('.box')) {
      const layer = layerOf(box);
      const isSelected = layer.name === selected?.name && layer.isForward === selected.isForward;
      box.setAttribute('aria-pressed', String(isSelected));
    }
  }, [selected]);
  const select = (event: Event) => {
    const box = (event.target as Element).closest<SVGGElement>('.box');
    if (!box) return;
    event.preventDefault();
    onSelect(layerOf(box));
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the boxes inside are the buttons; their events are caught here
    <div
      ref={view}
      class="diagram"
      onClick={select}
      onKeyDown={(event) => {
        if (event.key === 'Enter' || event.key === ' ') select(event);
      }}
      dangerouslySetInnerHTML={{ __html: svg }}
    />
  );
}

/** Sums, pools and activations that a module runs itself are in its `forward`. */
function layerOf(box: SVGGElement): ChosenLayer {
  const name = box.dataset.module ?? '';
  return { name, isForward: box.matches('.merge, .other') || name === '' };
}
