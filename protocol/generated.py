"""Every file made from the declarations: `python -m protocol` writes them, a test says when one is stale."""

import json

from protocol import binary, examples, json_text, osc
from protocol.reference import build_reference
from protocol.schema import build_schema

GOLDEN = "tests/protocol/golden"


def generated_files() -> dict[str, bytes]:
    """Content by path from the repository root."""
    schema = json.dumps(build_schema(), indent=1, ensure_ascii=False) + "\n"
    return {
        "docs/PROTOCOL.md": build_reference().encode(),
        "docs/schema.json": schema.encode(),
        **{f"{GOLDEN}/{name}": content for name, content in golden_files().items()},
    }


def golden_files() -> dict[str, bytes]:
    """The bytes of every example on every wire: the contract with clients in other languages."""
    files: dict[str, bytes] = {}
    for request in examples.REQUESTS:
        name = f"request.{request.spec.name}"
        files[f"{name}.json"] = json_text.encode_request(request).encode()
        if "osc" in request.spec.transports:
            files[f"{name}.osc"] = osc.encode_request(request)
    for reply in examples.REPLIES:
        name = ".".join(filter(None, ("reply", reply.spec.name, reply.spec.command)))
        files[f"{name}.json"] = json_text.encode_reply(reply).encode()
        files[f"{name}.osc"] = osc.encode_reply(reply)
    files["bundle.osc"] = osc.encode_bundle(examples.BUNDLE, examples.BUNDLE_DUE)
    files["frame.upload.bin"] = binary.encode_frame(examples.FRAME)
    return files
