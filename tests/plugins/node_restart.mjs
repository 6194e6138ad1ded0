// A job that outlives the daemon: it waits for standard input between what the test does to the daemon.
import { connect } from "./barline.mjs";

const barline = await connect();
await barline.project({ name: "restart", tempo: 120 });
const region = { project: "restart", start: { bars: 2 }, end: { bars: 4 } };
const job = barline.repaint({ source: process.env.SONG, ...region, steps: 20, takes: 2 });
let isTold = false;
job.on("progress", ({ stage, step }) => {
  if (stage === "denoise" && step > 1 && !isTold) console.log("under way");
  isTold ||= stage === "denoise" && step > 1;
});
barline.on("lost", () => console.log("lost"));
barline.on("back", () => console.log("back"));
const done = await job;
console.log(`done ${done.take}`);
await barline.close();
