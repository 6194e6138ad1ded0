"""Our grid against Ardour's own tempo map, on random maps with steps and ramps; a script, needs
`ardour7-lua`.

Ardour 7 ramps linearly in beats, keeps a quarter note as a whole number of 1/282240000 s and floors to the
sample, so the comparison is with the floor of our exact time: never more than one sample apart.

Run: python tests/acceptance/grid_vs_ardour.py [maps] [sample rate]
"""

import random
import shutil
import subprocess
import sys
import tempfile
from fractions import Fraction
from math import floor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bridge.grid import Grid, build_grid, sample_at, time_at
from protocol.values import Beats, MeterPoint, TempoPoint

TICKS = 1920  # a quarter note, Ardour's own resolution
QUERIES = 8  # positions asked of every map
LUA = """
AudioEngine:set_backend("None (Dummy)","","")
assert(create_session("FOLDER/session","grid",RATE))
local file=io.open("FOLDER/maps.txt","r") local out=io.open("FOLDER/answers.txt","w") local tm=nil
local function at(ticks) return Temporal.timepos_t.from_ticks(math.floor(ticks)) end
for line in file:lines() do
  local word={} for w in line:gmatch("%S+") do word[#word+1]=w end
  if word[1]=="map" then tm=Temporal.TempoMap.fetch_writable() points={}
  elseif word[1]=="point" then
    local bpm=tonumber(word[3])
    points[#points+1]={tm:set_tempo(Temporal.Tempo(bpm,bpm,4),at(tonumber(word[2]))),word[4]}
  elseif word[1]=="done" then
    for _,p in ipairs(points) do if p[2]=="beats" then tm:set_ramped(p[1],true) end end
  elseif word[1]=="ask" then
    local t=tonumber(word[2])
    out:write(tm:sample_at_beats(Temporal.Beats(t//1920,t%1920)),"\\n")
  else points=nil tm=nil collectgarbage() Temporal.TempoMap.abort_update() end
end
out:close()
"""


def random_map(seed: int) -> tuple[list[TempoPoint], list[int]]:
    """2..6 tempo points, bpm with up to three decimals, about half of them ramps; and ticks to ask for."""
    draw = random.Random(seed)
    at, points = 0, []
    for _ in range(draw.randint(2, 6)):
        bpm = Fraction(draw.randint(40_000, 240_000), 1000)
        points.append(TempoPoint(Fraction(at, TICKS), bpm, draw.choice(["none", "beats"])))
        at += TICKS * draw.randint(1, 16)  # Ardour moves a tempo point to the nearest beat
    return points, sorted(draw.randint(0, at + 8 * TICKS) for _ in range(QUERIES))


def script_of(maps: list[tuple[list[TempoPoint], list[int]]]) -> str:
    """The maps as lines the Lua side reads."""
    lines = []
    for points, asked in maps:
        lines.append("map")
        lines += [f"point {p.beat * TICKS} {float(p.bpm)!r} {p.ramp}" for p in points]
        lines += ["done", *(f"ask {tick}" for tick in asked), "end"]
    return "\n".join(lines) + "\n"


def ask_ardour(program: str, maps: list[tuple[list[TempoPoint], list[int]]], rate: int) -> list[int]:
    """Ardour's samples for every question, in order."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        script = folder / "grid.lua"
        script.write_text(LUA.replace("FOLDER", name).replace("RATE", str(rate)))
        (folder / "maps.txt").write_text(script_of(maps))
        surroundings = {"HOME": name, "PATH": "/usr/bin:/bin"}
        # its exit status says nothing: Ardour aborts in its own clean-up after the script has finished
        subprocess.run(
            [program, str(script)], capture_output=True, timeout=600, env=surroundings, check=False
        )
        return [int(float(line)) for line in (folder / "answers.txt").read_text().split()]


def compare(grid: Grid, tick: int, answer: int, rate: int) -> tuple[int, int, float]:
    """Ardour minus our floor, Ardour minus our sample, and how far (samples) the exact time is from a whole
    one.
    """
    place = Beats(Fraction(tick, TICKS))
    exact = time_at(grid, place).value * rate
    return answer - floor(exact), answer - sample_at(grid, place, rate), abs(float(exact - round(exact)))


def main() -> int:
    """Print one line of figures; 1 when any position is more than one sample apart."""
    program = shutil.which("ardour7-lua")
    if program is None:
        print("ardour7-lua is not installed: nothing compared")
        return 2
    given = dict(enumerate(map(int, sys.argv[1:])))
    count, rate = given.get(0, 1000), given.get(1, 48_000)
    maps = [random_map(seed) for seed in range(count)]
    answers = iter(ask_ardour(program, maps, rate))
    found = [
        compare(build_grid(points, [MeterPoint(1, 4, 4)], rate), tick, next(answers), rate)
        for points, asked in maps
        for tick in asked
    ]
    floors, rounds, near = zip(*found, strict=True)
    odd = max((n for f, n in zip(floors, near, strict=True) if f), default=0.0)
    print(f"{count} maps, {len(found)} positions at {rate} Hz, Ardour against ours")
    print(f"  floor of ours:   {sum(map(bool, floors))} differ, at most {max(map(abs, floors))} sample(s)")
    print(f"                   all of them where the exact time lies within {odd:.4f} samples of a whole one")
    print(f"  ours (half up):  {sum(map(bool, rounds))} differ, {min(rounds)}..{max(rounds)} sample(s)")
    return int(max(map(abs, floors)) > 1 or max(map(abs, rounds)) > 1)


if __name__ == "__main__":
    sys.exit(main())
