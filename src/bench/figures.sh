#!/bin/sh
# Runs a class of the tests that measures something in a directory of its own, which is removed at the end.
#   src/bench/figures.sh CLASS FILES TIMES [DIRECTORY]
# DIRECTORY must not exist; it decides which file system is measured. Needs a build (mvn -DskipTests test-compile).
set -eu
cd "$(dirname "$0")/../.."
directory=${4:-$(mktemp -u)}
classpath=$(mktemp)
trap 'rm -rf "$directory" "$classpath"' EXIT
mkdir "$directory"
mvn -q -B dependency:build-classpath -Dmdep.outputFile="$classpath" -DincludeScope=test
java -Xmx384m -XX:+UseSerialGC -cp "target/classes:target/test-classes:$(cat "$classpath")" \
    "$1" "$directory" "$2" "$3"
