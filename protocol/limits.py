"""Every number the protocol promises, declared once for the checks, `describe limits` and the docs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limit:
    """One promised number: wire name, value, unit and what it bounds."""

    name: str
    value: int
    unit: str
    doc: str


PROTOCOL_VERSION = Limit("protocol_version", 1, "", "version of this protocol; `hello` compares it")
OSC_BYTES = Limit("osc_bytes", 8192, "bytes", "largest OSC datagram, both ways; larger ones are refused")
OSC_COMFORT_BYTES = Limit(
    "osc_comfort_bytes", 1400, "bytes", "fits one network packet; only long lyrics or tempo maps need more"
)
JSON_BYTES = Limit("json_bytes", 262_144, "bytes", "largest WebSocket text message")
BUNDLE_DEPTH = Limit("bundle_depth", 8, "levels", "deepest nesting of OSC bundles")
BUNDLE_MESSAGES = Limit("bundle_messages", 256, "messages", "most messages in one OSC packet")
HORIZON_S = Limit("horizon_s", 60, "s", "furthest timetag ahead of now; late ones act at once")
ID_CHARS = Limit("id_chars", 64, "characters", "longest request id")
NAME_CHARS = Limit("name_chars", 64, "characters", "longest name of a project, model, key or language")
PATH_CHARS = Limit("path_chars", 1024, "characters", "longest path")
CAPTION_CHARS = Limit("caption_chars", 1024, "characters", "longest caption")
LYRICS_CHARS = Limit("lyrics_chars", 16_384, "characters", "longest lyrics; above about 6,000 use WebSocket")
TEMPO_POINTS = Limit("tempo_points", 4096, "points", "longest tempo map; above about 500 use WebSocket")
METER_POINTS = Limit("meter_points", 4096, "points", "longest meter map")
TICKS_PER_QUARTER = Limit("ticks_per_quarter", 960, "ticks", "ticks of a quarter note in bar|beat|tick texts")
SAMPLE_MAX = Limit("sample_max", 2**31 - 1, "samples", "furthest sample position from the project start")
SECONDS_MAX = Limit("seconds_max", 10_800, "s", "furthest position in seconds (3 h) from the start")
BEATS_MAX = Limit("beats_max", 200_000, "quarter notes", "furthest position in beats from the start")
GENERATE_S = Limit("generate_s", 600, "s", "longest generated piece")
CHUNK_BYTES = Limit("chunk_bytes", 1_048_576, "bytes", "largest payload of one binary frame")
TRANSFER_BYTES = Limit("transfer_bytes", 536_870_912, "bytes", "largest upload or download")

LIMITS: tuple[Limit, ...] = (
    PROTOCOL_VERSION,
    OSC_BYTES,
    OSC_COMFORT_BYTES,
    JSON_BYTES,
    BUNDLE_DEPTH,
    BUNDLE_MESSAGES,
    HORIZON_S,
    ID_CHARS,
    NAME_CHARS,
    PATH_CHARS,
    CAPTION_CHARS,
    LYRICS_CHARS,
    TEMPO_POINTS,
    METER_POINTS,
    TICKS_PER_QUARTER,
    SAMPLE_MAX,
    SECONDS_MAX,
    BEATS_MAX,
    GENERATE_S,
    CHUNK_BYTES,
    TRANSFER_BYTES,
)
