# Shared by the tests of the programs, which are called as: TEST.sh FOLDER_OF_PROGRAMS REPOSITORY
set -euo pipefail
programs=$(realpath "$1")
root=$(realpath "$2")
photo=$root/examples/photos/cat.jpg
spach=$root/examples/models/spach_ms_cifar10.safetensors
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
PATH=$programs:$PATH
unset TESSERA_MODELS

fail() {
  echo "FAILED: $*" >&2
  exit 1
}
# status WANTED COMMAND...: runs the command, whose output goes to $work/out and $work/err, and checks its exit status.
status() {
  local wanted=$1 found=0
  shift
  "$@" >"$work/out" 2>"$work/err" || found=$?
  [ "$found" = "$wanted" ] || fail "found exit status $found, expected $wanted: $* ($(head -c 500 "$work/err"))"
}
# has FILE TEXT: the file has the text.
has() { grep -qF -- "$2" "$1" || fail "found no \"$2\" in: $(head -c 800 "$1")"; }
# lines FILE COUNT
lines() { [ "$(wc -l <"$1")" = "$2" ] || fail "found $(wc -l <"$1") lines in $1, expected $2"; }
same() { cmp "$1" "$2" || fail "$1 and $2 differ"; }
