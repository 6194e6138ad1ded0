"""One audio file from numbers: a region alone, a whole song with its region replaced, a new song.

Writes where it is told; names, folders and publishing are somebody else's.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soundfile

from bridge.bwf import WIDTHS, Bext, format_body, wave_head, write_wave
from bridge.chunks import is_little, read_chunk, read_layout
from bridge.flac import join_metadata
from bridge.sources import Audio, SourceFormat, read_span
from protocol.errors import ProtocolError

WAVES = ("wav", "wavex", "rf64")
SUBTYPES = {"16": "PCM_16", "24": "PCM_24", "32": "PCM_32", "float": "FLOAT"}
BLOCK = 1 << 16  # samples a step when a whole song is written
Patches = Sequence[tuple[int, Audio]]  # first source sample, and what is laid in from there on


def pack(audio: Audio, depth: str, little: bool) -> bytes:
    """Stored numbers as a file's bytes; (n, channels) -> interleaved."""
    wide = np.ascontiguousarray(audio, audio.dtype.newbyteorder("<" if little else ">"))
    if depth != "24":
        return wide.tobytes()
    four = wide.view(np.uint8).reshape(-1, 4)  # 24 bits lie in the upper three bytes of an int32
    return (four[:, 1:] if little else four[:, :3]).tobytes()


def write_take(path: Path, fmt: SourceFormat, audio: Audio, bext: Bext | None) -> None:
    """The region alone, in the source's container; a WAV keeps the source's fmt chunk (channel mask and
    all).
    """
    if fmt.container not in WAVES:
        write_encoded(path, fmt, audio)
        return
    layout = read_layout(fmt.path)
    form_chunk = layout.find(b"fmt ")
    if form_chunk is None:
        raise ProtocolError("no-audio", f"{fmt.path.name} has no fmt chunk", "source")
    form = b"RF64" if fmt.container == "rf64" else layout.form
    write_wave(
        path, form, read_chunk(fmt.path, form_chunk), bext, pack(audio, fmt.depth, layout.order == "<")
    )


def write_encoded(path: Path, fmt: SourceFormat, audio: Audio) -> None:
    """An AIFF or FLAC file; AIFF in the source's byte order."""
    little = fmt.container == "aiff" and is_little(fmt.path, read_layout(fmt.path))
    soundfile.write(
        str(path),
        audio,
        fmt.rate,
        subtype=SUBTYPES[fmt.depth],
        endian="LITTLE" if little else "FILE",
        format=fmt.container.upper(),
    )


def patch_region(path: Path, fmt: SourceFormat, lo: int, audio: Audio) -> None:
    """Overwrite the region's bytes in the sample chunk and nothing else; read them back as proof."""
    layout = read_layout(path)
    block = fmt.channels * WIDTHS[fmt.depth]
    if layout.samples.size < fmt.frames * block:
        text = f"{fmt.path.name} stores {layout.samples.size} bytes of samples, not {fmt.frames} x {block}"
        raise ProtocolError("no-audio", text, "source")
    with path.open("r+b") as file:
        file.seek(layout.samples.start + lo * block)
        file.write(pack(audio, fmt.depth, is_little(path, layout)))
    if not np.array_equal(read_span(replace(fmt, path=path), lo, lo + len(audio)), audio):
        raise ValueError(f"the samples of {fmt.path.name} are not stored where its chunks say")


def write_full_flac(encoded: Path, path: Path, fmt: SourceFormat, patches: Patches) -> bool:
    """Decode, replace, encode at the same depth, keep the tags, then decode again and compare every sample.

    encoded: where the encoder may write; path: the result. False when the source's tags could not be kept.
    """
    kind = SUBTYPES[fmt.depth]
    with soundfile.SoundFile(str(encoded), "w", fmt.rate, fmt.channels, kind, format="FLAC") as out:
        for lo in range(0, fmt.frames, BLOCK):
            out.write(patched_block(fmt, patches, (lo, fmt.frames)))
    kept = join_metadata(fmt.path, encoded, path)
    with soundfile.SoundFile(str(path)) as check:
        for lo in range(0, fmt.frames, BLOCK):
            decoded = check.read(BLOCK, dtype=fmt.dtype, always_2d=True)
            if not np.array_equal(decoded, patched_block(fmt, patches, (lo, fmt.frames))):
                raise ValueError(f"the encoded song differs from what was encoded behind sample {lo}")
    return kept


def patched_block(fmt: SourceFormat, patches: Patches, span: tuple[int, int]) -> Audio:
    """At most BLOCK samples from span[0] on, before span[1], of the song with the patches laid in."""
    lo, hi = span[0], min(span[0] + BLOCK, span[1])
    block = read_span(fmt, lo, hi)
    for start, audio in patches:
        first, stop = max(lo, start), min(hi, start + len(audio))
        if first < stop:
            block[first - lo : stop - lo] = audio[first - start : stop - start]
    return block


def write_longer(
    path: Path, fmt: SourceFormat, patches: Patches, span: tuple[int, int], bext: Bext | None
) -> None:
    """A song that begins before the source or ends behind it, source samples of span, in its container."""
    blocks = (patched_block(fmt, patches, (lo, span[1])) for lo in range(*span, BLOCK))
    if fmt.container not in WAVES:
        kind = SUBTYPES[fmt.depth]
        with soundfile.SoundFile(
            str(path), "w", fmt.rate, fmt.channels, kind, format=fmt.container.upper()
        ) as out:
            for block in blocks:
                out.write(block)
        return
    layout = read_layout(fmt.path)
    form_chunk = layout.find(b"fmt ")
    if form_chunk is None:
        raise ProtocolError("no-audio", f"{fmt.path.name} has no fmt chunk", "source")
    form = b"RF64" if fmt.container == "rf64" else layout.form
    size = (span[1] - span[0]) * fmt.channels * WIDTHS[fmt.depth]
    with path.open("wb") as file:
        file.write(wave_head(form, read_chunk(fmt.path, form_chunk), bext, size))
        for block in blocks:
            file.write(pack(block, fmt.depth, layout.order == "<"))
        file.write(b"\0" * (size % 2))


@dataclass(frozen=True, slots=True)
class NewForm:
    """The file a generated song becomes. samples: its exact length at `rate`; container: wav, aiff or flac;
    depth: 16 24 32 float; time_reference: its start in the project, samples at `rate`, >= 0; bars: for the
    name.
    """

    rate: int
    samples: int
    container: str
    depth: str
    time_reference: int
    bars: str


def check_form(form: NewForm) -> None:
    """Raise ProtocolError when no file can have this form."""
    if form.container not in ("wav", "aiff", "flac") or form.depth not in SUBTYPES:
        raise ProtocolError(
            "out-of-range", f"no {form.container} of depth {form.depth} can be written", "container"
        )
    if form.container == "flac" and form.depth not in ("16", "24"):
        raise ProtocolError("out-of-range", f"FLAC holds 16 or 24 bits, not {form.depth}", "bit_depth")


def write_new(path: Path, numbers: Audio, form: NewForm, bext: Bext | None) -> None:
    """A generated song's file; WAV with bext."""
    if form.container == "wav":
        chunk = format_body(form.depth, form.rate, numbers.shape[1])
        write_wave(path, b"RIFF", chunk, bext, pack(numbers, form.depth, True))
        return
    soundfile.write(
        str(path), numbers, form.rate, subtype=SUBTYPES[form.depth], format=form.container.upper()
    )
