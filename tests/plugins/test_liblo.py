"""liblo's oscsend and oscdump, from a shell script: nothing of ours on the client's side."""

import re

from tests.plugins.peers import PLUGINS, SCRIPTS, Stage, assert_each_ends_once, kinds_of, need

IDS = ("lo-describe", "lo-project", "lo-repaint", "lo-long", "lo-cancel", "lo-sync")


def test_oscsend_and_oscdump_hold_a_whole_session(stage: Stage) -> None:
    need("oscsend", "oscdump", "bash")
    text = stage.run("bash", str(SCRIPTS / "liblo_session.sh"), BARLINE_PORT=stage.osc_port)
    heard = re.findall(r'^\S+ /(\w+) \S+ "([\w-]*)"', text, re.MULTILINE)
    introduced = {name for _, name in heard if name.startswith("lo-notify")}
    assert introduced
    assert_each_ends_once(heard, {*IDS, *introduced})
    assert kinds_of(heard, "lo-repaint")[0] == "accepted" and kinds_of(heard, "lo-repaint")[-1] == "done"
    assert kinds_of(heard, "lo-long")[-1] == "cancelled"
    assert '"start_sample" 96000 "end_sample" 288000' in text


def test_the_shell_script_repaints_a_song_whose_name_has_a_space(stage: Stage) -> None:
    need("oscsend", "oscdump", "bash")
    command = ("bash", str(PLUGINS / "shell" / "repaint.sh"), str(stage.song), "120", "2", "4", "drums")
    text = stage.run(*command, BARLINE_PORT=stage.osc_port)
    assert len(re.findall(r'/done \w+ "[^"]+" "repaint"', text)) == 1
