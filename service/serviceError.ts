// A request that is refused, with the status of HTTP that says why.

export class ServiceError extends Error {
  readonly status: number;
  /** A word for programs: `queue_full`, `too_large`, … */
  readonly code: string;
  /** Seconds after which it may be tried again. */
  readonly retryAfter: number | undefined;

  constructor(
    status: number,
    code: string,
    message: string,
    { retryAfter, ...options }: ErrorOptions & { retryAfter?: number } = {},
  ) {
    super(message, options);
    this.name = 'ServiceError';
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}
