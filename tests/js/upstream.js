// Servers that components send requests to. Several, since a browser has at most six connections to one.

import http from 'node:http';

const SERVERS = 4;

/** Starts them. They count together what they are asked. */
export async function startUpstream() {
  const counts = { now: 0, most: 0, opened: 0, closed: 0 };
  const servers = await Promise.all(Array.from({ length: SERVERS }, () => start(counts)));
  const origins = servers.map((server) => `http://127.0.0.1:${server.address().port}`);
  const gone = await start(counts);
  const closed = `http://127.0.0.1:${gone.address().port}/`;
  gone.close();
  return {
    origins,
    closed,
    close() {
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
}

async function start(counts) {
  const server = http.createServer((request, response) => answer(counts, request, response));
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return server;
}

async function answer(counts, request, response) {
  const cors = {
    'access-control-allow-origin': '*',
    'access-control-allow-headers': '*',
    'access-control-allow-methods': '*',
    'access-control-expose-headers': '*',
  };
  for (const [name, value] of Object.entries(cors)) response.setHeader(name, value);
  const [, kind, value] = new URL(request.url, 'http://upstream').pathname.split('/');
  if (request.method === 'OPTIONS') {
    response.end();
  } else if (kind === 'bytes') {
    response.end(pattern(Number(value)));
  } else if (kind === 'together') {
    // Nobody is answered before 16 have asked; then a little longer, for a 17th.
    counts.now += 1;
    counts.most = Math.max(counts.most, counts.now);
    while (counts.most < 16) await sleep(5);
    await sleep(50);
    counts.now -= 1;
    response.end('done');
  } else if (kind === 'endless') {
    counts.opened += 1;
    const timer = setInterval(() => response.write('.'), 5);
    response.on('close', () => {
      clearInterval(timer);
      counts.closed += 1;
    });
  } else if (kind === 'broken') {
    response.write('half');
    setTimeout(() => request.socket.destroy(), 20);
  } else if (kind === 'mirror') {
    response.setHeader('asked', `${request.method} ${request.url}`);
    request.pipe(response);
  } else if (kind === 'counts') {
    response.end(JSON.stringify(counts));
  } else {
    response.statusCode = 404;
    response.end();
  }
}

function pattern(length) {
  return Buffer.from(Uint8Array.from({ length }, (_, at) => at % 251));
}

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
