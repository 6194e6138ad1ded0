"""A file whose timbre is wanted, for whatever request names one."""

from bridge.journey import Setting, find_source
from bridge.pipe import Array
from bridge.sources import MODEL_RATE, SourceFormat, check_unchanged, read_format, read_span, to_model_audio
from protocol.errors import ProtocolError

LONGEST_S = 300


def read_reference(setting: Setting, wanted: str) -> SourceFormat | None:
    """The file's format, None for none. Raises ProtocolError that blames `reference`."""
    if not wanted:
        return None
    try:
        found = read_format(find_source(setting, wanted))
    except ProtocolError as error:
        raise ProtocolError(error.code, error.text, "reference") from error
    if not 0 < found.frames <= LONGEST_S * found.rate:
        text = f"reference={found.path.name} has {found.frames / found.rate:.2f} s, outside 0..{LONGEST_S} s"
        raise ProtocolError("out-of-range", text, "reference")
    return found


def reference_arrays(source: SourceFormat | None) -> dict[str, Array]:
    """The whole file as the model takes it, float32 (2, n) at 48 kHz, under its name in a task's frame."""
    if source is None:
        return {}
    check_unchanged(source)
    frames = -(-source.frames * MODEL_RATE // source.rate)
    return {"reference": to_model_audio(source, read_span(source, 0, source.frames), frames)}
