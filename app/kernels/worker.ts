// The Kernels page's worker: compiles, checks and times, so that whatever a shader does, the page can end it.
import { expose } from 'comlink';
import { Session } from './session.ts';

expose(new Session());
