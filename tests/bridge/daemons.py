"""Daemons for tests, in this process, with an engine that makes no music."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from bridge.client import Client, WebClient, connect_osc, connect_ws
from bridge.config import Config
from bridge.daemon import running
from bridge.parts import Bridge
from protocol.messages import Generate, Repaint
from protocol.replies import Reply
from protocol.values import BarCount, Bars

LITTLE_ENGINE = (str(Path(__file__).with_name("little_engine.py")),)
CHECKPOINT = (
    "hollow-dit/config.json",
    "hollow-dit/model.safetensors",
    "hollow-dit/silence_latent.pt",
    "vae/config.json",
    "vae/diffusion_pytorch_model.safetensors",
    "text-encoder/config.json",
    "text-encoder/tokenizer.json",
    "text-encoder/model.safetensors",
)


@dataclass(frozen=True, slots=True)
class Daemon:
    """A daemon that runs in this process."""

    bridge: Bridge
    place: Path

    @property
    def song(self) -> Path:
        """Twelve seconds: six bars at 120 bpm."""
        return self.place / "song.wav"

    @property
    def takes(self) -> set[str]:
        """Names of everything that lies where takes go, hidden or not."""
        return {path.name for path in (self.place / "data" / "takes").rglob("*")}

    def osc(self) -> AbstractAsyncContextManager[Client]:
        """A client by OSC."""
        return connect_osc("127.0.0.1", self.bridge.ports.osc)

    def ws(self, token: str = "") -> AbstractAsyncContextManager[WebClient]:
        """A client by WebSocket."""
        return connect_ws(f"ws://127.0.0.1:{self.bridge.ports.ws}", token)

    def repaint(self, request_id: str, caption: str = "steps 2 0", **more: Any) -> Repaint:
        """A repaint of bars 2 and 3; the caption steers the little engine."""
        fields = {"source": str(self.song), "start": Bars(2), "end": Bars(4)} | more
        return Repaint(request_id=request_id, caption=caption, **fields)

    def generate(self, request_id: str, caption: str = "steps 2 0", **more: Any) -> Generate:
        """A new piece of two bars."""
        return Generate(request_id=request_id, caption=caption, **{"length": BarCount(2)} | more)


def config_for(place: Path, **changes: Any) -> Config:
    """A set-up with the little engine and everything below `place`."""
    for name in CHECKPOINT:
        path = place / "models" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    config = Config(
        data=place / "data",
        osc_port=0,
        ws_port=0,
        model_roots=(place / "models",),
        roots=(place.resolve(),),
        engine_program=LITTLE_ENGINE,
    )
    return replace(config, **changes)


def write_song(path: Path, seconds: float = 12.0, rate: int = 48_000) -> Path:
    """A stereo WAV of 24 bits, quiet noise."""
    noise = np.random.default_rng(3).standard_normal((round(seconds * rate), 2))
    soundfile.write(path, 0.1 * noise, rate, subtype="PCM_24")
    return path


@asynccontextmanager
async def little_daemon(place: Path, **changes: Any) -> AsyncIterator[Daemon]:
    """A daemon with the little engine; `changes` of its Config."""
    if not (place / "song.wav").exists():
        write_song(place / "song.wav")
    async with running(config_for(place, **changes)) as bridge:
        yield Daemon(bridge, place)


async def replies(client: Client | WebClient, request: Any) -> list[Reply]:
    """All replies to a request, in their order."""
    async with asyncio.timeout(20):
        return [reply async for reply in client.request(request)]


async def ask(client: Client | WebClient, request: Any) -> Any:
    """The reply that ends a request."""
    return await client.ask(request, 20)


async def begun(client: Client | WebClient, request: Any) -> "asyncio.Task[list[Reply]]":
    """Starts a job and waits until the engine has made a step of it; its replies to come."""
    started = asyncio.Event()

    async def hear() -> list[Reply]:
        heard = []
        async for reply in client.request(request):
            heard.append(reply)
            if getattr(reply, "stage", "") == "denoise":
                started.set()
        started.set()
        return heard

    task = asyncio.create_task(hear())
    async with asyncio.timeout(20):
        await started.wait()
    return task


def beats(number: int) -> Fraction:
    """A number of quarter notes."""
    return Fraction(number)
