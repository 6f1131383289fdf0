// The Classify page's worker: checkpoints are read and networks run here, so that the page stays responsive.
import { expose } from 'comlink';
import { Session } from './session.ts';

expose(new Session());
