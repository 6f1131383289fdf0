// The shapes and values of the logistic function that matter, each with its reason.
import { mapCases } from '../elementwise/mapCases.ts';

export const cases = mapCases<Record<string, never>>([{}]);
