// The Models page's worker: figures are traced and laid out here, so that the page stays responsive.
import { expose } from 'comlink';
import { Session } from './session.ts';

expose(new Session());
