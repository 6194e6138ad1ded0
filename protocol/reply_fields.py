"""Kinds, and fields with their doc, that several replies share: each is declared here once."""

from protocol.documents import Json, Texts
from protocol.fields import Arg
from protocol.kinds import Integer, Text
from protocol.limits import ID_CHARS, NAME_CHARS, PATH_CHARS, SAMPLE_MAX

INT32_MAX = 2**31 - 1
LINE = Text(PATH_CHARS.value, is_line=True)
NAME = Text(NAME_CHARS.value, is_line=True)
LINES = Texts(64)
PROSE = Text(4 * PATH_CHARS.value)  # an error text may quote paths
COUNT = Integer(0, INT32_MAX)
SAMPLE = Integer(-SAMPLE_MAX.value, SAMPLE_MAX.value, "samples")
STATES = ("queued", "running", "done", "failed", "cancelled")
ENGINE_STATES = ("starting", "ready", "restarting", "failed")

REQUEST_ID = Arg("id of the request this answers", Text(ID_CHARS.value, is_line=True))
COMMAND = Arg("name of the request this answers", NAME)
TAKE = Arg("path of the take, empty when not asked for", LINE)
SIDECAR = Arg("path of the JSON file that says how it was made", LINE)
START_SAMPLE = Arg("first sample, counted from the project's start at sample_rate", SAMPLE)
END_SAMPLE = Arg("first sample after it", SAMPLE)
START_BAR = Arg("its start as bar|beat|tick", NAME)
END_BAR = Arg("its end as bar|beat|tick", NAME)
SAMPLE_RATE = Arg("sample rate of the files and of the sample numbers here", Integer(0, 192_000, "Hz"))
SEED = Arg("seed that was used, as digits", NAME)
MODEL = Arg("model that was used", NAME)
SECONDS = Arg("time spent, by stage, in seconds", Json())
WARNINGS = Arg("what you should know about the result", Texts(32))
TAKES = Arg("path of every take, those of the first region first", LINES)
SEEDS = Arg("seed of each of takes, as digits", LINES)
CONFORM = Arg(
    "what was measured against the grid and done, for each take: action (none, offset, stretch, warp, off or "
    "unsure), bpm_ratio, bpm, phase_ms, drift_ms, confidence, residual_ms",
    Json(),
)
SCORES = Arg(
    "of every take, best first: region, take, seed; alignment (how the attention follows the lyrics) and "
    "planner (how codes and words fit), each 0..1 with its parts, or null",
    Json(),
)
LYRIC_NAMES = Arg(
    "what each of lyric_files is: the take's number (or `full`) and the format, as `1-lrc`; or `merged`",
    Texts(512),
)
LYRIC_FILES = Arg("path of each file of timed lyrics", Texts(512))
LYRIC_NOTE = Arg("why the lyrics got no times; empty where they have some, or where nothing is sung", PROSE)
