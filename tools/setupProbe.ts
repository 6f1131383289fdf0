// Asked by the setup in a process of its own: prints one line of JSON about the adapter that the engine would open.
import { openAdapter } from '../engine/node/adapters.ts';
import { mesaEnvironment } from '../engine/node/vulkan.ts';

const environment = mesaEnvironment();
try {
  const { gpu, adapter, kind, description, environment: needed } = await openAdapter();
  const device = await adapter.requestDevice(); // an adapter that gives no device is none
  device.destroy();
  void gpu; // held until here: see adapters.ts
  print({ found: { kind, description }, error: null, environment: { ...environment, ...needed } });
} catch (error) {
  print({ found: null, error: (error as Error).message, environment });
}

function print(report: object): void {
  console.log(JSON.stringify(report));
}
