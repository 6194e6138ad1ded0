"""Kinds, and fields with their doc, that several requests share: each is declared here once."""

from typing import get_args

from protocol.fields import Arg
from protocol.kinds import Choice, Flag, Integer, Number, Text
from protocol.limits import CAPTION_CHARS, ID_CHARS, LYRICS_CHARS, NAME_CHARS, PATH_CHARS
from protocol.picks import Picks
from protocol.places import POSITION
from protocol.regions import Regions
from protocol.values import LYRIC_FORMATS as WRITTEN
from protocol.values import BitDepth, Conform, Deliver, LyricClock, StemDepth

NAME = Text(NAME_CHARS.value, is_line=True)
FILLED_NAME = Text(NAME_CHARS.value, lo=1, is_line=True)
JOB_ID = Text(ID_CHARS.value, is_line=True)
FILLED_ID = Text(ID_CHARS.value, lo=1, is_line=True)
FILLED_LINE = Text(PATH_CHARS.value, lo=1, is_line=True)
FILLED_CAPTION = Text(CAPTION_CHARS.value, lo=1)
RATE = Integer(8000, 192_000, "Hz")
UNIT = Number(0, 1)
FADE = Number(0, 1000, "ms")
DELIVER = Choice(get_args(Deliver))
DEPTH = Choice(get_args(BitDepth))

REQUEST_ID = Arg("chosen by the client; first in every reply", FILLED_ID)
JOB = Arg("id of the request that started the job", FILLED_ID)
PROJECT = Arg("name of the project whose grid counts; `default` is 120 bpm 4/4 until declared", FILLED_NAME)
CAPTION = Arg("how it should sound, in words", Text(CAPTION_CHARS.value))
LYRICS = Arg("words to sing, one line each; empty: instrumental", Text(LYRICS_CHARS.value))
LANGUAGE = Arg("language of the lyrics, as a code like en, de, ja", FILLED_NAME)
KEY = Arg(
    "musical key: a note and major, minor or another mode, like `C major`, `F# minor`, `Bb` or `D dorian`; "
    "empty: the project's",
    NAME,
)
SEED = Arg("same seed, same audio; -1: the daemon chooses one and reports it", Integer(-1, 2**32 - 1))
STEPS = Arg("denoise steps; 0: the model's own number", Integer(0, 200))
GUIDANCE = Arg("how strictly the caption is followed; 0: the model's own value", Number(0, 30))
MODEL = Arg("name of the model, see `describe models`; empty: the daemon's", NAME)
PRIORITY = Arg("higher jobs run first, equal ones in order of arrival", Integer(-10, 10))
OUT = Arg("folder for the results; empty: the daemon's", Text(PATH_CHARS.value, is_line=True))
SOURCE = Arg("audio file to work on: a path, or `upload:ID`", FILLED_LINE)
SOURCE_START = Arg(
    "where in the project the source's first sample lies; left out: the project's source_start", POSITION
)
START = Arg("where the region begins; left out: the source's start", POSITION)
END = Arg("where the region ends; left out: the source's end", POSITION)
STEM_DEPTH = Arg("samples of the files: as the source's, or 32-bit float", Choice(get_args(StemDepth)))
EDGE_FADE = Arg("fade in and out at the region's edges, inside it", FADE)
TAKES = Arg("how many takes; each one's seed is the next, 0 after the last", Integer(1, 8))
BLUEPRINT = Text(65_536)
PLANNER = Arg(
    "name of the planner, as acestep-5Hz-lm-0.6B; empty: the first whose audio codes are those of the model",
    NAME,
)
KEEP = Arg("keep the planner in memory for the next request; otherwise it goes at once", Flag())
LYRIC_FORMATS = Arg(
    "files of timed lyrics to write beside each take that is sung; what they are: see `align`",
    Picks(WRITTEN),
)
LYRIC_CLOCK = Arg(
    "what their times count from: the start of the audio file they belong to, the project's start, or bars",
    Choice(get_args(LyricClock)),
)
LYRIC_MERGE = Arg(
    "path of an LRC of the whole source to make a copy of, with the lines inside the regions replaced by "
    "those of the best takes; its clock is the source file's or, with lyric_clock=project, the project's",
    Text(PATH_CHARS.value, is_line=True),
)
REFERENCE = Arg("audio file whose timbre is wanted: a path, or `upload:ID`; empty: none", OUT.kind)
MORE_REGIONS = Arg("further regions of the source in the same job; none may overlap another", Regions(7))
CONFORM = Arg(
    "auto: what was played off the project's grid is moved onto it where that is clear; off: it is left",
    Choice(get_args(Conform)),
)
