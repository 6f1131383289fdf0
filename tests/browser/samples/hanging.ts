// A suite of suites.test.ts: it never ends.
import { test } from 'uvu';

test('hangs', () => {
  for (;;);
});

test.run();
