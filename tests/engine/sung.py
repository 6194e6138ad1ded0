"""Made-up attention that follows lyrics on a known path, and lyrics in many scripts."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.alignment.align import Sheet

LYRICS = {
    "latin": "[Verse 1]\nWhen the morning comes\nI'll be on the road again\n\n[Chorus]\nRoll on, river",
    "diacritics": "Tiếng hát bên sông\nĐường về nhà xa",  # composed
    "decomposed": "Cafe\u0301 re\u0301sume\u0301\nnai\u0308ve de\u0301ja\u0300",
    "cyrillic": "Белый снег летит\nнад рекой моей",
    "greek": "Πάμε στη θάλασσα\nμαζί το πρωί",
    "arabic": "يا ليل يا عين\nسافر قلبي بعيدا",
    "hebrew": "שלום עולם יפה\nשיר של יום חדש",
    "persian": "می\u200cروم تا دریا\nبا صدای باران",
    "hindi": "दिल की बात सुनो\nरात ढल गई",
    "tamil": "வானம் நீலம் தான்\nகாற்று வந்தது",
    "thai": "ฝนตกที่หน้าต่าง\nรอเธอกลับมา",
    "han": "你好，世界\n月亮代表我的心",
    "japanese": "さくら さくら\n野山も里も\nカーテンがゆれる",
    "korean": "안녕 나의 사랑\n별이 빛나는 밤",
    "georgian": "სიმღერა ჩემი\nშორს მიდის",
    "armenian": "Իմ անուշ երգը\nհեռու է գնում",
    "amharic": "ሰላም ለዓለም\nፍቅር ነው",
    "khmer": "ផ្កា រីក ស្អាត\nខ្យល់ បក់",
    "emoji": "love 👩‍👩‍👧 you ❤️\nна на 🎵",
}
RIGHT_TO_LEFT = ("arabic", "hebrew", "persian")


@dataclass(frozen=True, slots=True)
class Sung:
    """A performance: columns (rows, 2) in which each row is sung, and the attention of who listens."""

    columns: NDArray[np.intp]
    attention: Tensor


def perform(sheet: Sheet, seed: int = 0, heads: int = 3, noise: float = 0.02) -> Sung:
    """Rows sung in order, 1 to 6 columns each, with rests between lines and around; noisy heads."""
    rng = np.random.default_rng(seed)
    columns, at, before = [], int(rng.integers(5, 30)), sheet.of_line[0]
    for line in sheet.of_line:
        at += int(rng.integers(8, 40)) if line != before else 0
        length = int(rng.integers(1, 7))
        columns.append((at, at + length))
        at, before = at + length, line
    attention = rng.random((heads, len(columns), at + 25)) * noise
    for row, (first, stop) in enumerate(columns):
        attention[:, row, first:stop] += rng.uniform(0.5, 0.9, (heads, stop - first))
    return Sung(np.array(columns), torch.tensor(attention, dtype=torch.float32))
