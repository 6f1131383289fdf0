// A thread of clients: good ones, each with one request after the other, and a few hostile ones.
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { parentPort } from 'node:worker_threads';
import type { ClientJob, ClientReport, LoadCounts } from './serviceLoadRun.ts';

const port = parentPort!;
port.once('message', async (job: ClientJob) => port.postMessage(await run(job)));

/** Milliseconds between two hostile requests. */
const HOSTILE_EVERY = 250;
/** Between the probability in a batch and that of a picture alone, whose kernels differ. */
const TOLERANCE = 1e-4;

async function run({ address, clients, seconds, files, expected }: ClientJob): Promise<ClientReport> {
  const counts: LoadCounts = { right: 0, wrong: 0, busy: 0, failed: 0, hostile: 0, hostileTaken: 0 };
  const latencies: number[] = [];
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const end = performance.now() + 1000 * seconds;
  const client = async (number: number) => {
    for (let turn = 0; performance.now() < end; turn++) {
      const picture = (number * 31 + turn) % files.length;
      const started = performance.now();
      const answer = await post(files[picture]).catch(() => undefined);
      if (answer?.status === 200) {
        const [{ top }] = JSON.parse(answer.text).images;
        const { index, probability } = expected[picture];
        const isRight = top[0].index === index && Math.abs(top[0].probability - probability) < TOLERANCE;
        counts[isRight ? 'right' : 'wrong']++;
        latencies.push(performance.now() - started);
      } else if (answer?.status === 503) {
        counts.busy++;
        await pause(1000 * Number(answer.retryAfter));
      } else counts.failed++;
    }
  };
  await Promise.all([...Array.from({ length: clients }, (_, i) => client(i)), attack()]);
  agent.destroy();
  return { counts, latencies: Float64Array.from(latencies) };

  function post(body: Uint8Array): Promise<{ status: number; text: string; retryAfter: string | undefined }> {
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'image/png', 'content-length': body.length };
      const sent = request(`${address}/classify`, { method: 'POST', agent, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part) => {
          text += part;
        });
        response.on('end', () => {
          const { statusCode = 0, headers } = response;
          resolve({ status: statusCode, text, retryAfter: headers['retry-after'] });
        });
        response.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  /** Damaged, huge and slow requests, in turns. */
  async function attack(): Promise<void> {
    const slow: ReturnType<typeof connect>[] = [];
    for (let turn = 0; performance.now() < end; turn++) {
      counts.hostile++;
      if (turn % 3 === 2) slow.push(slowRequest());
      else {
        const body = turn % 3 ? new Uint8Array(11 * 2 ** 20) : files[turn % files.length].subarray(0, 60);
        const answer = await post(body).catch(() => undefined);
        if (answer?.status === 200) counts.hostileTaken++;
      }
      await pause(HOSTILE_EVERY);
    }
    for (const socket of slow) socket.destroy();
  }

  function slowRequest(): ReturnType<typeof connect> {
    const { port, hostname } = new URL(address);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => {}); // it is closed on us, as it should be
    socket.on('data', (data) => {
      if (String(data).startsWith('HTTP/1.1 200')) counts.hostileTaken++;
    });
    socket.write('POST /classify HTTP/1.1\r\nhost: x\r\ncontent-type: image/png\r\ncontent-length: 5000\r\n\r\nabc');
    return socket;
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
