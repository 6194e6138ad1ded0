// Barline in Max for Live: the script of [js barline.live.js]. Reads the clip in Live's detail view and places the
// result beside it. Written for the old js object too (ES5), so that Live 11 runs it.
//
// Messages in:  read          tells the clip as: clip JSON (for barline.n4m.js)
//               place JSON    puts a repainted file into the next empty slot of the clip's track
// Messages out: clip JSON | status TEXT

autowatch = 1;
inlets = 1;
outlets = 1;

var MAX_BEATS = 200000; // furthest place the daemon takes

function tell(text) {
  outlet(0, "status", text);
}

// First value of a property; numbers come as numbers, paths as text.
/** @param {LiveAPI} api @param {string} name */
function value(api, name) {
  var got = api.get(name);
  return got instanceof Array ? got[0] : got;
}

// Warp markers as [[beat, seconds], ...] in their order. LiveAPI hands them out as JSON text.
/** @param {LiveAPI} clip */
function readMarkers(clip) {
  var told = clip.get("warp_markers");
  var parsed = JSON.parse(told instanceof Array ? told.join(" ") : String(told));
  return parsed.warp_markers.map(function (marker) {
    return [marker.beat_time, marker.sample_time];
  });
}

// The grid of a warped clip is that of its markers: between two of them the file has one tempo. Beat 0 is moved
// to the bar line at or before the first marker, since a tempo map starts at 0.
function warpedGrid(markers, barBeats) {
  var zero = Math.floor(markers[0][0] / barBeats) * barBeats;
  var points = [];
  for (var i = 0; i + 1 < markers.length; i++) {
    var bpm = (60 * (markers[i + 1][0] - markers[i][0])) / (markers[i + 1][1] - markers[i][1]);
    points.push((i ? markers[i][0] - zero : 0) + " " + bpm);
  }
  if (points.length === 0) return { tempo: "", source_start: 0, zero: zero };
  var first = Number(points[0].split(" ")[1]);
  var start = ((markers[0][0] - zero) * 60) / first - markers[0][1];
  return { tempo: points.join("; "), source_start: start, zero: zero };
}

// An unwarped clip plays at its own speed below the set's tempo: its file begins start_marker seconds before it.
/** @param {LiveAPI} clip @param {number} bpm */
function straightGrid(clip, bpm) {
  return { tempo: "0 " + bpm, source_start: -Number(value(clip, "start_marker")), zero: 0 };
}

// What the daemon needs of a clip. Beats are those of the grid that goes with them.
/** @param {LiveAPI} clip @param {LiveAPI} song */
function describeClip(clip, song) {
  var bpm = Number(value(song, "tempo"));
  var numerator = Number(value(clip, "signature_numerator"));
  var denominator = Number(value(clip, "signature_denominator"));
  var isWarped = Number(value(clip, "warping")) === 1;
  var isLooping = Number(value(clip, "looping")) === 1;
  var grid = isWarped ? warpedGrid(readMarkers(clip), (4 * numerator) / denominator) : straightGrid(clip, bpm);
  var low = Number(value(clip, isLooping ? "loop_start" : "start_marker"));
  var high = Number(value(clip, isLooping ? "loop_end" : "end_marker"));
  if (!isWarped) {
    // Live counts an unwarped clip's markers in seconds of its file; the region begins where the clip does.
    var from = Number(value(clip, "start_marker"));
    low = ((low - from) * bpm) / 60;
    high = ((high - from) * bpm) / 60;
  }
  return {
    id: Number(clip.id),
    track: trackPath(clip),
    name: String(value(clip, "name")),
    file: String(value(clip, "file_path")),
    tempo: grid.tempo,
    meter: numerator + "/" + denominator,
    source_start: grid.source_start,
    start: low - grid.zero,
    end: high - grid.zero,
    warped: isWarped ? 1 : 0,
  };
}

// "live_set tracks 2" out of "live_set tracks 2 clip_slots 5 clip".
/** @param {LiveAPI} clip */
function trackPath(clip) {
  var found = /live_set tracks \d+/.exec(clip.unquotedpath);
  return found ? found[0] : "";
}

// Live's message "read".
function read() {
  var clip = new LiveAPI(null, "live_set view detail_clip");
  if (Number(clip.id) === 0) return tell("select a clip first: click on it, so that Live shows it below");
  if (Number(value(clip, "is_audio_clip")) !== 1) return tell("this is a MIDI clip: select an audio clip");
  var told = describeClip(clip, new LiveAPI(null, "live_set"));
  if (told.tempo === "") return tell("the clip has one warp marker only: warp it, or turn warping off");
  if (Math.abs(told.end) > MAX_BEATS || told.end <= told.start) return tell("the clip's region has no length");
  outlet(0, "clip", JSON.stringify(told));
}

// Live's message "place": the whole file with the region in it, as a new clip in the next empty slot.
function place(text) {
  var made = JSON.parse(text);
  var slot = emptySlot(made.track);
  var file = made.full || made.take;
  if (!slot) return tell("no empty slot in this track; the file is " + file);
  slot.call("create_audio_clip", file);
  var clip = new LiveAPI(null, slot.unquotedpath + " clip");
  if (Number(clip.id) === 0) return tell("this Live makes no clips from files (12.0.5 does); the file is " + file);
  clip.set("warping", made.warped);
  clip.set("name", made.name + " (Barline)");
  tell("placed: " + made.name + " (Barline)");
}

/** @param {string} track */
function emptySlot(track) {
  if (track === "") return null;
  var count = new LiveAPI(null, track).getcount("clip_slots");
  for (var i = 0; i < count; i++) {
    var slot = new LiveAPI(null, track + " clip_slots " + i);
    if (Number(value(slot, "has_clip")) === 0) return slot;
  }
  return null;
}
