// What MPI's constants are. The standard leaves them to the libraries: Open MPI's are addresses of structs that it
// exports, MPICH's (and those of its ABI: Intel MPI, MVAPICH, Cray) are numbers, from its mpi.h.
import type { MpiLibrary } from './library.ts';

type Handle = number | bigint;

export interface MpiHandles {
  /** The C type of handles. */
  readonly type: 'int' | 'void *';
  readonly world: Handle;
  readonly float: Handle;
  readonly double: Handle;
  readonly byte: Handle;
  readonly sum: Handle;
  readonly infoNull: Handle;
  readonly errorsReturn: Handle;
  readonly requestNull: Handle;
  /** Addresses. */
  readonly inPlace: bigint;
  readonly statusIgnore: bigint;
  readonly anySource: number;
  /** Where a status holds the source, in 4-byte words. */
  readonly statusSource: number;
}

export function mpiHandles({ flavour, lib }: MpiLibrary): MpiHandles {
  if (flavour === 'MPICH') return MPICH;
  const address = (name: string) => lib.symbol(name) as bigint;
  return {
    type: 'void *',
    world: address('ompi_mpi_comm_world'),
    float: address('ompi_mpi_float'),
    double: address('ompi_mpi_double'),
    byte: address('ompi_mpi_byte'),
    sum: address('ompi_mpi_op_sum'),
    infoNull: address('ompi_mpi_info_null'),
    errorsReturn: address('ompi_mpi_errors_return'),
    requestNull: address('ompi_request_null'),
    inPlace: 1n,
    statusIgnore: 0n,
    anySource: -1,
    statusSource: 0, // MPI_SOURCE comes first
  };
}

const MPICH: MpiHandles = {
  type: 'int',
  world: 0x44000000,
  float: 0x4c00040a,
  double: 0x4c00080b,
  byte: 0x4c00010d,
  sum: 0x58000003,
  infoNull: 0x1c000000,
  errorsReturn: 0x54000001,
  requestNull: 0x2c000000,
  inPlace: 2n ** 64n - 1n, // (void *) -1
  statusIgnore: 1n,
  anySource: -2,
  statusSource: 2, // after count_lo and count_hi_and_cancelled
};
