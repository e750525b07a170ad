#!/bin/sh
# What captures cost a node whose database has many files: prints rows of p50, p95 and the longest of each, in ms.
#   src/bench/capture.sh [FILES [CAPTURES [DIRECTORY]]]
# DIRECTORY and what is needed: see figures.sh.
exec "$(dirname "$0")/figures.sh" caravan.capture.CaptureFigures "${1:-20000}" "${2:-50}" ${3:+"$3"}
