// describe, project, repaint, cancel with barline.mjs; every reply goes to standard output as a line of JSON.
import { readFileSync } from "node:fs";
import { connect } from "./barline.mjs";

const song = process.env.SONG;
const barline = await connect({ client: "test" });
const tell = (job) => {
  for (const kind of ["accepted", "progress", "done", "fail", "cancelled", "synced"]) {
    job.on(kind, (reply) => console.log(JSON.stringify(reply)));
  }
  return job;
};
barline.on("reply", (reply) => console.log(JSON.stringify({ stray: true, ...reply })));

await tell(barline.describe({ id: "js-describe", what: "limits" }));
await tell(barline.project({ id: "js-project", name: "node", tempo: "0 120; 4 120", meter: "4/4" }));
const region = { project: "node", start: { bars: 2 }, end: { bars: "4|1|0" } };
const { take } = await tell(barline.repaint({ id: "js-repaint", source: song, ...region }));

const long = tell(barline.repaint({ id: "js-long", source: song, ...region, steps: 20, takes: 8 }));
long.once("accepted", () => tell(long.cancel()));
const stopped = await long.catch((error) => error);
console.log(JSON.stringify({ stopped: stopped.code }));

const refused = await tell(barline.repaint({ id: "js-wrong", source: song, ...region, fade_ms: 5000 })).catch((error) => error);
console.log(JSON.stringify({ refused: refused.code, field: refused.field }));

const source = await barline.upload(song, "a song.wav");
const bytes = await barline.upload(readFileSync(song), "a song.wav");
console.log(JSON.stringify({ source, same: source === bytes }));
await tell(barline.repaint({ id: "js-uploaded", source, ...region }));
const content = await barline.download({ job: "js-repaint", which: "take" });
console.log(JSON.stringify({ downloaded: content.equals(readFileSync(take)) }));
const again = await barline.fetch({ job: "js-repaint" });
console.log(JSON.stringify({ fetched: again.take === take }));
await tell(barline.sync({ id: "js-sync" }));
await barline.close();
