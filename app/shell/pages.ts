// The pages of the laboratory, each loaded when it is first shown.
import type { ComponentType } from 'preact';

export interface PageProps {
  /** What stands in the address after the page's name: the state that is worth sharing. */
  query: URLSearchParams;
}

export interface PageEntry {
  readonly route: string;
  readonly title: string;
  load(): Promise<{ default: ComponentType<PageProps> }>;
}

export const PAGES: readonly PageEntry[] = [
  { route: 'kernels', title: 'Kernels', load: () => import('../kernels/page.tsx') },
  { route: 'train', title: 'Train', load: () => import('../train/page.tsx') },
  { route: 'classify', title: 'Classify', load: () => import('../classify/page.tsx') },
  { route: 'models', title: 'Models', load: () => import('../models/page.tsx') },
];
