"""Which checkpoint was trained for which task (ACE-Step's own table). Must not import torch."""

from engine.config import AceStepConfig
from engine.errors import TaskError

BASIC = ("text2music", "repaint", "cover")
EVERY = (*BASIC, "extract", "lego", "complete")
FAMILY_TASKS = {"turbo": BASIC, "sft": BASIC, "base": EVERY}


def family_of(config: AceStepConfig, name: str = "") -> str:
    """ "turbo", "sft" or "base"; where the config does not say sft, the checkpoint's name may."""
    if config.turbo:
        return "turbo"
    return "sft" if "sft" in config.model_version or "sft" in name else "base"


def tasks_of(config: AceStepConfig, name: str = "") -> tuple[str, ...]:
    """What this checkpoint can do: what its config lists, else what its family can."""
    return config.tasks or FAMILY_TASKS[family_of(config, name)]


def able_checkpoint(config: AceStepConfig) -> str:
    """The official checkpoint of the same size that can do every task."""
    return "acestep-v15-xl-base" if config.has_timbre_token else "acestep-v15-base"


def refusal(config: AceStepConfig, name: str, task: str) -> str:
    """Why this checkpoint cannot do this task and which can; "" when it can."""
    able = tasks_of(config, name)
    if task in able:
        return ""
    cure = f"load {able_checkpoint(config)} for it"
    return f"task={task!r} is none of what {name or 'this checkpoint'} can do ({', '.join(able)}); {cure}"


def check_able(config: AceStepConfig, name: str, task: str) -> None:
    """Raises TaskError "no-task"."""
    text = refusal(config, name, task)
    if text:
        raise TaskError("no-task", text)
