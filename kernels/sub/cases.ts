// How the operands of differences may meet.
import { arithmeticCases } from '../elementwise/arithmeticCases.ts';

export const cases = arithmeticCases();
