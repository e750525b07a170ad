#!/bin/sh
# What publications cost a node that is writing: prints p50, p99, p99.9 and the longest of its batches, in ms, during each
# publication and for as long without one.
#   src/bench/busy.sh [FILES [PUBLICATIONS [DIRECTORY]]]
# DIRECTORY must not exist; it decides which file system is measured. Needs a build (mvn -DskipTests test-compile).
set -eu
cd "$(dirname "$0")/../.."
files=${1:-20000}
publications=${2:-3}
directory=${3:-$(mktemp -u)}
classpath=$(mktemp)
trap 'rm -rf "$directory" "$classpath"' EXIT
mkdir "$directory"
mvn -q -B dependency:build-classpath -Dmdep.outputFile="$classpath" -DincludeScope=test
java -Xmx384m -XX:+UseSerialGC -cp "target/classes:target/test-classes:$(cat "$classpath")" \
    caravan.app.pipeline.PublishFigures "$directory" "$files" "$publications"
