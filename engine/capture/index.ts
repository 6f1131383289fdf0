// Steps that are recorded once and replayed.
export type { CapturedMemory, CapturedStep } from './captured.ts';
