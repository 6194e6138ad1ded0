// Runs the scripts of an Open Stage Control session as the program would: presses buttons, delivers replies.
// Prints what would be sent, and what the widgets show in the end.
const session = JSON.parse(require("node:fs").readFileSync(process.argv[2], "utf8"));
const widgets = new Map();
const collect = (widget) => {
  widgets.set(widget.id, { ...widget, value: widget.default });
  (widget.widgets ?? []).forEach(collect);
};
collect(session.content);

const sent = [];
const known = (id) => widgets.get(id) ?? (() => { throw new Error(`no widget ${id}`); })();
function change(id, value) {
  const widget = known(id);
  widget.value = value;
  if (!widget.onValue) return;
  const script = new Function("value", "get", "set", "send", widget.onValue);
  script(value, (name) => known(name).value, (name, next) => change(name, next), (...message) => sent.push(message));
}

change("cancel", 1); // nothing to cancel yet
change("project", 1);
change("repaint", 1);
change("accepted", ["job-7", "repaint", 0]);
change("cancel", 1);
change("steps", ["job-7", "denoise", 3, 8]);
const progress = known("progress").value;
change("done", ["job-7", "repaint", "take", "/takes/a.wav", "start_bar", "17|1|0"]);
const take = known("take").value;
change("fail", ["job-8", "repaint", "out-of-range", "fade_ms", "fade_ms=5000 is outside"]);
console.log(JSON.stringify({ sent, progress, take, status: known("status").value }));
