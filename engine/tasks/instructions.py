"""What the model is told to do, word for word as it was trained, and the twelve stem classes."""

INSTRUCTIONS = {
    "text2music": "Fill the audio semantic mask based on the given conditions:",
    "repaint": "Repaint the mask area based on the given conditions:",
    "cover": "Generate audio semantic tokens based on the given conditions:",
    "extract": "Extract the {TRACK_NAME} track from the audio:",
    "lego": "Generate the {TRACK_NAME} track based on the audio context:",
    "complete": "Complete the input track with {TRACK_CLASSES}:",
}
UNNAMED = {
    "extract": "Extract the track from the audio:",
    "lego": "Generate the track based on the audio context:",
    "complete": "Complete the input track:",
}
STEM_CLASSES = (
    "woodwinds",
    "brass",
    "fx",
    "synth",
    "strings",
    "percussion",
    "keyboard",
    "guitar",
    "bass",
    "drums",
    "backing_vocals",
    "vocals",
)


def instruction(task: str, stem_classes: tuple[str, ...] = ()) -> str:
    """The sentence for a task; stem classes go in upper-cased, several joined with " | "."""
    if not stem_classes and task in UNNAMED:
        return UNNAMED[task]
    names = " | ".join(name.upper() for name in stem_classes)
    return INSTRUCTIONS[task].format(TRACK_NAME=names, TRACK_CLASSES=names)
