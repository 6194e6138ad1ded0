#!/usr/bin/env bash
# describe, project, repaint, cancel with oscsend; everything oscdump hears goes to standard output.
set -euo pipefail
ear=9137

coproc answers { exec oscdump -L "$ear"; }
trap 'kill "$answers_PID" 2>/dev/null || true' EXIT
say() { oscsend 127.0.0.1 "$BARLINE_PORT" "$@"; }
# Passes on what is heard until a line holds all of the given words.
until_heard() {
  local line word
  while read -r -t 60 -u "${answers[0]}" line; do
    echo "$line"
    for word in "$@"; do [[ "$line" == *"$word"* ]] || continue 2; done
    return 0
  done
  echo "waited in vain for $*" >&2
  return 1
}

# oscdump says nothing when it begins to listen, so the first message is repeated until its answer is heard.
for try in {1..100}; do
  say /notify ssi "lo-notify-$try" port "$ear"
  if read -r -t 0.5 -u "${answers[0]}" line; then
    echo "$line"
    break
  fi
done
say /describe sss lo-describe what limits
say /project ssssfss lo-project name liblo tempo 120 meter 4/4
say /repaint ssssssisisfsi lo-repaint project liblo source "$SONG" start.bars 2 end.bars 4 strength 0.5 seed 7
until_heard /done '"lo-repaint"'
say /repaint ssssssisisisi lo-long project liblo source "$SONG" start.bars 2 end.bars 4 steps 20 takes 8
until_heard /accepted '"lo-long"'
say /cancel sss lo-cancel job lo-long
until_heard /cancelled '"lo-long"'
say /sync s lo-sync
until_heard /synced
