// A suite of suites.test.ts: its tests are never run.
import { test } from 'uvu';

test('is forgotten', () => {});
