// A file that could not be downloaded: no connection, an HTTP error, a connection that ended too early.
import { WgradError } from '../../../kernels/errors.ts';

export class FetchError extends WgradError {}
