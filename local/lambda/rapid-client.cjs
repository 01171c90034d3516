/**
 * Stands in for the native part of AWS's runtime client, a thin libcurl wrapper of the Lambda runtime API
 * (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html), which cannot be built without a compiler.
 * Same three functions: `next()`, `done(id, body)`, `error(id, body, xray)`.
 */
'use strict';
const { Agent, request } = require('node:http');
const { flushCompileCache } = require('node:module');
const process = require('node:process');

const [hostname, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const JSON_TYPE = { 'content-type': 'application/json' };
let lastReport = Promise.resolve();
let initialised = false;

function call(method, path, body = '', headers = {}) {
  return new Promise((resolve, reject) => {
    const all = { ...headers, 'content-length': Buffer.byteLength(body) };
    const options = { hostname, port, agent, method, path: `/2018-06-01/runtime/${path}`, headers: all };
    const outgoing = request(options, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ headers: response.headers, bodyJson: Buffer.concat(chunks).toString('utf8') }),
      );
      response.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

// The native client reports synchronously, so the next invocation is asked for only after the report arrived.
function report(path, body) {
  lastReport = lastReport.then(() => call('POST', path, body, JSON_TYPE)).catch(() => process.exit(1));
}

exports.next = async () => {
  await lastReport;
  if (!initialised) {
    initialised = true;
    setImmediate(flushCompileCache);
  }
  return call('GET', 'invocation/next').catch(() => process.exit(1));
};
exports.done = (id, body) => report(`invocation/${id}/response`, body);
exports.error = (id, body) => report(`invocation/${id}/error`, body);
