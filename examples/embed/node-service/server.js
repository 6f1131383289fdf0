// POST a PNG or JPEG file to /classify, and get the five most probable classes as JSON.
//
//   node server.js WEIGHTS [PORT]
import { createServer } from 'node:http';
import { FormatError } from 'wgrad/node';
import { BusyError, openClassifier } from './classifier.js';
import { readBody, TooLargeError } from './readBody.js';

const MAX_BYTES = 8 * 2 ** 20;
/** For a photograph: `model: 'resnet50'`, IMAGENET_PREPROCESSING of wgrad/datasets, IMAGENET_CLASSES of wgrad/models. */
const MODEL = {
  model: 'lenet5',
  preprocessing: { resize: 28, crop: 28, mean: [0.156], std: [0.229] },
  classes: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
};

const [weights, port = '8080'] = process.argv.slice(2);
if (!weights) {
  console.error('node server.js WEIGHTS [PORT]');
  process.exit(1);
}
const classifier = await openClassifier({ ...MODEL, weights });

const server = createServer(async (request, response) => {
  const { status, body, headers } = await answer(request);
  const json = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(`${json}\n`);
  // a connection that is closed with bytes unread may lose the answer: the rest is read, and not kept
  request.resume();
});
server.requestTimeout = 30_000;
server.listen(Number(port), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}/classify on ${classifier.adapterName}`);
});
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    server.close(() => classifier.close());
    server.closeIdleConnections();
  });
}

async function answer(request) {
  if (request.url !== '/classify') return refusal(404, `there is no ${request.url}, only /classify`);
  if (request.method !== 'POST') return refusal(405, 'POST a picture', { allow: 'POST' });
  try {
    const bytes = await readBody(request, MAX_BYTES);
    return { status: 200, body: { classes: await classifier.classify(bytes) } };
  } catch (error) {
    if (error instanceof TooLargeError) return refusal(413, error.message);
    if (error instanceof FormatError) return refusal(415, error.message);
    if (error instanceof BusyError) return refusal(503, error.message, { 'retry-after': '1' });
    if (!request.complete) return refusal(400, 'the picture ended early');
    console.error(error);
    return refusal(500, 'the picture could not be classified');
  }
}

function refusal(status, error, headers = {}) {
  return { status, body: { error }, headers };
}
