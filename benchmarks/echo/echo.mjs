// An echo server on Node: echo.mjs PORT [CERTIFICATE KEY]
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { createServer as createTlsServer } from "node:tls";

const [port, certificate, key] = process.argv.slice(2);
const echo = (socket) => {
  socket.on("data", (data) => socket.write(data));
  socket.on("error", () => {});
};
const server = certificate
  ? createTlsServer({ cert: readFileSync(certificate), key: readFileSync(key), noDelay: true }, echo)
  : createServer({ noDelay: true }, echo);
server.listen({ port: Number(port), host: "127.0.0.1", backlog: 1024 });
