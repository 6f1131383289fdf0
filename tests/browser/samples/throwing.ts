// A suite of suites.test.ts: it calls what a browser does not have.
import { tmpdir } from 'node:os';

console.log(tmpdir());
