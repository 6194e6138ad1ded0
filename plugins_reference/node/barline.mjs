// Barline client for Node 18 and newer: one file, one dependency (npm install ws).
//
//   const barline = await connect();
//   const job = barline.repaint({ source: "mix.wav", start: { bars: 17 }, end: { bars: 21 } });
//   job.on("progress", ({ stage, step, of }) => console.log(stage, step, of));
//   const { take, start_sample } = await job;
//
// Every request of docs/PROTOCOL.md is a method that takes its fields and returns a Job: an event emitter that can
// be awaited. When the connection is lost the client connects again and asks again under the same ids, which the
// daemon answers without doing the work twice; so a job outlives a restart of the daemon.

import { createHash, randomBytes } from "node:crypto";
import { EventEmitter } from "node:events";
import { readFileSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import WebSocket from "ws";

const REQUESTS = `hello describe notify sync project repaint generate extract lego complete vocal2bgm cover align plan
  understand status shutdown`.split(/\s+/);
const ENDS = new Set(["done", "fail", "cancelled", "synced"]);
const FRAME = { magic: "BRL1", header: 16, upload: 1, download: 2, piece: 1 << 20 };
const SLOWEST_RETRY_MS = 5000;

/** What went wrong, with the daemon's stable `code` and the `field` to blame; code "cancelled" or "lost" too. */
export class BarlineError extends Error {
  constructor(code, text, field = "", command = "") {
    super(command ? `${command}: ${code}: ${text}` : `${code}: ${text}`);
    Object.assign(this, { name: "BarlineError", code, text, field, command });
  }
}

/** Where the daemon is: options, else environment, else its port file, else the usual place. */
export function discover(options = {}, env = process.env) {
  const told = readPortFile(env.BARLINE_RUNTIME || join(homedir(), ".barline"));
  const host = options.host ?? env.BARLINE_HOST ?? told.host ?? "127.0.0.1";
  const everywhere = { "0.0.0.0": "127.0.0.1", "::": "::1" };
  return {
    host: everywhere[host] ?? host,
    port: Number(options.port ?? env.BARLINE_WS_PORT ?? told.ws ?? 7771),
    token: options.token ?? env.BARLINE_TOKEN ?? told.token ?? "",
  };
}

function readPortFile(place) {
  try {
    const file = statSync(place).isDirectory() ? join(place, "daemon.json") : place;
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return {}; // no daemon has written one, or it is just being written: the usual ports then
  }
}

/** Connects and says hello. options: host, port, token, client (a name for the daemon's log). */
export async function connect(options = {}) {
  const barline = new Barline(options);
  await barline.open();
  return barline;
}

/** One request under way. Events: accepted, progress, done, fail, cancelled, each with the reply. */
export class Job extends EventEmitter {
  #settle;
  /** The last reply, null before the first. */
  last = null;

  constructor(barline, request) {
    super();
    this.barline = barline;
    this.request = request;
    this.id = request.id;
    this.ended = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    this.ended.catch(() => {}); // who listens to events only need not await
  }

  /** Asks the daemon to stop it; the job itself then rejects with the code "cancelled". */
  cancel() {
    return this.barline.cancel({ job: this.id });
  }

  /** @type {Promise<any>["then"]} */
  then(resolve, reject) {
    return this.ended.then(resolve, reject);
  }

  catch(reject) {
    return this.ended.catch(reject);
  }

  finally(last) {
    return this.ended.finally(last);
  }

  take(reply) {
    this.last = reply;
    if (reply.type === "done" || reply.type === "synced") this.#settle.resolve(reply);
    else if (reply.type === "fail") this.refuse(new BarlineError(reply.code, reply.text, reply.field, reply.command));
    else if (reply.type === "cancelled") this.refuse(new BarlineError("cancelled", "the job was stopped", "", reply.command));
    this.emit(reply.type, reply);
  }

  refuse(error) {
    this.#settle.reject(error);
  }
}

/** A connection. Events: engine (its state changed), reply (to somebody else's request), lost, back. */
export class Barline extends EventEmitter {
  #socket = null;
  #open = new Map(); // id -> Job that has no end yet
  #pieces = new Map(); // id of a download -> { content, size }
  #options;
  #isClosed = false;
  #prefix = `js-${Date.now().toString(36)}-${randomBytes(3).toString("hex")}`;
  #count = 0;

  constructor(options = {}) {
    super();
    this.#options = options;
  }

  /** Sends a request by its name. fields.id may be given, to find the job again after this program has ended. */
  request(type, fields = {}) {
    const request = { type, ...fields, id: fields.id ?? this.nextId() };
    const job = new Job(this, request);
    if (this.#open.has(request.id)) job.refuse(new BarlineError("id-taken", `${request.id} is under way`, "id", type));
    else if (this.#isClosed) job.refuse(new BarlineError("lost", "the connection is closed", "", type));
    else {
      this.#open.set(request.id, job);
      this.#send(job); // while the connection is lost nothing goes out; coming back sends it
    }
    return job;
  }

  cancel({ job, ...more }) {
    return this.request("cancel", { job: job.id ?? job, ...more });
  }

  /** The last reply of a job that was begun elsewhere or before; rejects with not-finished while it runs. */
  async fetch({ job }) {
    const id = job.id ?? job;
    let found = null;
    const hear = (reply) => ENDS.has(reply.type) && reply.id === id && (found = reply);
    this.on("reply", hear);
    const under = this.#open.get(id);
    try {
      await this.request("fetch", { job: id });
    } finally {
      this.off("reply", hear);
    }
    return found ?? under?.last ?? null;
  }

  /** Sends a file (a path, or bytes with a name); resolves to what `source` fields take: "upload:...". */
  async upload(file, name = undefined) {
    const source = await openSource(file, name);
    try {
      const job = this.request("upload", { name: source.name, size: source.size });
      let sending = null;
      job.on("accepted", () => (sending = this.#sendPieces(job.id, source).catch((error) => job.refuse(error))));
      const done = await job;
      if (done.sha256 !== (await sending)) throw new BarlineError("lost", "the file changed on its way", "", "upload");
      return done.source;
    } finally {
      await source.close();
    }
  }

  /** A result as bytes. fields: job, which ("take", "full", "sidecar"), name (of several). */
  async download(fields) {
    const job = this.request("download", { ...fields, job: fields.job.id ?? fields.job });
    this.#pieces.set(job.id, { parts: [], size: 0 });
    try {
      const done = await job;
      const content = Buffer.concat(this.#pieces.get(job.id).parts);
      const digest = createHash("sha256").update(content).digest("hex");
      if (digest !== done.sha256) throw new BarlineError("lost", "the file changed on its way", "", "download");
      return content;
    } finally {
      this.#pieces.delete(job.id);
    }
  }

  /** An id no other run of any program chose. */
  nextId() {
    return `${this.#prefix}-${++this.#count}`;
  }

  /** Ends the connection; jobs go on in the daemon, but are no longer heard of here. */
  async close() {
    this.#isClosed = true;
    this.#refuseOpen(new BarlineError("lost", "the connection was closed"));
    const socket = this.#socket;
    if (!socket || socket.readyState === WebSocket.CLOSED) return;
    await new Promise((resolve) => {
      socket.once("close", resolve);
      socket.close();
    });
  }

  /** Connects once. Rejects with code "lost" where nobody listens. */
  async open() {
    const { host, port, token } = discover(this.#options);
    const headers = token ? { Authorization: `Bearer ${token}` } : {};
    const name = host.includes(":") ? `[${host}]` : host;
    const socket = new WebSocket(`ws://${name}:${port}`, { headers, perMessageDeflate: false });
    await new Promise((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", (error) => reject(new BarlineError("lost", `no daemon at ${host}:${port} (${error.message})`)));
    });
    this.#socket = socket;
    socket.on("message", (content, isBinary) => (isBinary ? this.#takePiece(content) : this.#takeReply(content)));
    socket.on("error", () => {}); // "close" follows, and says all that matters
    socket.on("close", () => this.#lose(socket));
    const hello = this.request("hello", { client: this.#options.client ?? "node" });
    for (const job of this.#open.values()) if (job !== hello) this.#send(job);
    this.daemon = await hello;
  }

  #send(job) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(job.request));
  }

  #takeReply(text) {
    const reply = JSON.parse(text);
    const job = this.#open.get(reply.id);
    if (!job) return this.emit(reply.type === "engine" ? "engine" : "reply", reply);
    if (ENDS.has(reply.type)) this.#open.delete(reply.id);
    job.take(reply);
  }

  #takePiece(frame) {
    const end = FRAME.header + frame.readUInt16BE(6);
    const pieces = this.#pieces.get(frame.toString("utf8", FRAME.header, end));
    if (!pieces || frame.readUInt8(4) !== FRAME.download) return;
    if (frame.readUInt32BE(8) === 0) pieces.parts = []; // asked again after the connection was lost
    pieces.parts.push(frame.subarray(end));
  }

  /** Sends a file in frames; resolves to its SHA-256, or null when the connection went away meanwhile. */
  async #sendPieces(id, source) {
    const socket = this.#socket;
    const name = Buffer.from(id);
    const digest = createHash("sha256");
    for (let offset = 0; offset < source.size; offset += FRAME.piece) {
      const piece = await source.read(offset, Math.min(FRAME.piece, source.size - offset));
      digest.update(piece);
      const header = Buffer.alloc(FRAME.header);
      header.write(FRAME.magic);
      header.writeUInt8(FRAME.upload, 4);
      header.writeUInt16BE(name.length, 6);
      header.writeUInt32BE(offset, 8);
      header.writeUInt32BE(source.size, 12);
      const failed = await new Promise((sent) => socket.send(Buffer.concat([header, name, piece]), sent));
      if (failed) return null; // coming back announces the file again
    }
    return digest.digest("hex");
  }

  async #lose(socket) {
    if (socket !== this.#socket) return;
    this.emit("lost");
    for (const [id, job] of this.#open) if (job.request.type === "hello") this.#drop(id, job);
    for (let wait = 250; !this.#isClosed; wait = Math.min(2 * wait, SLOWEST_RETRY_MS)) {
      await new Promise((resolve) => setTimeout(resolve, wait));
      if (this.#isClosed) return;
      try {
        await this.open();
        this.emit("back");
        return;
      } catch (error) {
        if (error.code !== "lost") return this.#giveUp(error);
        if (this.#socket !== socket) return; // it was there for a moment: that one's end goes on from here
      }
    }
  }

  #drop(id, job) {
    this.#open.delete(id);
    job.refuse(new BarlineError("lost", "the daemon went away", "", job.request.type));
  }

  #giveUp(error) {
    this.#isClosed = true;
    this.#refuseOpen(error);
  }

  #refuseOpen(error) {
    for (const job of this.#open.values()) job.refuse(error);
    this.#open.clear();
  }
}

for (const type of REQUESTS) {
  Barline.prototype[type] = function (fields) {
    return this.request(type, fields);
  };
}

/** A file to send: its name, its size, and a function that reads a piece of it. */
async function openSource(file, name) {
  if (typeof file !== "string") {
    const bytes = Buffer.from(file);
    const read = async (offset, size) => bytes.subarray(offset, offset + size);
    return { name: name ?? "upload.wav", size: bytes.length, read, close: async () => {} };
  }
  const handle = await open(file);
  const read = async (position, size) => {
    const piece = Buffer.alloc(size);
    const { bytesRead } = await handle.read(piece, 0, size, position);
    if (bytesRead !== size) throw new BarlineError("lost", `${file} became shorter while it was sent`);
    return piece;
  };
  return { name: name ?? basename(file), size: (await handle.stat()).size, read, close: () => handle.close() };
}
