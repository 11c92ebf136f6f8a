#!/usr/bin/env bash
# Fetches a published checkpoint from its publisher, shows its SHA-256, and classifies a photo with it:
#   examples/download.sh resmlp_12_no_dist.pth [PHOTO...]
# NAME is a file, a timm tag or a name of docs/checkpoints.md. An interrupted download goes on where it stopped. Files go into
# ~/.cache/tessera, or the folder $TESSERA_MODELS, where `classify --model` finds them. $TESSERA_MIRROR replaces the publisher's address,
# $TESSERA_CLASSIFY names a classify program that is built already.
set -euo pipefail
stop() { echo "download.sh: $1" >&2; exit "$2"; }
[ $# -gt 0 ] || stop "found no name, expected one of docs/checkpoints.md, such as resmlp_12_no_dist.pth" 2
folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$folder")
name=$1
shift

# The row of the table that has the name between backquotes, with the address that stands above the table: FILE ALIAS ADDRESS.
read -r file alias address < <(awk -v name="$name" '
  /^Download from `/ { split($0, part, "`"); address = part[2] }
  /`https:\/\/storage.googleapis.com/ { address = "https://storage.googleapis.com/mixer_models/FILE" }
  /^\| `/ && index($0, "`" name "`") { split($0, cell, "|"); split(cell[2], file, "`"); split(cell[4], alias, "`"); print file[2], alias[2], address; exit }
' "$root/docs/checkpoints.md") || stop "found $name, expected a file or name of docs/checkpoints.md" 2
url=${address/FILE/$file}
[ -z "${TESSERA_MIRROR:-}" ] || url=$TESSERA_MIRROR/$file

target=${TESSERA_MODELS:-$HOME/.cache/tessera}/$(basename "$file")
mkdir -p "$(dirname "$target")"
size=$(curl -sSfIL "$url" 2>/dev/null | tr -d '\r' | awk 'tolower($1) == "content-length:" { size = $2 } END { print size }') || size=
if [ ! -e "$target" ]; then
  [ -n "$size" ] || stop "no answer from $url; are you online?" 1
  quiet=(-sS)
  [ ! -t 2 ] || quiet=(--progress-bar)
  curl -fL -C - --retry 3 "${quiet[@]}" -o "$target.part" "$url" || stop "the download of $url stopped; call this again to go on" 1
  found=$(wc -c <"$target.part")
  [ "$found" = "$size" ] || { rm "$target.part"; stop "found $found bytes, expected $size of $url; call this again" 1; }
  mv "$target.part" "$target"
elif [ -n "$size" ] && [ "$(wc -c <"$target")" != "$size" ]; then
  stop "$target has $(wc -c <"$target") bytes, expected $size; remove it to fetch it again" 1
fi
sha256sum "$target"

classify=${TESSERA_CLASSIFY:-}
if [ -z "$classify" ]; then
  # The network that the checkpoint is of: struct ALIAS : NETWORK, or WithClasses<NETWORK, ...>.
  network=$(grep -rhE "^struct $alias : " "$root/include/tessera/models" | sed -E 's/^struct [A-Za-z0-9]+ : (AsAuthors<|WithClasses<)?([A-Za-z0-9]+).*/\2/')
  build=$root/build/download-$network
  echo "Building classify with $network (a minute or two) ..."
  cmake -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS=-march=native -DTESSERA_BUILD_TESTS=OFF -DTESSERA_BUILD_BENCH=OFF \
    -DTESSERA_COMPILED_NETWORKS="$network" >/dev/null
  cmake --build "$build" --target classify >/dev/null
  classify=$build/examples/classify
fi
[ $# -gt 0 ] || set -- "$folder/photos/cat.jpg"
"$classify" --weights "$target" "$@"
