#!/usr/bin/env bash
# Repaint bars of a song from the command line, with liblo's oscsend and oscdump (Debian package liblo-tools).
# usage: repaint.sh SONG BPM FIRST_BAR END_BAR [CAPTION]      bars count from 1; END_BAR is the first one kept
set -euo pipefail

song=$(realpath -- "$1") bpm=$2 start=$3 end=$4 caption=${5:-}
host=${BARLINE_HOST:-127.0.0.1} port=${BARLINE_PORT:-7770} ear=${BARLINE_EAR:-9000}
id="sh-$(date +%s)-$$" # the same id again would only be answered again

coproc answers { exec oscdump -L "$ear"; }
trap 'kill "$answers_PID" 2>/dev/null || true' EXIT
sleep 0.3
# oscsend uses a new port for each call, so the answers go to a port that stays.
oscsend "$host" "$port" /notify ssi "$id-n" port "$ear"
oscsend "$host" "$port" /project sssss "$id-p" name "$id" tempo "0 $bpm"
oscsend "$host" "$port" /repaint ssssssisiss "$id" project "$id" source "$song" start.bars "$start" end.bars "$end" \
  caption "$caption"

while read -r -t 600 -u "${answers[0]}" line; do
  echo "$line"
  case "$line" in
    *" /done "*" \"$id\" \"repaint\""*) exit 0 ;;
    *" /fail "*" \"$id"* | *" /cancelled "*" \"$id\""*) exit 1 ;;
  esac
done
echo "no answer: is the daemon running?" >&2
exit 1
