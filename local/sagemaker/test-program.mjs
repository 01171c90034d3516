/** For tests: a container program. `train` is told what to do by hyperparameters, `process` by its next word, `serve` by
 * its model and by bodies. */
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

const base = process.env.SAGEMAKER_BASE_DIR;
const read = (path) => readFileSync(join(base, path), 'utf8');

function train() {
  const { mode = 'ok', pidFile } = JSON.parse(read('input/config/hyperparameters.json'));
  if (pidFile) appendFileSync(pidFile, `${process.pid}\n`);
  console.log('[0]\tvalidation-error:0.5');
  console.log('[1]\tvalidation-error:0.25');
  switch (mode) {
    case 'ok':
      return finish();
    case 'fail':
      writeFileSync(join(base, 'output/failure'), 'the label column is missing');
      process.exit(3);
      break;
    case 'until-stopped':
      process.on('SIGTERM', finish);
      setInterval(() => undefined, 1000);
      break;
    case 'checkpoint':
      return countTo(3);
    case 'stubborn':
      process.on('SIGTERM', () => undefined);
      setInterval(() => undefined, 1000);
      break;
    case 'spin-once':
      // The first time it never ends, and never gives its event loop a turn.
      while (readFileSync(pidFile, 'utf8').trim().split('\n').length < 2);
      return finish();
  }
}

/** Counts its own starts in a checkpoint, and finishes with the third. */
function countTo(last) {
  const file = join(base, 'checkpoints/starts.txt');
  const starts = 1 + (existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0);
  writeFileSync(file, String(starts));
  writeFileSync(join(base, 'model/starts.txt'), String(starts));
  if (starts === last) finish();
  else setInterval(() => undefined, 1000);
}

function finish() {
  const channels = readdirSync(join(base, 'input/data'));
  for (const channel of channels)
    cpSync(join(base, 'input/data', channel), join(base, 'model', channel), { recursive: true });
  writeFileSync(join(base, 'model/environment.json'), JSON.stringify(process.env));
  writeFileSync(join(base, 'model/config.json'), read('input/config/inputdataconfig.json'));
  mkdirSync(join(base, 'output/data'), { recursive: true });
  writeFileSync(join(base, 'output/data/report.txt'), 'fine');
  process.exit(0);
}

/** Copies what has been put in to what is taken out, with what it was told. */
function processData(mode, folder) {
  const output = join(base, 'processing/output');
  switch (mode) {
    case 'copy':
      cpSync(join(base, 'processing/input'), output, { recursive: true });
      for (const name of ['processingjobconfig', 'resourceconfig'])
        writeFileSync(join(output, `${name}.json`), read(`config/${name}.json`));
      writeFileSync(join(output, 'told.json'), JSON.stringify({ folder, env: process.env }));
      writeFileSync(join(base, 'output/message'), `copied${' and copied'.repeat(200)}`);
      break;
    case 'fail':
      writeFileSync(join(output, 'half.txt'), 'half');
      writeFileSync(join(base, 'output/message'), 'the header has no column "label"');
      process.exit(4);
      break;
    case 'until-stopped':
      appendFileSync(folder, `${process.pid}\n`);
      setInterval(() => undefined, 1000);
      break;
    case 'second-time':
      appendFileSync(folder, `${process.pid}\n`);
      if (readFileSync(folder, 'utf8').trim().split('\n').length === 1) setInterval(() => undefined, 1000);
      else writeFileSync(join(output, 'done.txt'), 'done');
  }
}

function serve() {
  const name = existsSync(join(base, 'model/name.txt')) ? read('model/name.txt') : 'unnamed';
  if (name === 'broken') process.exit(1);
  let together = 0;
  const server = createServer((request, response) => {
    if (request.url === '/ping') return response.end();
    if (request.url === '/execution-parameters') return answerParameters(response);
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => answer(Buffer.concat(chunks), request, response));
  });
  const listen = () => server.listen(Number(process.env.SAGEMAKER_BIND_TO_PORT), '127.0.0.1');
  setTimeout(listen, name === 'lazy' ? 2000 : 0);
  process.on('SIGTERM', () => process.exit(0));

  /** Bodies that ask for more than an echo. */
  const WORDS = {
    die: () => process.exit(1),
    refuse: (response) => response.writeHead(400).end('bad features'),
    slow: (response) => setTimeout(() => response.end('slow answer'), 300),
    never: () => undefined,
    together: answerTogether,
    env: (response) => response.end(JSON.stringify(process.env)),
    pid: (response) => response.end(String(process.pid)),
  };

  /** Answers, after a while, how many such requests are being answered at once. */
  function answerTogether(response) {
    together += 1;
    const most = together;
    setTimeout(() => {
      together -= 1;
      response.end(String(most));
    }, 300);
  }

  function answerParameters(response) {
    if (name !== 'batch') return response.writeHead(404).end();
    response.end('{"MaxConcurrentTransforms":4,"BatchStrategy":"SINGLE_RECORD","MaxPayloadInMB":1}');
  }

  function answer(body, request, response) {
    const text = body.toString();
    if (Object.hasOwn(WORDS, text)) return WORDS[text](response);
    const attributes = request.headers['x-amzn-sagemaker-custom-attributes'];
    if (attributes) response.setHeader('x-amzn-sagemaker-custom-attributes', attributes);
    response.setHeader('content-type', request.headers.accept ?? 'text/csv');
    response.end(`${name}:${text}`);
  }
}

const [, , word, ...more] = process.argv;
if (word === 'train') train();
else if (word === 'process') processData(...more);
else serve();
