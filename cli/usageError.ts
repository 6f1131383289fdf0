// What the user typed cannot be done; the message says what can.
import { WgradError } from '../kernels/errors.ts';

export class UsageError extends WgradError {}
