#!/usr/bin/env bash
# examples/cluster on a Spark cluster of two workers on this machine, one of which is killed. Skipped where PySpark or Java is missing.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$work"
python3 -c "import pyspark" 2>/dev/null && command -v java >/dev/null || { echo "skipped: PySpark or Java is not installed"; exit 0; }
mkdir many
for i in $(seq 1000 1199); do ln -s "$photo" "many/$i.jpg"; done
rm many/1100.jpg && head -c 300 "$photo" >many/1100.jpg
classify --model spach_ms_cifar10 --jsonl many >whole.jsonl 2>/dev/null || true

# Each part waits a little, so that the worker dies in the middle of the work.
cat >slow_classify <<END
#!/bin/sh
sleep 0.5
exec "$programs/classify" "\$@"
END
chmod +x slow_classify
export SPARK_LOCAL_IP=127.0.0.1
python3 - "$root/examples/cluster/classify_spark.py" >out 2>err <<'END' &
import os, runpy, sys
from pyspark.sql import SparkSession
SparkSession.builder.master("local-cluster[2,1,512]").config("spark.ui.enabled", "false").config("spark.executor.memory", "512m").getOrCreate()
sys.argv = [sys.argv[1], "--classify", os.path.abspath("slow_classify"), "--model", "spach_ms_cifar10", "--parts", "20", "--out", "answers", "many"]
runpy.run_path(sys.argv[0], run_name="__main__")
END
spark=$!
descendants() { local child; for child in $(ps -o pid= --ppid "$1"); do echo "$child"; descendants "$child"; done; }
executor=
for _ in $(seq 600); do
  kill -0 $spark 2>/dev/null || break
  if ls answers/_temporary/0/*/part-* answers/_temporary/0/*/*/part-* >/dev/null 2>&1; then
    for pid in $(descendants $spark); do
      ! ps -o args= -p "$pid" | grep -q CoarseGrainedExecutorBackend || executor=$pid
    done
    break
  fi
  sleep 0.1
done
[ -n "$executor" ] || fail "found no worker to kill: $(tail -c 800 err)"
kill -9 "$executor"
found=0
wait $spark || found=$?
[ "$found" = 1 ] || fail "found exit status $found, expected 1: $(tail -c 800 err)"
has out "200 images, 1 could not be read"
cat answers/part-* >joined.jsonl
same joined.jsonl whole.jsonl
