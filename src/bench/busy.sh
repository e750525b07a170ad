#!/bin/sh
# What publications cost a node that is writing: prints p50, p99, p99.9 and the longest of its batches, in ms, during each
# publication and for as long without one.
#   src/bench/busy.sh [FILES [PUBLICATIONS [DIRECTORY]]]
# DIRECTORY and what is needed: see figures.sh.
exec "$(dirname "$0")/figures.sh" caravan.app.pipeline.PublishFigures "${1:-20000}" "${2:-3}" ${3:+"$3"}
