// `wgrad/training`: data-parallel training, whatever connects the ranks. MPI is in `wgrad/training/node`.
export { Communicator, type CommunicatorOptions } from './communicator.ts';
export { DataParallel, type DataParallelOptions, type StepTotals } from './dataParallel.ts';
export type { ExchangeTimes } from './gradientExchange.ts';
export { RankError } from './rankError.ts';
export type { Message, PendingSum, Transport } from './transport.ts';
