// The Train page's worker: files are read and networks trained here, so that the page stays responsive.
import { expose } from 'comlink';
import { Session } from './session.ts';

expose(new Session());
