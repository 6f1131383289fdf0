// Ranks connected by MPI, through the C functions of libmpi. All calls come from one thread, and none of them blocks but
// MPI_Init_thread and MPI_Finalize; `Communicator` polls.
import { RankError } from '../../distributed/rankError.ts';
import { type Message, MOST_TEXT, type PendingSum, type Transport } from '../../distributed/transport.ts';
import { type MpiHandles, mpiHandles } from './handles.ts';
import type { MpiLibrary } from './library.ts';

/** MPI_THREAD_FUNNELED, the same number in both. */
const FUNNELED = 1;
const TEXT_TAG = 77;

export class MpiTransport implements Transport {
  readonly rank: number;
  readonly size: number;
  /** MPI's own name of the machine. */
  readonly host: string;
  readonly #calls: ReturnType<typeof functionsOf>;
  readonly #handles: MpiHandles;
  readonly #library: MpiLibrary;
  readonly #addresses = new WeakMap<ArrayBuffer, bigint>();
  /** Texts on their way; MPI reads them until they are sent. */
  readonly #sending: { request: BigUint64Array; memory: Uint8Array }[] = [];
  readonly #flag = words(1);
  readonly #status = words(16);
  #isOpen = true;

  /** Initialises MPI, which can be done once in a process. @throws RankError */
  constructor(library: MpiLibrary) {
    this.#library = library;
    this.#handles = mpiHandles(library);
    this.#calls = functionsOf(library, this.#handles);
    const { MPI_Init_thread, MPI_Comm_set_errhandler, MPI_Comm_rank, MPI_Comm_size, MPI_Get_processor_name } =
      this.#calls;
    const { world, errorsReturn } = this.#handles;
    const number = [0];
    this.#check('MPI_Init_thread', MPI_Init_thread(0n, 0n, FUNNELED, number));
    if (number[0]! < FUNNELED) throw new RankError(`${library.version} offers no MPI_THREAD_FUNNELED`);
    this.#check('MPI_Comm_set_errhandler', MPI_Comm_set_errhandler(world, errorsReturn));
    this.#check('MPI_Comm_rank', MPI_Comm_rank(world, number));
    this.rank = number[0]!;
    this.#check('MPI_Comm_size', MPI_Comm_size(world, number));
    this.size = number[0]!;
    const name = new Uint8Array(1024);
    this.#check('MPI_Get_processor_name', MPI_Get_processor_name(name, number));
    this.host = new TextDecoder().decode(name.subarray(0, number[0]));
  }

  allocate(bytes: number): ArrayBuffer {
    const pointer = [0n];
    const size = Math.max(8, bytes);
    this.#check('MPI_Alloc_mem', this.#calls.MPI_Alloc_mem(size, this.#handles.infoNull, pointer));
    const memory = this.#library.koffi.view(pointer[0], size);
    new Uint8Array(memory).fill(0);
    this.#addresses.set(memory, pointer[0]!);
    return memory;
  }

  free(memory: ArrayBuffer): void {
    this.#check('MPI_Free_mem', this.#calls.MPI_Free_mem(this.#addressOf(memory)));
    this.#addresses.delete(memory);
  }

  startSum(values: Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>): PendingSum {
    const { inPlace, float, double, sum, world } = this.#handles;
    const type = values instanceof Float32Array ? float : double;
    const address = this.#addressOf(values.buffer) + BigInt(values.byteOffset);
    const request = this.#newRequest();
    this.#check(
      'MPI_Iallreduce',
      this.#calls.MPI_Iallreduce(inPlace, address, values.length, type, sum, world, request),
    );
    let isDone = false;
    return {
      isDone: () => {
        isDone ||= this.#isComplete(request);
        return isDone;
      },
    };
  }

  send(to: number, text: string): void {
    const bytes = new TextEncoder().encode(text);
    if (bytes.length > MOST_TEXT) throw new RankError(`a message of ${bytes.length} bytes; ${MOST_TEXT} is the most`);
    const memory = new Uint8Array(this.allocate(bytes.length), 0, bytes.length);
    memory.set(bytes);
    const request = this.#newRequest();
    const { byte, world } = this.#handles;
    const address = this.#addressOf(memory.buffer as ArrayBuffer);
    // one that cannot be reached is found out by its silence, which names it
    const code = this.#calls.MPI_Isend(address, bytes.length, byte, to, TEXT_TAG, world, request);
    if (code === 0) this.#sending.push({ request, memory });
  }

  receive(): Message | undefined {
    if (!this.#isOpen) return undefined;
    this.#reapSent();
    const { anySource, byte, world, statusIgnore, statusSource } = this.#handles;
    const flag = this.#flag;
    this.#check('MPI_Iprobe', this.#calls.MPI_Iprobe(anySource, TEXT_TAG, world, flag, this.#status));
    if (flag[0] === 0) return undefined;
    const from = this.#status[statusSource]!;
    const number = [0];
    this.#check('MPI_Get_count', this.#calls.MPI_Get_count(this.#status, byte, number));
    const memory = this.allocate(number[0]!);
    // it is here already, so this does not wait
    const code = this.#calls.MPI_Recv(this.#addressOf(memory), number[0]!, byte, from, TEXT_TAG, world, statusIgnore);
    this.#check('MPI_Recv', code);
    const text = new TextDecoder().decode(new Uint8Array(memory, 0, number[0]).slice());
    this.free(memory);
    return { from, text };
  }

  leave(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#check('MPI_Finalize', this.#calls.MPI_Finalize());
  }

  abort(exitCode: number): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#calls.MPI_Abort(this.#handles.world, exitCode);
  }

  #newRequest(): BigUint64Array {
    const request = new BigUint64Array(new ArrayBuffer(8));
    request[0] = BigInt(this.#handles.requestNull);
    return request;
  }

  #isComplete(request: BigUint64Array): boolean {
    this.#check('MPI_Test', this.#calls.MPI_Test(request, this.#flag, this.#handles.statusIgnore));
    return this.#flag[0] !== 0;
  }

  #reapSent(): void {
    for (let i = this.#sending.length - 1; i >= 0; i--) {
      const { request, memory } = this.#sending[i]!;
      if (!this.#isComplete(request)) continue;
      this.#sending.splice(i, 1);
      this.free(memory.buffer as ArrayBuffer);
    }
  }

  #addressOf(memory: ArrayBuffer): bigint {
    const address = this.#addresses.get(memory);
    if (address === undefined) throw new RankError('MPI reads and writes memory of `allocate` only: others may move');
    return address;
  }

  /** @throws RankError with the library's own words */
  #check(call: string, code: number): void {
    if (code === 0) return;
    const text = new Uint8Array(1024);
    const number = [0];
    this.#calls.MPI_Error_string(code, text, number);
    throw new RankError(`${call}: ${new TextDecoder().decode(text.subarray(0, number[0]))}`);
  }
}

/** Memory of a fixed place: typed arrays of a few bytes may lie in V8's heap, which moves. */
function words(length: number): Int32Array {
  return new Int32Array(new ArrayBuffer(length * 4));
}

type Call = (...values: unknown[]) => number;

function functionsOf({ koffi, lib }: MpiLibrary, { type }: MpiHandles) {
  const number = koffi.out(koffi.pointer('int'));
  const pointer = koffi.out(koffi.pointer('void *'));
  const address = 'void *';
  const declare = (name: string, types: unknown[]) => lib.func(name, 'int', types as string[]) as Call;
  return {
    MPI_Init_thread: declare('MPI_Init_thread', [address, address, 'int', number]),
    MPI_Comm_set_errhandler: declare('MPI_Comm_set_errhandler', [type, type]),
    MPI_Comm_rank: declare('MPI_Comm_rank', [type, number]),
    MPI_Comm_size: declare('MPI_Comm_size', [type, number]),
    MPI_Get_processor_name: declare('MPI_Get_processor_name', [address, number]),
    MPI_Alloc_mem: declare('MPI_Alloc_mem', ['int64_t', type, pointer]),
    MPI_Free_mem: declare('MPI_Free_mem', [address]),
    MPI_Iallreduce: declare('MPI_Iallreduce', [address, address, 'int', type, type, type, address]),
    MPI_Isend: declare('MPI_Isend', [address, 'int', type, 'int', 'int', type, address]),
    MPI_Iprobe: declare('MPI_Iprobe', ['int', 'int', type, address, address]),
    MPI_Get_count: declare('MPI_Get_count', [address, type, number]),
    MPI_Recv: declare('MPI_Recv', [address, 'int', type, 'int', 'int', type, address]),
    MPI_Test: declare('MPI_Test', [address, address, address]),
    MPI_Error_string: declare('MPI_Error_string', ['int', address, number]),
    MPI_Abort: declare('MPI_Abort', [type, 'int']),
    MPI_Finalize: declare('MPI_Finalize', []),
  };
}
