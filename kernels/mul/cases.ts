// How the operands of products may meet.
import { arithmeticCases } from '../elementwise/arithmeticCases.ts';

export const cases = arithmeticCases();
