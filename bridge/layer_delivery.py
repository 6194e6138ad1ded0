"""What goes back for layers and stems: WAV files exactly as long as the region, each with its project place.

Law of masked stems: in the numbers that are stored, the stems and the remainder add up to the source.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from bridge.bwf import WIDTHS, Bext, format_body, wave_head
from bridge.chunks import read_chunk, read_layout
from bridge.delivery import Delivered, Place, bars_label, bext_for, clip_warnings, result_stem, write_sidecar
from bridge.encode import BLOCK, WAVES, pack
from bridge.layer_plan import LayerPlan
from bridge.publish import Delivery, delivery_into
from bridge.sources import FULL_SCALE, Audio, SourceFormat, check_unchanged, read_span, to_float, to_stereo
from bridge.splice import RenderedSpan, Seam, at_source_rate, to_stored
from bridge.stem_store import open_raw, remove_raw

Floats = NDArray[np.float64]
REMAINDER = "remainder"
DTYPES = {"16": "int16", "float": "float32"}
EARLY = "the files start before the project, which bext cannot say: they have none"
NO_SEAM = Seam(0.0, 0, "none", 0.0)


@dataclass(frozen=True, slots=True)
class StemForm:
    """How stems are stored. names: in their order; depth: 16 24 32 float; is_masked: a remainder belongs to
    them.
    """

    names: tuple[str, ...]
    depth: str
    is_masked: bool

    @property
    def dtype(self) -> str:
        """numpy's name for the stored numbers."""
        return DTYPES.get(self.depth, "int32")


def depth_of(source: SourceFormat, wanted: str) -> str:
    """The depth of the files; wanted: "source" or "float"."""
    return source.depth if wanted == "source" else wanted


def deliver_layer(
    source: SourceFormat,
    plan: LayerPlan,
    rendered: RenderedSpan,
    how: tuple[str, float, Place],
    origin: Mapping[str, Any],
) -> Delivered:
    """Publish a stereo layer, the mix of source and layer, or both. how: depth, fade in ms, place.

    Raises ProtocolError `no-file` when the source changed, OSError when the folder cannot be written.
    """
    depth, fade_ms, place = how
    check_unchanged(source)
    layer = layer_audio(plan, rendered, fade_ms)
    sounds = {"_take.wav": layer} if place.which != "full" else {}
    if place.which != "take":
        sounds["_full.wav"] = layer + to_stereo(to_float(read_span(source, plan.lo, plan.hi)))
    bext = bext_for(place, plan.project_lo, str(origin["request"]["type"]))
    warnings: tuple[str, ...] = () if bext else (EARLY,)
    with delivery_into(place.folder) as delivery:
        files = {ending: delivery.part() for ending in sounds}
        for ending, sound in sounds.items():
            numbers, clipped = to_stored(sound, DTYPES.get(depth, "int32"), depth)
            warnings += clip_warnings(clipped)
            write_stereo(files[ending], numbers, (depth, plan.rate), bext)
        record = layer_record(source, plan) | {"warnings": list(warnings), "depth": depth, "fade_ms": fade_ms}
        named = publish(delivery, plan, place, files, (record, origin))
    sidecar, take, full = named["_take.json"], named.get("_take.wav"), named.get("_full.wav")
    return Delivered(take, full, sidecar, warnings, plan.lo, plan.hi, NO_SEAM, NO_SEAM)


def layer_audio(plan: LayerPlan, rendered: RenderedSpan, fade_ms: float) -> Floats:
    """The region's samples (hi - lo, 2) at the source's rate, faded in and out inside it."""
    chunk = plan.chunks[0]
    first = plan.lo - chunk.window_lo
    audio = at_source_rate(chunk, rendered, 2)[first : first + plan.hi - plan.lo].copy()
    if not np.isfinite(audio).all():
        raise ValueError("rendered audio holds values that are not finite")
    samples = min(round(fade_ms * plan.rate / 1000), len(audio) // 2)
    rise = (np.arange(samples)[:, None] + 0.5) / max(samples, 1)
    audio[:samples] *= rise
    audio[len(audio) - samples :] *= rise[::-1]
    return audio


def write_stereo(path: Path, numbers: Audio, form: tuple[str, int], bext: Bext | None) -> None:
    """A whole stereo WAV; form: depth and rate."""
    data = pack(numbers, form[0], True)
    with path.open("wb") as file:
        file.write(wave_head(b"RIFF", format_body(*form, 2), bext, len(data)))
        file.write(data + b"\0" * (len(data) % 2))


def deliver_stems(
    source: SourceFormat, plan: LayerPlan, form: StemForm, place: Place, origin: Mapping[str, Any]
) -> Delivered:
    """Publish every stem from its raw file in place.folder, and of masked ones what they leave over.

    Raises ProtocolError `no-file` when the source changed, OSError when the folder cannot be written.
    """
    check_unchanged(source)
    names = (*form.names, REMAINDER) if form.is_masked else form.names
    bext = bext_for(place, plan.project_lo, "extract")
    with delivery_into(place.folder) as delivery:
        files = {f"_take-{name}.wav": delivery.part() for name in names}
        clipped = write_stems(source, plan, form, place.folder, (list(files.values()), bext))
        check_unchanged(source)  # it may have been replaced while it was read
        warnings = (() if bext else (EARLY,)) + clip_warnings(clipped)
        record = layer_record(source, plan) | {"warnings": list(warnings), "stems": list(names)}
        remove_raw(place.folder, len(form.names))
        named = publish(delivery, plan, place, files, (record | {"depth": form.depth}, origin))
    stems = tuple(path for ending, path in named.items() if ending != "_take.json")
    return Delivered(None, None, named["_take.json"], warnings, plan.lo, plan.hi, NO_SEAM, NO_SEAM, stems)


def publish(
    delivery: Delivery,
    plan: LayerPlan,
    place: Place,
    files: dict[str, Path],
    told: tuple[Mapping[str, Any], Mapping[str, Any]],
) -> dict[str, Path]:
    """Names for the files and a sidecar of theirs; told: what the bridge did, and where it all came from."""
    files["_take.json"] = sidecar = delivery.part()
    write_sidecar(sidecar, told[0], told[1], files)
    return delivery.publish(result_stem(place, bars_label(plan.start_bars, plan.end_bars)), files)


def layer_record(source: SourceFormat, plan: LayerPlan) -> dict[str, Any]:
    """What the bridge did, as JSON values."""
    told = {**asdict(source), "path": str(source.path), "stamp": list(source.stamp)}
    return {"source": told, "plan": {**asdict(plan), "chunks": [asdict(chunk) for chunk in plan.chunks]}}


def write_stems(
    source: SourceFormat, plan: LayerPlan, form: StemForm, folder: Path, out: tuple[list[Path], Bext | None]
) -> int:
    """Writes all files side by side, block after block; how many values had to be cut."""
    size = (plan.hi - plan.lo) * source.channels * WIDTHS[form.depth]
    clipped = 0
    with ExitStack() as stack:
        opened: list[BinaryIO] = [stack.enter_context(path.open("wb")) for path in out[0]]
        for file in opened:
            file.write(wave_head(b"RIFF", stem_format(source, form), out[1], size))
        for numbers, cut in stem_blocks(source, plan, form, folder):
            clipped += cut
            for file, block in zip(opened, numbers, strict=True):
                file.write(pack(block, form.depth, True))
        for file in opened:
            file.write(b"\0" * (size % 2))
    return clipped


def stem_format(source: SourceFormat, form: StemForm) -> bytes:
    """The fmt chunk: the source's own, with its channel mask, where the numbers are of its kind."""
    if source.container in WAVES and form.depth == source.depth:
        layout = read_layout(source.path)
        chunk = layout.find(b"fmt ")
        if chunk is not None and layout.order == "<":
            return read_chunk(source.path, chunk)
    return format_body(form.depth, source.rate, source.channels)


def stem_blocks(
    source: SourceFormat, plan: LayerPlan, form: StemForm, folder: Path
) -> Iterator[tuple[list[Audio], int]]:
    """Blocks of every file's stored numbers, (n, channels) each, and how many of them were cut.

    Stems lie in the first two channels; the others are silent in them and whole in the remainder.
    """
    shape = (plan.hi - plan.lo, min(source.channels, 2))
    raws = [open_raw(folder, number, shape) for number in range(len(form.names))]
    for lo in range(0, shape[0], BLOCK):
        stems, clipped = [], 0
        for raw in raws:
            numbers, cut = to_stored(raw[lo : lo + BLOCK].astype(np.float64), form.dtype, form.depth)
            clipped += cut
            wide: Audio = np.zeros((len(numbers), source.channels), form.dtype)
            wide[:, : shape[1]] = numbers
            stems.append(wide)
        if form.is_masked:
            span = read_span(source, plan.lo + lo, plan.lo + lo + len(stems[0]))
            rest, cut = remainder(span, stems, form)
            stems, clipped = [*stems, rest], clipped + cut
        yield stems, clipped


def remainder(source: Audio, stems: list[Audio], form: StemForm) -> tuple[Audio, int]:
    """The source less the stems as they are stored, and how many values had to be cut.

    In integers that is exact; in floats it is rounded once, 144 dB below full scale.
    """
    if form.dtype == "float32":
        rest = to_float(source) - np.sum([stem.astype(np.float64) for stem in stems], axis=0)
        return rest.astype(np.float32), 0
    whole = source.astype(np.int64) - np.sum([stem.astype(np.int64) for stem in stems], axis=0)
    top = int(FULL_SCALE[form.dtype])
    step = 256 if form.depth == "24" else 1  # 24 bits lie in the upper three bytes
    kept = np.clip(whole, -top, top - step)
    return kept.astype(form.dtype), int(np.count_nonzero(kept != whole))
