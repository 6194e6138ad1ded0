// A job that outlives the daemon; the caption is for the little engine of the tests: 30 steps of 0.05 s.
import { connect } from "./barline.mjs";

const barline = await connect();
await barline.project({ name: "restart", tempo: 120 });
const region = { project: "restart", start: { bars: 2 }, end: { bars: 4 } };
const job = barline.repaint({ source: process.env.SONG, ...region, caption: "steps 30 0.05" });
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
