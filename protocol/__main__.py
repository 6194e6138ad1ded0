"""Write the generated files: python -m protocol [ROOT], ROOT being the repository (default: here)."""

import sys
from pathlib import Path

from protocol.generated import GOLDEN, generated_files


def write_generated(root: Path) -> None:
    """Write docs, schema and golden bytes below `root`; drop golden files that no message makes any more."""
    files = generated_files()
    golden = root / GOLDEN
    golden.mkdir(parents=True, exist_ok=True)
    for path in golden.iterdir():
        if f"{GOLDEN}/{path.name}" not in files:
            path.unlink()
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)


if __name__ == "__main__":
    write_generated(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
