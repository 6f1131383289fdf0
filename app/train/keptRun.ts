// The last epoch's weights in the browser's own database, so that a run goes on after a reload.

/** What a run needs to go on. */
export interface KeptRun {
  /** A name of the registry. */
  readonly model: string;
  /** The data set that it was trained on. */
  readonly data: string;
  /** Finished epochs. */
  readonly epoch: number;
  readonly step: number;
  /** Fraction of 1, of the test images. */
  readonly testAccuracy: number;
  /** safetensors. */
  readonly weights: Uint8Array<ArrayBuffer>;
}

const [DATABASE, STORE, KEY] = ['wgrad-laboratory', 'runs', 'last'];

export function keepRun(run: KeptRun): Promise<unknown> {
  return inStore('readwrite', (store) => store.put(run, KEY));
}

export async function keptRun(): Promise<KeptRun | undefined> {
  return (await inStore('readonly', (store) => store.get(KEY))) as KeptRun | undefined;
}

export function forgetRun(): Promise<unknown> {
  return inStore('readwrite', (store) => store.delete(KEY));
}

/** One request in a transaction of its own: it is kept whole, or not at all. */
async function inStore(mode: IDBTransactionMode, ask: (store: IDBObjectStore) => IDBRequest): Promise<unknown> {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const database = (await answerOf(opening)) as IDBDatabase;
  try {
    const transaction = database.transaction(STORE, mode);
    const request = ask(transaction.objectStore(STORE));
    await new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new Error('the browser did not keep the run'));
    });
    return request.result;
  } finally {
    database.close();
  }
}

function answerOf(request: IDBRequest): Promise<unknown> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
