// Data-parallel training on MPI.
export { adapterOfRank } from './adapterOfRank.ts';
export { type MpiEnvironment, mpiEnvironment } from './environment.ts';
export { type Joined, joinRanks } from './joinRanks.ts';
export { loadMpi, type MpiLibrary } from './library.ts';
export { MpiTransport } from './mpiTransport.ts';
