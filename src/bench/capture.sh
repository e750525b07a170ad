#!/bin/sh
# What captures cost a node whose database has many files: prints rows of p50, p95 and the longest of each, in ms.
#   src/bench/capture.sh [FILES [CAPTURES [DIRECTORY]]]
# DIRECTORY must not exist; it decides which file system is measured. Needs a build (mvn -DskipTests test-compile).
set -eu
cd "$(dirname "$0")/../.."
files=${1:-20000}
captures=${2:-50}
directory=${3:-$(mktemp -u)}
classpath=$(mktemp)
trap 'rm -rf "$directory" "$classpath"' EXIT
mkdir "$directory"
mvn -q -B dependency:build-classpath -Dmdep.outputFile="$classpath" -DincludeScope=test
java -Xmx384m -XX:+UseSerialGC -cp "target/classes:target/test-classes:$(cat "$classpath")" \
    caravan.capture.CaptureFigures "$directory" "$files" "$captures"
