// Several workers that make batches, and the jobs each of them has.
import { DisposedError, ShapeError, WgradError } from '../../kernels/errors.ts';
import type { BatchJob, PackedBatch } from './makeBatch.ts';
import { type FromWorker, fromSentError, type LoaderWorker, type WorkerSetup } from './protocol.ts';

interface Member {
  readonly worker: LoaderWorker;
  readonly jobs: Map<number, PendingJob>;
}

interface PendingJob {
  /** The iteration that asked for it. */
  readonly run: object;
  readonly batch: number;
  readonly resolve: (batch: PackedBatch<unknown>) => void;
  readonly reject: (error: Error) => void;
}

/** Ends when `close` is called or a worker has died; every job is answered. */
export class WorkerPool {
  readonly #members: Member[] = [];
  #ids = 0;
  #ended: Error | undefined;
  #closed: Promise<void> | undefined;

  /** @throws ShapeError for a set-up that cannot be sent, and what `create` throws */
  constructor(count: number, { create, setup }: { create: () => LoaderWorker; setup: WorkerSetup }) {
    try {
      for (let number = 1; number <= count; number++)
        this.#add(create(), `worker ${number} of ${count}`).post({ setup });
    } catch (error) {
      void this.close();
      if ((error as Error).name !== 'DataCloneError') throw error;
      throw new ShapeError(
        `DataLoader: ${setup.name} cannot be opened in a worker, for what opens it cannot be sent there: ${(error as Error).message}`,
        { cause: error },
      );
    }
  }

  get isOpen(): boolean {
    return !this.#ended;
  }

  /**
   * Gives the job to the worker with the fewest.
   * @param run so that `forget` can name the jobs of one iteration
   * @throws what the data set or the transform threw; WgradError when the worker died; DisposedError after `close`
   */
  make(job: BatchJob, { run, batch }: { run: object; batch: number }): Promise<PackedBatch<unknown>> {
    if (this.#ended) return Promise.reject(this.#ended);
    const member = this.#members.reduce((least, each) => (each.jobs.size < least.jobs.size ? each : least));
    const id = this.#ids++;
    return new Promise((resolve, reject) => {
      member.jobs.set(id, { run, batch, resolve, reject });
      member.worker.setBusy(true);
      member.worker.post({ id, job });
    });
  }

  /** Takes back the jobs of an iteration that was left early; they are never answered. */
  forget(run: object): void {
    for (const { worker, jobs } of this.#members) {
      const ids = [...jobs].filter(([, job]) => job.run === run).map(([id]) => id);
      for (const id of ids) jobs.delete(id);
      if (ids.length > 0) worker.post({ forget: ids });
      worker.setBusy(jobs.size > 0);
    }
  }

  close(): Promise<void> {
    this.#ended ??= new DisposedError('DataLoader: closed while batches were awaited');
    for (const member of this.#members) rejectAll(member, this.#ended);
    this.#closed ??= Promise.all(this.#members.map(({ worker }) => worker.terminate())).then(() => {});
    return this.#closed;
  }

  #add(worker: LoaderWorker, name: string): LoaderWorker {
    const member: Member = { worker, jobs: new Map() };
    this.#members.push(member);
    worker.listen({
      onMessage: (message) => this.#settle(member, message),
      onEnd: (reason) => this.#lose(member, `DataLoader: ${name} ${reason}`),
    });
    worker.setBusy(false);
    return worker;
  }

  #settle({ worker, jobs }: Member, message: FromWorker): void {
    const job = jobs.get(message.id);
    if (!job) return; // forgotten
    jobs.delete(message.id);
    worker.setBusy(jobs.size > 0);
    if ('error' in message) job.reject(fromSentError(message.error));
    else job.resolve(message.batch);
  }

  /** Only the jobs of the dead worker fail: those of others come before theirs or are dropped with the pool. */
  #lose(member: Member, what: string): void {
    const [job] = member.jobs.values();
    const during = job ? `while it made batch ${job.batch}` : 'while it had nothing to do';
    const error = new WgradError(`${what} ${during}`);
    this.#ended ??= error;
    rejectAll(member, error);
  }
}

function rejectAll({ worker, jobs }: Member, error: Error): void {
  for (const { reject } of jobs.values()) reject(error);
  jobs.clear();
  worker.setBusy(false);
}
