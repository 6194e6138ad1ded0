// barline.live.js with a small Live set that throws on every property, path and function it does not know.
const fs = require("node:fs");
const vm = require("node:vm");

const markers = (pairs) => JSON.stringify({ warp_markers: pairs.map(([beat_time, sample_time]) => ({ beat_time, sample_time })) });
const SLOTS = "live_set tracks 2 clip_slots";
const clip = {
  name: "verse", file_path: "/music/a song.wav", is_audio_clip: 1, warping: 1, looping: 1, loop_start: 8, loop_end: 16,
  start_marker: 4, end_marker: 20, signature_numerator: 4, signature_denominator: 4,
  warp_markers: markers([[5, 0.5], [9, 2.5], [21, 11.5]]),
};
const set = {
  live_set: { tempo: 100 },
  "live_set tracks 2": { clip_slots: 3 },
  [`${SLOTS} 0`]: { has_clip: 1 }, [`${SLOTS} 0 clip`]: clip,
  [`${SLOTS} 1`]: { has_clip: 1 }, [`${SLOTS} 1 clip`]: { ...clip },
  [`${SLOTS} 2`]: { has_clip: 0 },
};
let detail = `${SLOTS} 0 clip`;
let makesClips = true;

class LiveAPI {
  constructor(callback, place) {
    this.unquotedpath = place === "live_set view detail_clip" ? detail : place;
    this.object = set[this.unquotedpath];
    this.id = this.object ? Object.keys(set).indexOf(this.unquotedpath) + 1 : 0;
  }
  get(name) {
    if (!this.object || !(name in this.object)) throw new Error(`${this.unquotedpath} has no ${name}`);
    return [this.object[name]];
  }
  set(name, value) {
    this.get(name);
    this.object[name] = value;
  }
  getcount(name) {
    return this.get(name)[0];
  }
  call(name, file) {
    if (name !== "create_audio_clip" || !("has_clip" in this.object)) throw new Error(`no function ${name}`);
    if (!makesClips) return;
    this.object.has_clip = 1;
    set[`${this.unquotedpath} clip`] = { name: "", warping: 0, file_path: file };
  }
}

const out = [];
const live = vm.createContext({ LiveAPI, outlet: (index, ...message) => out.push(message) });
vm.runInContext(fs.readFileSync(process.argv[2], "utf8"), live);
const heard = (act) => (act(), out.splice(0));

const told = {};
told.warped = heard(() => live.read());
Object.assign(clip, { warping: 0, looping: 0, start_marker: 1.5, end_marker: 7.5 });
told.straight = heard(() => live.read());
clip.is_audio_clip = 0;
told.midi = heard(() => live.read());
detail = "nothing";
told.nothing = heard(() => live.read());
const made = { track: "live_set tracks 2", name: "verse", full: "/takes/full.wav", take: "/takes/take.wav", warped: 1 };
makesClips = false;
told.old = heard(() => live.place(JSON.stringify(made)));
makesClips = true;
told.placed = heard(() => live.place(JSON.stringify(made)));
told.clip = set[`${SLOTS} 2 clip`];
told.full = heard(() => live.place(JSON.stringify(made)));
console.log(JSON.stringify(told));
