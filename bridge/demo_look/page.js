"use strict";
// The tracks of a job are played from one place, so that switching between them compares like with like.

const STEP_S = { ArrowLeft: -1, ArrowRight: 1 };
let stopOther = () => {};

function arm(job) {
  const lanes = [...job.querySelectorAll(".lane")].map((row) => ({
    name: row.querySelector("button"),
    time: row.querySelector(".time"),
    audio: row.querySelector("audio"),
  }));
  const bars = [...job.querySelectorAll(".bar")];
  const seconds = Number(job.dataset.seconds);
  const play = job.querySelector(".play");
  const other = job.querySelector(".switch");
  const clock = job.querySelector(".clock");
  let current = 0;

  const audio = () => lanes[current].audio;

  function show() {
    const at = audio().currentTime;
    const x = Math.min(at / seconds, 1);
    job.querySelector(".head").style.setProperty("--x", x);
    const passed = bars.filter((bar) => Number(bar.style.getPropertyValue("--x")) <= x + 1e-4);
    const place = passed.length ? `, bar ${passed[passed.length - 1].dataset.bar}` : "";
    const minutes = Math.floor(at / 60);
    clock.textContent = `${minutes}:${(at - 60 * minutes).toFixed(1).padStart(4, "0")}${place}`;
  }

  function follow() {
    show();
    if (!audio().paused) requestAnimationFrame(follow);
  }

  function stop() {
    audio().pause();
    job.classList.remove("playing");
    play.textContent = "Play";
    show();
  }

  function start() {
    stopOther();
    stopOther = stop;
    audio().play();
    job.classList.add("playing", "touched");
    play.textContent = "Pause";
    requestAnimationFrame(follow);
  }

  function choose(index) {
    const [from, to] = [audio(), lanes[index].audio];
    const wasPlaying = !from.paused;
    if (from !== to) {
      to.currentTime = from.currentTime;
      from.pause();
    }
    current = index;
    lanes.forEach((lane, at) => lane.name.setAttribute("aria-pressed", String(at === index)));
    if (other) other.textContent = `Compare: ${lanes[(index + 1) % lanes.length].name.textContent}`;
    if (wasPlaying) start();
    show();
  }

  function seek(at) {
    audio().currentTime = Math.min(Math.max(at, 0), seconds);
    job.classList.add("touched");
    show();
  }

  function point(index, event) {
    const box = lanes[index].time.getBoundingClientRect();
    choose(index);
    seek((seconds * (event.clientX - box.left)) / box.width);
  }

  lanes.forEach((lane, index) => {
    lane.name.addEventListener("click", () => choose(index));
    lane.time.addEventListener("click", (event) => point(index, event));
    lane.audio.addEventListener("ended", stop);
  });
  play.addEventListener("click", () => (audio().paused ? start() : stop()));
  play.addEventListener("keydown", (event) => {
    if (event.key in STEP_S) seek(audio().currentTime + STEP_S[event.key]);
  });
  if (other) other.addEventListener("click", () => choose((current + 1) % lanes.length));
  choose(0);
}

document.documentElement.classList.add("live");
document.querySelectorAll(".job").forEach(arm);
