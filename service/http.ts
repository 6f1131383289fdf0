// The routes: what a request must be, and what its answer is.
import type { IncomingMessage } from 'node:http';
import multipart from '@fastify/multipart';
import fastify, { type FastifyError, type FastifyReply, type FastifyRequest } from 'fastify';
import { FormatError, ShapeError } from '../kernels/errors.ts';
import type { Body } from './bodies.ts';
import type { Service } from './service.ts';
import { ServiceError } from './serviceError.ts';

/** Milliseconds for a request's headers. */
const HEADERS_TIMEOUT = 5_000;
/** How often slow requests are looked for, milliseconds. */
const CHECK_INTERVAL = 500;
/** Classes in an answer, where the request does not say. */
const TOP = 5;

export function createApp(service: Service) {
  const { limits, metrics } = service;
  const app = fastify({
    requestTimeout: limits.bodyTimeout,
    keepAliveTimeout: limits.keepAliveTimeout,
    bodyLimit: limits.maxBytes,
    forceCloseConnections: 'idle',
    http: {
      headersTimeout: Math.min(HEADERS_TIMEOUT, limits.bodyTimeout),
      connectionsCheckingInterval: CHECK_INTERVAL,
    },
  });
  app.server.maxConnections = limits.maxConnections;
  app.removeAllContentTypeParsers();
  app.register(multipart, { limits: { fileSize: limits.maxBytes, files: limits.maxFiles, fields: 16 } });
  // a stream: its bytes are counted as they come
  for (const type of ['image/jpeg', 'image/png', 'application/octet-stream']) {
    app.addContentTypeParser(type, (_, payload: IncomingMessage, done) => done(null, payload));
  }

  app.setErrorHandler((error: FastifyError | Error, request, reply) => refuse(service, { error, request, reply }));
  app.setNotFoundHandler((request, reply) => {
    const { method, url } = request;
    const isKnown = url.split('?')[0] === '/classify';
    if (isKnown) reply.header('allow', 'POST');
    throw isKnown
      ? new ServiceError(405, 'method', `${method} /classify: POST a picture`)
      : new ServiceError(404, 'not_found', `there is no ${url}: POST /classify, GET /, /health, /ready, /metrics`);
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    metrics.requests.inc({ route, status: String(reply.statusCode) });
    if (route === '/classify') metrics.latency.observe(reply.elapsedTime / 1000);
  });

  app.get('/', async () => ({
    model: service.options.model,
    adapter: service.adapterName,
    input: service.shape,
    classes: service.options.classes.length,
    limits,
  }));
  app.get('/health', async () => ({ status: 'alive' }));
  app.get('/ready', async () => {
    if (!service.isReady) throw new ServiceError(503, 'not_ready', 'no device, or closing', { retryAfter: 5 });
    return { status: 'ready' };
  });
  app.get('/metrics', async (_, reply) => {
    reply.header('content-type', metrics.registry.contentType);
    return metrics.registry.metrics();
  });
  app.post('/classify', { onRequest: async (request) => checkHeaders(service, request) }, (request, reply) =>
    classify(service, request, reply),
  );
  return app;
}

/** Refuses before the body is read. */
function checkHeaders(service: Service, { headers }: FastifyRequest): void {
  service.admit();
  if (Number(headers['content-length'] ?? 0) > service.limits.maxBytes) throw service.bodies.tooLarge();
}

async function classify(service: Service, request: FastifyRequest, reply: FastifyReply): Promise<object> {
  const started = performance.now();
  const top = topOf(service, request);
  const body = service.bodies.open();
  const gone = new AbortController();
  let isCounted = false;
  reply.raw.once('close', () => gone.abort(new ServiceError(499, 'gone', 'the client closed the connection')));
  let timer: NodeJS.Timeout | undefined;
  try {
    const images = await received(request, body);
    service.admit();
    service.underWay++;
    isCounted = true;
    const { requestTimeout } = service.limits;
    timer = setTimeout(() => gone.abort(timedOut(service)), requestTimeout);
    const classified = await service.classify(images, { top, signal: gone.signal });
    const milliseconds = performance.now() - started;
    return { model: service.options.model, images: classified, milliseconds };
  } finally {
    clearTimeout(timer);
    body.release();
    if (isCounted) service.underWay--;
  }
}

function timedOut({ limits, retryAfter }: Service): ServiceError {
  const message = `there was no answer within ${limits.requestTimeout} ms`;
  return new ServiceError(504, 'timeout', message, { retryAfter });
}

/** @throws ServiceError 400 */
function topOf({ options }: Service, request: FastifyRequest): number {
  const { top = String(Math.min(TOP, options.classes.length)) } = request.query as { top?: unknown };
  const count = Number(top);
  if (typeof top === 'string' && /^\d+$/.test(top) && count >= 1 && count <= options.classes.length) return count;
  throw new ServiceError(400, 'top', `top must be a whole number from 1 to ${options.classes.length}, given ${top}`);
}

/** The pictures of a request: its body, or the files of a form. @throws ServiceError */
async function received(request: FastifyRequest, body: Body): Promise<{ name: string; bytes: Uint8Array }[]> {
  if (!request.isMultipart()) {
    const stream = request.body as IncomingMessage | undefined;
    if (!stream) throw new ServiceError(415, 'media_type', MEDIA_TYPES);
    return [named('the body', await body.read(stream))];
  }
  const images: { name: string; bytes: Uint8Array }[] = [];
  for await (const { filename, file } of request.files()) {
    images.push(named(filename || `file ${images.length + 1}`, await body.read(file)));
    if (file.truncated) throw new ServiceError(413, 'too_large', `${filename} is too large`);
  }
  if (images.length === 0) throw new ServiceError(400, 'no_files', 'the form has no file: add a picture to it');
  return images;
}

const MEDIA_TYPES =
  'send a picture as image/jpeg or image/png (or application/octet-stream), or files as multipart/form-data';

/** @throws ServiceError 400 for nothing */
function named(name: string, bytes: Buffer): { name: string; bytes: Uint8Array } {
  if (bytes.length === 0)
    throw new ServiceError(400, 'empty', `${name} is empty: send the bytes of a JPEG or PNG file`);
  return { name, bytes };
}

interface Refusal {
  error: FastifyError | Error;
  request: FastifyRequest;
  reply: FastifyReply;
}

function refuse(service: Service, { error, request, reply }: Refusal): void {
  const { status, code, message, retryAfter } = asServiceError(error, service);
  if (retryAfter !== undefined) reply.header('retry-after', String(retryAfter));
  // a connection that is closed with bytes unread may lose the answer: the rest is read, and not kept
  if (!request.raw.complete) request.raw.resume();
  reply.status(status).send({ error: { code, message } });
}

function asServiceError(error: FastifyError | Error, { options }: Service): ServiceError {
  if (error instanceof ServiceError) return error;
  if (error instanceof FormatError) return new ServiceError(422, 'not_a_picture', error.message);
  if (error instanceof ShapeError) return new ServiceError(422, 'size', error.message);
  const { statusCode, code = '' } = error as FastifyError;
  if (statusCode === 415) return new ServiceError(415, 'media_type', MEDIA_TYPES);
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new ServiceError(statusCode, code.replace(/^FST_/, '').toLowerCase() || 'refused', error.message);
  }
  options.log!(error.stack ?? error.message);
  return new ServiceError(500, 'internal', 'the service failed at this request; its log says why');
}
