# shellcheck shell=bash
# A server with its client and its benchmark.
need redis-server redis-tools

port=$((20000 + RANDOM % 20000))
"$runner" -L "$root" /usr/bin/redis-server --port $port --save '' >redis.log 2>&1 &
server=$!
for _ in $(seq 600); do
    grep -q 'Ready to accept' redis.log && break
    sleep 0.1
done
is "redis" "$(in_guest /usr/bin/redis-cli -p $port set key value) $(in_guest /usr/bin/redis-cli -p $port get key)" "OK value"
in_guest /usr/bin/redis-benchmark -p $port -q -n 2000 -c 10 -t set,get,lpush >benchmark 2>&1
is "redis-benchmark" "$(tr '\r' '\n' <benchmark | grep -c 'requests per second')" 3
in_guest /usr/bin/redis-cli -p $port shutdown nosave >/dev/null 2>&1
wait $server
is "redis's end" $? 0
