// SPDX-License-Identifier: Apache-2.0
// The other end of WebSockets, on Node: serves them at two ports, the second over TLS, and is a proxy at a third one. What it does depends
// on the path. Prints its ports, and then what the test is to know, a line each.
'use strict';
const crypto = require('crypto'), fs = require('fs'), http = require('http'), https = require('https'), net = require('net');

const TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10;
const LARGE = Buffer.alloc(1 << 20, (_ => { const all = Buffer.alloc(251); for (let i = 0; i < 251; i++) all[i] = i; return all; })());

class Session {
  constructor(path, socket, raw, head) {
    Object.assign(this, { path, socket, raw, received: head, kind: 0, parts: [] });
    socket.on('data', data => { this.received = Buffer.concat([this.received, data]); while (this.take()); });
    socket.on('end', () => this.end('lost'));
    socket.on('error', () => this.end('lost'));
  }

  tell(...what) { console.log(this.path, ...what); }

  end(...what) {
    if (what.length && !this.isEnded) this.tell(...what);
    this.isEnded = true;
    this.socket.end();
  }

  frame(opcode, payload = Buffer.alloc(0), isFinal = true) {
    payload = Buffer.from(payload);
    const size = payload.length, head = Buffer.alloc(size < 126 ? 2 : size < 65536 ? 4 : 10);
    head[0] = opcode | (isFinal ? 0x80 : 0);
    if (size < 126) head[1] = size;
    else if (size < 65536) { head[1] = 126; head.writeUInt16BE(size, 2); }
    else { head[1] = 127; head.writeBigUInt64BE(BigInt(size), 2); }
    this.socket.write(Buffer.concat([head, payload]));
  }

  close(status, reason) {
    this.hasClosed = true;
    const payload = Buffer.alloc(2 + Buffer.byteLength(reason));
    payload.writeUInt16BE(status);
    payload.write(reason, 2);
    this.frame(CLOSE, payload);
  }

  // Handles a frame, if one has come as a whole.
  take() {
    const all = this.received;
    if (all.length < 2) return false;
    if (!(all[1] & 0x80)) throw new Error("a client's frame is masked");
    let size = all[1] & 0x7f, start = 2;
    if (size === 126) { if (all.length < 4) return false; size = all.readUInt16BE(2); start = 4; }
    else if (size === 127) { if (all.length < 10) return false; size = Number(all.readBigUInt64BE(2)); start = 10; }
    const end = start + 4 + size;
    if (all.length < end) return false;
    const mask = all.subarray(start, start + 4), payload = Buffer.from(all.subarray(start + 4, end));
    for (let i = 0; i < size; i++) payload[i] ^= mask[i & 3];
    this.received = all.subarray(end);
    this.handle(all[0] & 0x0f, (all[0] & 0x80) !== 0, payload);
    return true;
  }

  handle(opcode, isFinal, payload) {
    if (opcode === CLOSE) {
      this.tell('closed', payload.readUInt16BE(0), payload.toString('utf8', 2));
      if (!this.hasClosed) this.frame(CLOSE, payload);
      this.end();
    } else if (opcode === PING) this.frame(PONG, payload);
    else if (opcode === PONG) this.message(PONG, payload);
    else {
      this.kind = opcode || this.kind;
      this.parts.push(payload);
      if (isFinal) this.message(this.kind, Buffer.concat(this.parts.splice(0)));
    }
  }

  begin() {
    switch (this.path) {
      case '/parts': {
        const text = Buffer.from('in parts: é');
        this.frame(TEXT, text.subarray(0, 3), false);
        this.frame(PING, 'now');
        this.frame(0, text.subarray(3, -1), false);
        this.frame(0, '', false);
        this.frame(0, text.subarray(-1));
        break;
      }
      case '/large':
        this.frame(BINARY, LARGE);
        for (let i = 0; i < 16; i++) this.frame(i ? 0 : TEXT, 'x'.repeat(65536), i === 15);
        break;
      case '/halfway':
        this.frame(TEXT, 'whole');
        this.socket.end(Buffer.from('\x81\x0ahalf', 'latin1'));
        break;
    }
  }

  message(kind, payload) {
    switch (this.path) {
      case '/echo':
        return this.frame(kind, payload);
      case '/parts':
        this.frame(TEXT, `${kind} ${payload}`);
        return this.close(4001, 'done');
      case '/large':
        return this.frame(TEXT, `${kind} ${payload.length} ${crypto.createHash('sha256').update(payload).digest('hex')}`);
      case '/vanish':
        return this.raw.resetAndDestroy();
      case '/silent':
        return this.tell('got', kind);
    }
  }
}

function serving(server) {
  const sockets = new Map();
  server.on('connection', socket => sockets.set(socket.remotePort, socket));
  server.on('upgrade', (request, socket, head) => {
    const text = request.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
    const accept = crypto.createHash('sha1').update(text).digest('base64');
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
      + `Sec-WebSocket-Accept: ${accept}\r\n\r\n`);
    new Session(request.url, socket, sockets.get(socket.remotePort), head).begin();
  });
  return server;
}

function proxy() {
  return http.createServer().on('connect', (request, socket, head) => {
    console.log('CONNECT', request.url);
    const [host, port] = request.url.split(':');
    const onward = net.connect({ host: host === 'localhost' ? '127.0.0.1' : host, port }, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      onward.write(head);
      socket.pipe(onward).pipe(socket);
    });
    // What happens to one half happens to the other.
    socket.on('error', () => onward.destroy());
    onward.on('error', () => socket.resetAndDestroy());
  });
}

const [certificate, key] = process.argv.slice(2).map(name => fs.readFileSync(name));
const servers = [serving(http.createServer()), serving(https.createServer({ cert: certificate, key })), proxy()];
Promise.all(servers.map(it => new Promise(done => it.listen(0, '127.0.0.1', () => done(it.address().port)))))
  .then(ports => console.log(...ports));
process.stdin.resume().on('end', () => process.exit());
