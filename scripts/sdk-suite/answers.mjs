/**
 * Answers the SDKs' generated tests where their own mock server does not run, as it needs the API's description from the
 * network: an empty object, or 404 for the path that the tests know to be nowhere. They look at no more. Runs in a worker,
 * since its parent waits for the tests.
 */
import { createServer } from 'node:http';
import { parentPort } from 'node:worker_threads';

const server = createServer((request, response) => {
  request.resume().on('end', () => {
    response.statusCode = request.url?.startsWith('/_stainless_unknown_path') ? 404 : 200;
    response.setHeader('content-type', 'application/json').end('{}');
  });
});
server.listen(0, '127.0.0.1', () => parentPort?.postMessage(server.address().port));
