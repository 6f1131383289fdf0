// What matters for softmax matters here.
import type { Cases } from '../reference.ts';
import { cases as softmaxCases } from '../softmax/cases.ts';
import type { LogSoftmaxOptions } from './logSoftmax.ts';

export const cases: Cases<LogSoftmaxOptions> = {
  ...softmaxCases,
  // the launch is softmax's own, and its largest case takes seconds
  cases: softmaxCases.cases.filter(({ name }) => !name.includes('65,535')),
};
