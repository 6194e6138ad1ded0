// node example.mjs SONG BPM FIRST_BAR END_BAR [CAPTION]
import { resolve } from "node:path";
import { connect } from "./barline.mjs";

const [song, bpm, first, end, caption = ""] = process.argv.slice(2);
const barline = await connect({ client: "example" });
await barline.project({ name: "example", tempo: bpm });
const region = { start: { bars: Number(first) }, end: { bars: Number(end) } };
const job = barline.repaint({ project: "example", source: resolve(song), ...region, caption });
job.on("progress", ({ stage, step, of }) => console.log(stage, `${step}/${of}`));
const { take, start_sample: start } = await job;
console.log(`${take} belongs at sample ${start}`);
await barline.close();
