// The worker and a watch over it: work that reports nothing for too long is ended with its worker, and the next
// question starts another.
import type { Remote } from 'comlink';
import { connectWorker } from '../shell/connectWorker.ts';
import type { Session } from './session.ts';

/** What did not come back. */
export class StalledError extends Error {
  override readonly name = 'StalledError';
}

const PATIENCE = 15_000;

type Connection = ReturnType<typeof connectWorker<Session>>;

export class Workbench {
  #connection: Connection | undefined;
  readonly #running = new Set<(error: Error) => void>();

  /**
   * Runs `work`, which calls `alive` whenever it hears from the worker; give the worker callbacks as `proxy(…)`.
   * @param what names the work in the message, such as `the check`
   * @param patience milliseconds without a report. Default 15 s
   * @throws StalledError after that; what `work` throws; why the worker died
   */
  async run<T>(
    what: string,
    work: (session: Remote<Session>, alive: () => void) => Promise<T>,
    patience = PATIENCE,
  ): Promise<T> {
    this.#connection ??= this.#connect();
    const { api } = this.#connection;
    return new Promise<T>((resolve, reject) => {
      let timer = 0;
      const fail = (error: Error) => {
        clearTimeout(timer);
        this.#running.delete(fail);
        reject(error);
      };
      const alive = () => {
        clearTimeout(timer);
        timer = window.setTimeout(() => {
          const seconds = patience / 1000;
          this.end(
            new StalledError(
              `${what} did not come back within ${seconds} s, so its worker was ended. If the GPU hangs in it, closing the browser frees it`,
            ),
          );
        }, patience);
      };
      this.#running.add(fail);
      alive();
      work(api, alive)
        .then(resolve, reject)
        .finally(() => {
          clearTimeout(timer);
          this.#running.delete(fail);
        });
    });
  }

  /** Ends the worker; what it works on fails with `error`. */
  end(error: Error): void {
    this.#connection?.terminate();
    this.#connection = undefined;
    for (const fail of [...this.#running]) fail(error);
  }

  #connect(): Connection {
    const connection = connectWorker<Session>('kernels');
    connection.crashed.then((error) => {
      if (this.#connection === connection) this.end(error);
    });
    return connection;
  }
}
