#!/usr/bin/env bash
# examples/download.sh from a file server on this machine, with an interruption, and without a network.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$work"
command -v python3 >/dev/null && command -v curl >/dev/null || { echo "skipped: needs python3 and curl"; exit 0; }
mkdir served
cp "$root/examples/models/resmlp_cifar10.safetensors" served/resmlp_12_no_dist.pth
cat >server.py <<'END'
# A file server that can go on in the middle of a file, which http.server's own cannot.
import http.server, os, re, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_HEAD(self, body=False):
        path = "served" + self.path
        if not os.path.isfile(path):
            return self.send_error(404)
        data = open(path, "rb").read()
        start = re.match(r"bytes=(\d+)-", self.headers.get("Range", ""))
        first = int(start[1]) if start else 0
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {first}-{len(data) - 1}/{len(data)}")
        self.send_header("Content-Length", str(len(data) - first))
        self.end_headers()
        if body:
            open("ranges", "a").write(f"{first}\n")
            self.wfile.write(data[first:])
    def do_GET(self):
        self.do_HEAD(True)
    def log_message(self, *_):
        pass
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
END
python3 server.py >port &
server=$!
trap 'kill $server 2>/dev/null || true; rm -rf "$work"' EXIT
for _ in $(seq 100); do [ ! -s port ] || break; sleep 0.05; done
export TESSERA_MODELS=$work/models TESSERA_CLASSIFY=$programs/classify TESSERA_MIRROR=http://127.0.0.1:$(cat port) no_proxy=127.0.0.1
download=$root/examples/download.sh

# A part of an earlier try is completed, not fetched again; names of timm are understood.
mkdir models
head -c 100000 served/resmlp_12_no_dist.pth >models/resmlp_12_no_dist.pth.part
status 0 "$download" resmlp_12_224.fb_in1k
has out "$(sha256sum <served/resmlp_12_no_dist.pth | cut -d ' ' -f 1)"
has out "  cat"
[ "$(cat ranges)" = 100000 ] || fail "the download began at $(cat ranges), expected 100000"
same models/resmlp_12_no_dist.pth served/resmlp_12_no_dist.pth
status 0 "$download" resmlp_12_no_dist.pth "$photo"
lines ranges 1

# A file of another size is not trusted; names that are not known; no network.
echo more >>models/resmlp_12_no_dist.pth
status 1 "$download" resmlp_12_no_dist.pth
has err "remove it to fetch it again"
status 2 "$download" resmlp_13
lines err 1
kill $server
status 1 "$download" resmlp_24_no_dist.pth
lines err 1
has err "are you online?"
