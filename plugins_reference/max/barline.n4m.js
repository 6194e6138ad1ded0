// Barline in Max and Max for Live: the script of [node.script barline.n4m.js @autostart 1].
//
// Messages in:  any request of docs/PROTOCOL.md by its name, then keys and values:
//                 project name song tempo 120 meter 4/4
//                 repaint project song source "/music/mix.wav" start.bars 17 end.bars 21 caption "brass stabs"
//               cancel            the job that was accepted last; or: cancel job NAME
//               caption WORDS     words for the clips that follow
//               clip JSON         what barline.live.js read of a clip: declares its grid and repaints it
//               connect HOST PORT, or connect alone: find the daemon again
// Messages out: status TEXT | accepted COMMAND ID | progress STAGE STEP OF | done COMMAND KEY VALUE ...
//               fail COMMAND CODE FIELD TEXT | cancelled COMMAND | place JSON (for barline.live.js)

const path = require("node:path");
/** @type {typeof import("max-api").default} */
// @ts-expect-error: the types describe an ES module, Max hands out this object
const maxApi = require("max-api");

const COMMANDS = `hello describe notify sync project repaint generate extract lego complete vocal2bgm cover align plan
  understand status fetch`.split(/\s+/);
const RETRY_MS = 1000;

let barline = null;
let looking = null;
let last = null; // the job accepted last
let caption = "";

const tell = (...message) => maxApi.outlet(...message);
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** barline.mjs beside this script, as the install page says; in a checkout it lies in the folder node. */
async function loadClient() {
  for (const place of ["barline.mjs", path.join("..", "node", "barline.mjs")]) {
    try {
      return await import(path.join(__dirname, place));
    } catch (error) {
      if (error.code !== "ERR_MODULE_NOT_FOUND" || !String(error.message).includes(place)) throw error;
    }
  }
  throw new Error("barline.mjs is missing: copy it from plugins_reference/node");
}

/** Connects, trying again until somebody listens; the client itself comes back when the daemon restarts. */
async function look(options) {
  const { connect } = await loadClient();
  if (barline) await barline.close();
  barline = null;
  const mine = (looking = { options });
  tell("status", "looking for the daemon");
  while (looking === mine) {
    try {
      barline = await connect({ client: "max", ...options });
    } catch (error) {
      await pause(RETRY_MS);
      continue;
    }
    barline.on("lost", () => tell("status", "the daemon went away"));
    barline.on("back", () => tell("status", "connected"));
    tell("status", "connected");
    return;
  }
}

/** Keys and values as JSON fields: start.bars 5 becomes { start: { bars: 5 } }. */
function fieldsOf(words) {
  if (words.length % 2) throw new Error("keys come with their values, but the number of words is odd");
  const fields = {};
  for (let i = 0; i < words.length; i += 2) {
    const [name, unit] = String(words[i]).split(".");
    if (unit) fields[name] = { [unit]: words[i + 1] };
    else fields[name] = words[i + 1];
  }
  return fields;
}

/** Sends a request and tells what comes of it; resolves to the done reply, or to null. */
async function ask(command, fields) {
  if (!barline) {
    tell("fail", command, "lost", "", "no daemon yet");
    return null;
  }
  const job = barline.request(command, fields);
  job.on("accepted", () => {
    last = job;
    tell("accepted", command, job.id);
  });
  job.on("progress", ({ stage, step, of }) => tell("progress", stage, step, of));
  try {
    const done = await job;
    tell("done", command, ...wordsOf(done));
    return done;
  } catch (error) {
    if (error.code === "cancelled") tell("cancelled", command);
    else tell("fail", command, error.code ?? "internal", error.field ?? "", error.text ?? error.message);
    return null;
  }
}

/** A reply as keys and values that Max can route: lists as one text, whatever is deeper as JSON. */
function wordsOf(reply) {
  const plain = (value) => {
    if (Array.isArray(value) && value.every((part) => typeof part !== "object")) return value.join("\n");
    return typeof value === "object" ? JSON.stringify(value) : value;
  };
  const skipped = new Set(["type", "id", "command"]);
  return Object.entries(reply).flatMap(([key, value]) => (skipped.has(key) ? [] : [key, plain(value)]));
}

/** Declares a clip's own grid, repaints its region, and hands the file back with where it came from. */
async function repaintClip(text) {
  const clip = JSON.parse(text);
  const name = `clip ${clip.id}`;
  const grid = { name, tempo: clip.tempo, meter: clip.meter, source_start: { seconds: clip.source_start } };
  if (!(await ask("project", grid))) return;
  const region = { start: { beats: clip.start }, end: { beats: clip.end } };
  const done = await ask("repaint", { project: name, source: clip.file, ...region, caption, deliver: "both" });
  if (done) tell("place", JSON.stringify({ ...clip, take: done.take, full: done.full, id_of_job: done.id }));
}

const guarded = (command, act) => (...words) =>
  Promise.resolve()
    .then(() => act(words))
    .catch((error) => tell("fail", command, "wrong-type", "", error.message));

for (const command of COMMANDS) {
  maxApi.addHandler(command, guarded(command, (words) => ask(command, fieldsOf(words))));
}
maxApi.addHandler("cancel", guarded("cancel", (words) => {
  if (words.length) return ask("cancel", fieldsOf(words));
  if (!last) throw new Error("no job was accepted yet");
  return ask("cancel", { job: last.id });
}));
maxApi.addHandler("caption", (...words) => {
  caption = words.join(" ");
});
maxApi.addHandler("clip", guarded("clip", ([text]) => repaintClip(String(text))));
maxApi.addHandler("connect", guarded("connect", ([host, port]) => look(host ? { host: String(host), port } : {})));

look({}).catch((error) => tell("status", error.message));
