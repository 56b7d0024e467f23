# shellcheck shell=bash
# gcc and tcc compile SQLite's amalgamation, and what they made computes.
need gcc libc6-dev tcc sqlite3
"$top/tools/guests/fetch-source" "$(dirname "$root")/sources" sqlite3 || skip "SQLite's source cannot be fetched"
command -v tclsh >/dev/null || skip "there is no tclsh"

("$(dirname "$root")/sources/sqlite3/configure" --disable-tcl && make sqlite3.c shell.c) >make.log 2>&1 || skip "$(tail -n 1 make.log)"
query='create table t(a integer primary key, b text, c real);
with recursive n(x) as (values(1) union all select x+1 from n where x<3000)
    insert into t select x, hex(x*x) || printf("%05d", x), x/7.0 from n;
create index i on t(b);
select count(*), sum(a), printf("%.6f", sum(c)), max(b), min(b) from t where b like "3%";
select group_concat(a) from (select a from t order by b limit 5); pragma integrity_check;'
expected=$(sqlite3 :memory: "$query" 2>/dev/null || in_guest /usr/bin/sqlite3 :memory: "$query")
in_guest /usr/bin/tcc -o by-tcc sqlite3.c shell.c -ldl -lpthread -lm
is "tcc" "$(in_guest ./by-tcc :memory: "$query")" "$expected"
in_guest /usr/bin/gcc -O1 -w -o by-gcc sqlite3.c shell.c -ldl -lpthread -lm
is "gcc" "$(in_guest ./by-gcc :memory: "$query")" "$expected"
