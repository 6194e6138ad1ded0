"""The singers: who they are, their register and the make of their voices."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Singer:
    """A voice.

    low, high: MIDI pitches it sings.  tract: formants against an adult man's.  tilt_hz: where its overtones
    start to fall off (brightness).  breath: level of the breath against the voice.  vibrato: Hz and cents.
    jitter: cents.  glide_s: time to slide from note to note.  ring_db: level of the singer's formant.
    """

    name: str
    sex: str
    low: int
    high: int
    tract: float
    tilt_hz: float
    breath: float
    vibrato: tuple[float, float]
    jitter: float
    glide_s: float
    ring_db: float


SINGERS = (
    Singer("soprano", "female", 60, 81, 1.2, 2600, 0.04, (5.8, 45), 4, 0.06, 3),
    Singer("airy soprano", "female", 59, 78, 1.22, 1500, 0.16, (5.2, 15), 6, 0.08, 0),
    Singer("mezzo-soprano", "female", 57, 76, 1.16, 2800, 0.05, (5.5, 30), 5, 0.07, 2),
    Singer("alto", "female", 53, 73, 1.13, 2200, 0.06, (5.3, 28), 5, 0.07, 2),
    Singer("breathy alto", "female", 53, 71, 1.15, 1300, 0.22, (5.0, 12), 7, 0.09, 0),
    Singer("belting", "female", 55, 76, 1.12, 4200, 0.03, (5.9, 35), 6, 0.05, 4),
    Singer("husky", "female", 52, 70, 1.08, 2000, 0.14, (5.1, 20), 11, 0.08, 0),
    Singer("youthful", "female", 58, 77, 1.26, 3000, 0.07, (5.6, 14), 6, 0.06, 0),
    Singer("tenor", "male", 50, 69, 1.03, 3000, 0.04, (5.6, 32), 4, 0.06, 4),
    Singer("soft tenor", "male", 50, 67, 1.02, 1500, 0.14, (5.1, 14), 6, 0.08, 0),
    Singer("rock tenor", "male", 51, 71, 1.0, 4500, 0.06, (5.4, 20), 10, 0.05, 3),
    Singer("falsetto", "male", 57, 76, 1.05, 1200, 0.16, (5.5, 22), 6, 0.08, 0),
    Singer("baritone", "male", 44, 63, 0.98, 2500, 0.05, (5.3, 28), 5, 0.07, 3),
    Singer("warm baritone", "male", 45, 63, 0.96, 1700, 0.09, (5.0, 18), 6, 0.08, 1),
    Singer("bass-baritone", "male", 41, 60, 0.93, 2300, 0.05, (5.1, 25), 5, 0.08, 3),
    Singer("deep bass", "male", 38, 57, 0.89, 1900, 0.07, (4.9, 18), 6, 0.09, 1),
)
